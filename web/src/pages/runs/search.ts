/** What the address of the list of runs says: filters, order, columns. */
import type { RunFilter } from "@/api/runs";
import type { RuntimeState } from "@/api/types";

export interface RunsSearch {
  /** Part of the name. */
  name?: string;
  /** States, separated by commas. */
  state?: string;
  pipeline?: string;
  experiment?: string;
  archived?: "only" | "all";
  sort?: NonNullable<RunFilter["sort"]>;
  /** Metrics that have a column, separated by commas; by default those that most runs have. */
  metrics?: string;
}

export const STATES: readonly RuntimeState[] = ["PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELING", "CANCELED"];
const SORTS: readonly string[] = [
  "created_at desc", "created_at asc", "name desc", "name asc", "finished_at desc", "finished_at asc",
] satisfies RunFilter["sort"][];

export function runsSearch(given: Record<string, unknown>): RunsSearch {
  const search: RunsSearch = {};
  for (const key of ["name", "state", "pipeline", "experiment", "metrics"] as const) {
    const value = given[key];
    if (typeof value === "string" && value !== "") search[key] = value;
    if (typeof value === "number") search[key] = String(value);
  }
  if (given.archived === "only" || given.archived === "all") search.archived = given.archived;
  if (typeof given.sort === "string" && SORTS.includes(given.sort)) search.sort = given.sort as RunsSearch["sort"];
  return search;
}

/** The states that a search names; unknown ones are left out. */
export function statesOf(search: RunsSearch): RuntimeState[] {
  const named = new Set(search.state?.split(","));
  return STATES.filter((state) => named.has(state));
}

export function filterOf(search: RunsSearch): RunFilter {
  const states = statesOf(search);
  return {
    ...(search.name === undefined ? {} : { name: search.name }),
    ...(states.length === 0 ? {} : { state: states }),
    ...(search.pipeline === undefined ? {} : { pipeline_id: search.pipeline }),
    ...(search.experiment === undefined ? {} : { experiment_id: search.experiment }),
    ...(search.archived === undefined ? {} : { archived: search.archived }),
    sort: search.sort ?? "created_at desc",
  };
}

/** Whether anything narrows the list. */
export function isFiltered(search: RunsSearch): boolean {
  return [search.name, search.state, search.pipeline, search.experiment, search.archived].some((one) => one !== undefined);
}
