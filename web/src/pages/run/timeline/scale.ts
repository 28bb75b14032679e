/** The axis of the timeline: which durations are marked. Pure. */

const SECOND = 1_000_000;
/** Steps that a person reads easily, in microseconds. */
const STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500].map((milliseconds) => milliseconds * 1000),
  ...[1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400].map((seconds) => seconds * SECOND),
];

export interface Tick {
  /** Microseconds since the start. */
  readonly at: number;
  readonly label: string;
}

/** Marks from 0 to `length` microseconds, at most `most` of them, at the smallest step that allows it. */
export function ticksOf(length: number, most: number): readonly Tick[] {
  const step = STEPS.find((each) => length / each <= most) ?? Math.ceil(length / most / (86400 * SECOND)) * 86400 * SECOND;
  const count = Math.max(0, Math.floor(length / step));
  return Array.from({ length: count + 1 }, (_, index) => ({ at: index * step, label: labelOf(index * step, step) }));
}

/** As exact as the step: `0`, `200 ms`, `1.5 s`, `1:30`, `2:15:00`. */
function labelOf(at: number, step: number): string {
  if (at === 0) return "0";
  if (at < SECOND && step < SECOND) return `${String(at / 1000)} ms`;
  const seconds = at / SECOND;
  if (seconds < 60) return `${String(seconds)} s`;
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60];
  const [hours = 0, ...rest] = parts;
  const padded = rest.map((part) => String(part).padStart(2, "0")).join(":");
  return hours > 0 ? `${String(hours)}:${padded}` : padded.replace(/^0/u, "");
}
