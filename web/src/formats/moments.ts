/** Moments for people, in their time zone. The API gives microseconds since 1970, UTC. */

export function dateOf(moment: number): Date {
  return new Date(moment / 1000);
}

/** `2026-11-25 14:03:07`, local. */
export function timestamp(moment: number): string {
  const at = dateOf(moment);
  return `${day(at)} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** `just now`, `4 min ago`, `3 h ago`, `yesterday 14:03`, `2026-11-25`. `now` in milliseconds. */
export function ago(moment: number, now: number): string {
  const at = dateOf(moment);
  const seconds = Math.max(0, (now - at.getTime()) / 1000);
  if (seconds < 10) return "just now";
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  const yesterday = new Date(now);
  yesterday.setDate(yesterday.getDate() - 1);
  if (day(at) === day(new Date(now))) return `${Math.floor(seconds / 3600)} h ago`;
  if (day(at) === day(yesterday)) return `yesterday ${two(at.getHours())}:${two(at.getMinutes())}`;
  return day(at);
}

function day(at: Date): string {
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
