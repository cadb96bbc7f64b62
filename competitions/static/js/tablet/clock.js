/* The time that a code takes: elapsed, limit, warning before and after it, putting right what was not stopped in time.
   A clock is {started: milliseconds or null, seconds: what was taken before, as a decimal, or null}; time counts in the
   ranking, so seconds are exact like marks. Pure: is told what time it is (`now`, milliseconds). */
import { exact, shown, tidy, UNIT } from "./decimals.js";

const WARN_BEFORE = 300n * UNIT;
const MOST_MINUTES = 14400n;   /* ten days, as the server */

export function elapsed(clock, now) {
  const running = clock.started ? Math.max(0, Math.floor((now - clock.started) / 1000)) : 0;
  return (exact(clock.seconds) ?? 0n) + BigInt(running) * UNIT;
}

export const started = (clock, now) => ({ ...clock, started: now });
export const stopped = (clock, now) => (clock.started ? { started: null, seconds: shown(elapsed(clock, now)) } : clock);

function clockwise(units) {
  const [minutes, seconds] = [units / (60n * UNIT), shown(units % (60n * UNIT))];
  return minutes + ":" + (/^\d(\.|$)/.test(seconds) ? "0" + seconds : seconds);
}

/* What the judge is told of the time, and in which tone. */
export function said(clock, { limit_seconds, stop_seconds }, now) {
  const taken = elapsed(clock, now), limit = exact(limit_seconds), stop = exact(stop_seconds);
  if (!limit) return { text: taken || clock.started ? "用时 " + clockwise(taken) : "", tone: "" };
  const text = clockwise(taken) + " / " + clockwise(limit);
  if (taken > limit) {
    const ended = stop && taken >= stop ? "，已到终止时间" : "";
    return { text: text + "，已超时 " + clockwise(taken - limit) + ended, tone: "is-over" };
  }
  const isNear = taken > 0n && limit - taken <= WARN_BEFORE;
  return isNear ? { text: text + "，还剩 " + clockwise(limit - taken), tone: "is-near" } : { text, tone: "" };
}

/* The word on the button. */
export const next = (clock) => (clock.started ? "停止计时" : exact(clock.seconds) ? "继续计时" : "开始计时");

/* Whole minutes and seconds for the fields in which the time is put right. */
export function parts(clock, now) {
  const whole = elapsed(clock, now) / UNIT;
  return { minutes: String(whole / 60n), seconds: String(whole % 60n) };
}

/* The clock as minutes and seconds say (blank is 0); null when they do not fit. */
export function corrected(minutes, seconds) {
  const [m, s] = [tidy(minutes) || "0", tidy(seconds) || "0"];
  if (!/^\d{1,5}$/.test(m) || !/^\d{1,2}$/.test(s) || BigInt(s) > 59n || BigInt(m) > MOST_MINUTES) return null;
  return { started: null, seconds: String(BigInt(m) * 60n + BigInt(s)) };
}
