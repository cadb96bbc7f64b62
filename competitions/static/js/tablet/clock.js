/* The time that a code takes: elapsed, limit, warning before and after it, putting right what was not stopped in time.
   A clock is {started: milliseconds or null, seconds: what was taken before, as a decimal, or null, runs: when it ran
   before, as [from, to] in seconds since the epoch, or null where nobody knows}; time counts in the ranking, so
   seconds are exact like marks. Stops of the hall are no part of the clock, which runs on: what is shown leaves
   them out. Pure: is told what time it is (`now`, milliseconds) and how many seconds this tablet is `ahead` of the
   server. */
import { exact, shown, tidy, UNIT } from "./decimals.js";

const WARN_BEFORE = 300n * UNIT;
const MOST_MINUTES = 14400n;   /* ten days, as the server */
const MOST_RUNS = 50;

const running = (clock, now) => (clock.started ? Math.max(0, Math.floor((now - clock.started) / 1000)) : 0);

/* From the beginning to the end, the stops of the hall among it. */
export function elapsed(clock, now) {
  return (exact(clock.seconds) ?? 0n) + BigInt(running(clock, now)) * UNIT;
}

/* When the clock ran, the run that goes on among it; null where nobody knows (put right by hand). */
function runsOf(clock, now, ahead) {
  const before = clock.runs ?? (exact(clock.seconds) ? null : []);
  if (!before || !clock.started) return before;
  const begins = Math.floor(clock.started / 1000) - ahead;
  return before.length < MOST_RUNS ? [...before, [begins, begins + running(clock, now)]] : null;
}

export const started = (clock, now) => ({ ...clock, started: now });
export const stopped = (clock, now, ahead = 0) => (clock.started
  ? { started: null, seconds: shown(elapsed(clock, now)), runs: runsOf(clock, now, ahead) } : clock);

/* Seconds of the hall's stops (in order, without overlap; the last may still last) in which the clock ran. */
export function standing(clock, { stops = [], written = 0 }, now, ahead = 0) {
  const runs = runsOf(clock, now, ahead) || [[0, Infinity]], moment = Math.floor(now / 1000) - ahead;
  let found = written;
  for (const [from, to] of stops) {
    for (const [begins, ends] of runs) found += Math.max(0, Math.min(to ?? moment, ends) - Math.max(from, begins));
  }
  return found;
}

function clockwise(units) {
  const [minutes, seconds] = [units / (60n * UNIT), shown(units % (60n * UNIT))];
  return minutes + ":" + (/^\d(\.|$)/.test(seconds) ? "0" + seconds : seconds);
}

/* What was taken without the stops of the hall, in millionths, and how much of it is said. */
function net(clock, hall, now, ahead) {
  const all = elapsed(clock, now), out = BigInt(standing(clock, hall, now, ahead)) * UNIT;
  const isSaid = all > 0n && out > 0n;
  return { taken: all > out ? all - out : 0n, left: isSaid ? "（已扣停表 " + clockwise(out) + "）" : "", any: all > 0n };
}

function limited({ taken, left }, limit, stop) {
  const text = clockwise(taken) + " / " + clockwise(limit) + left;
  if (taken > limit) {
    const ended = stop && taken >= stop ? "，已到终止时间" : "";
    return { text: text + "，已超时 " + clockwise(taken - limit) + ended, tone: "is-over" };
  }
  const isNear = taken > 0n && limit - taken <= WARN_BEFORE;
  return isNear ? { text: text + "，还剩 " + clockwise(limit - taken), tone: "is-near" } : { text, tone: "" };
}

const isStopped = ({ stops = [] }) => stops.some(([, to]) => to === null);

/* What the judge is told of the time, and in which tone. */
export function said(clock, { limit_seconds, stop_seconds, clock: hall = {} }, now, ahead = 0) {
  const time = net(clock, hall, now, ahead), words = "用时 " + clockwise(time.taken) + time.left;
  if (clock.started && isStopped(hall)) return { text: "暂停中，" + words, tone: "is-stopped" };
  const limit = exact(limit_seconds);
  if (limit) return limited(time, limit, exact(stop_seconds));
  return { text: time.any || clock.started ? words : "", tone: "" };
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
  return { started: null, seconds: String(BigInt(m) * 60n + BigInt(s)), runs: null };
}
