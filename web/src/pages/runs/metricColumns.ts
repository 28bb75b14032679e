import type { RunRow } from "@/api/types";

/** Names of all metrics of some runs: those that most of them have first, then by name. */
export function metricNames(runs: readonly Pick<RunRow, "metrics">[]): string[] {
  const counts = new Map<string, number>();
  for (const run of runs) for (const name of Object.keys(run.metrics)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([name]) => name);
}

const SHOWN = 3;

/** The metrics that get a column: the chosen ones, else the first few. */
export function shownMetrics(names: readonly string[], chosen: string | undefined): string[] {
  if (chosen === undefined) return names.slice(0, SHOWN);
  return chosen.split(",").filter((name) => name !== "" && name !== "-");
}
