/** What a comparison of runs shows: one row per parameter or metric. Pure. */
import type { RunHeader } from "@/api/types";

export interface Row {
  name: string;
  /** One per run; undefined where the run has none of that name. */
  values: unknown[];
  /** Whether they are not all the same. */
  differs: boolean;
}

export function parameterRows(runs: readonly Pick<RunHeader, "parameters">[]): Row[] {
  return rowsOf(runs.map(({ parameters }) => new Map(parameters.map(({ name, value }) => [name, value]))));
}

export function metricRows(runs: readonly Pick<RunHeader, "metrics">[]): Row[] {
  return rowsOf(runs.map(({ metrics }) => new Map<string, unknown>(Object.entries(metrics))));
}

function rowsOf(columns: readonly ReadonlyMap<string, unknown>[]): Row[] {
  const names = [...new Set(columns.flatMap((column) => [...column.keys()]))].sort();
  return names.map((name) => {
    const values = columns.map((column) => column.get(name));
    return { name, values, differs: new Set(values.map((value) => JSON.stringify(value))).size > 1 };
  });
}

/** Places of the greatest number of a row; none where all its numbers are the same. */
export function greatest({ values }: Pick<Row, "values">): ReadonlySet<number> {
  const numbers = values.filter((value) => typeof value === "number");
  const most = Math.max(...numbers);
  if (new Set(numbers).size < 2) return new Set();
  return new Set(values.flatMap((value, index) => (value === most ? [index] : [])));
}
