/* The timer of a score sheet: elapsed and limit, warning before and after it, putting right what was not stopped in time.
   A clock is {started: ms|null, seconds: what was taken before}. Knows no network and no storage. window.judgeTimer */
(function () {
  "use strict";
  const h = window.judgeSheet.h;
  const WARN_BEFORE = 300;

  const taken = (clock) => Number(clock.seconds) || 0;
  const running = (clock) => (clock.started ? Math.max(0, Math.floor((Date.now() - clock.started) / 1000)) : 0);
  const elapsed = (clock) => Math.floor(taken(clock)) + running(clock);
  const stopped = (clock) => (clock.started ? { seconds: elapsed(clock), started: null } : clock);
  const clockwise = (seconds) => Math.floor(seconds / 60) + ":" + String(seconds % 60).padStart(2, "0");

  /* What the judge is told beside the button, and in which colour. */
  function says(clock, sheet) {
    const now = elapsed(clock), limit = sheet.limit_seconds;
    if (!limit) return { text: now || clock.started ? "用时 " + clockwise(now) : "", tone: "" };
    const text = clockwise(now) + " / " + clockwise(limit);
    if (now > limit) {
      const stop = sheet.stop_seconds && now >= sheet.stop_seconds ? "，已到终止时间" : "";
      return { text: text + "，已超时 " + clockwise(now - limit) + stop, tone: "is-over" };
    }
    return limit - now <= WARN_BEFORE && now > 0 ? { text: text + "，还剩 " + clockwise(limit - now), tone: "is-near" } : { text, tone: "" };
  }

  function show(clock, sheet) {
    const place = document.getElementById("sheet-time"), button = document.getElementById("sheet-timer");
    if (!place) return;
    const { text, tone } = says(clock, sheet);
    if (place.textContent !== text) place.textContent = text;
    place.className = tone;
    if (button) button.textContent = clock.started ? "停止计时" : taken(clock) ? "继续计时" : "开始计时";
  }

  /* A judge forgot the button: minutes and seconds as they really were. */
  function correction(clock, corrected) {
    const now = elapsed(clock);
    const field = (id, label, value, most) => h("label", {}, h("input", { id, inputmode: "numeric", maxlength: most, value, autocomplete: "off" }), label);
    const fields = [field("time-minutes", " 分 ", Math.floor(now / 60), "5"), field("time-seconds", " 秒 ", now % 60, "2")];
    const wrong = h("p", { class: "aspect-says", role: "alert" });
    const set = () => {
      const [minutes, seconds] = fields.map((each) => each.firstChild.value.normalize("NFKC").trim() || "0");
      const fits = /^\d{1,5}$/.test(minutes) && /^\d{1,2}$/.test(seconds) && Number(seconds) < 60 && Number(minutes) <= 14400;
      wrong.textContent = fits ? "" : "请填写分和秒，秒不超过 59";
      if (fits) corrected({ started: null, seconds: Number(minutes) * 60 + Number(seconds) });
    };
    return h("details", { class: "sheet-time" }, h("summary", {}, "改正用时（忘记开始或停止计时时）"),
      h("div", { class: "sheet-time-fields" }, fields, h("button", { type: "button", class: "btn", id: "time-set", onclick: set }, "改为这一用时")), wrong);
  }

  window.judgeTimer = { correction, show, stopped };
})();
