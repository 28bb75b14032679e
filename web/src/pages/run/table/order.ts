/** Orders of the table of tasks. Pure. */

import type { TaskRow } from "@/api/runPage";

export type SortKey = "state" | "name" | "component" | "started" | "waited" | "duration" | "attempts";

export interface Order {
  readonly key: SortKey;
  readonly descending: boolean;
}

/** What wants attention first. */
const STATES = ["FAILED", "CANCELING", "RUNNING", "PENDING", "PAUSED", "CANCELED", "SUCCEEDED", "SKIPPED"];

/** Tasks in an order. What has no value for it stands last, whichever way. */
export function ordered(tasks: readonly TaskRow[], { key, descending }: Order): readonly TaskRow[] {
  const sign = descending ? -1 : 1;
  return tasks.toSorted((a, b) => {
    const [left, right] = [value(a, key), value(b, key)];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    if (typeof left === "string" && typeof right === "string") return sign * left.localeCompare(right, "en", { numeric: true });
    return sign * (Number(left) - Number(right));
  });
}

function value(task: TaskRow, key: SortKey): string | number | null {
  switch (key) {
    case "state":
      return STATES.indexOf(task.state);
    case "name":
      return task.key;
    case "component":
      return task.component;
    case "started":
      return task.started_at;
    case "waited":
      return task.started_at === null ? null : task.started_at - task.created_at;
    case "duration":
      return task.started_at === null || task.ended_at === null ? null : task.ended_at - task.started_at;
    case "attempts":
      return task.attempt_count;
  }
}
