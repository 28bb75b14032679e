/** What the timeline draws of each task. Pure. */

import type { TaskRow } from "@/api/runPage";

export interface Span {
  /** Microseconds since 1970. */
  readonly from: number;
  readonly to: number;
}

export interface Bars {
  /** From being due to its start: environment, queue, start of a process. */
  readonly waiting: Span | null;
  readonly running: Span | null;
  /** Where it was decided without running: reused, or not triggered. */
  readonly decided: number | null;
}

/** `now` is the end of what is under way. */
export function barsOf(task: TaskRow, now: number): Bars {
  if (task.started_at === null) {
    if (task.ended_at === null) return { waiting: { from: task.created_at, to: Math.max(now, task.created_at) }, running: null, decided: null };
    return { waiting: null, running: null, decided: task.ended_at };
  }
  const waiting = task.started_at > task.created_at ? { from: task.created_at, to: task.started_at } : null;
  return { waiting, running: { from: task.started_at, to: task.ended_at ?? Math.max(now, task.started_at) }, decided: null };
}

/** The time that all tasks took together: from the first thing known to the last. */
export function extentOf(tasks: readonly TaskRow[], now: number): Span {
  let [from, to] = [Infinity, -Infinity];
  for (const task of tasks) {
    from = Math.min(from, task.created_at);
    to = Math.max(to, task.ended_at ?? Math.max(now, task.created_at));
  }
  return from === Infinity ? { from: now, to: now } : { from, to: Math.max(to, from) };
}
