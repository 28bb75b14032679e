/** What the address of a run page says beside the run: one selection for graph, timeline and table. */

export const VIEWS = ["graph", "timeline", "table", "results"] as const;
export type View = (typeof VIEWS)[number];

export const TABS = ["overview", "log", "code"] as const;
export type Tab = (typeof TABS)[number];

export interface RunSearch {
  /** Key of the selected task, or id of a node that has no task (yet). */
  task?: string;
  /** Graph if nothing is said. */
  view?: View;
  /** What of the selected task is looked at; overview if nothing is said. */
  tab?: Tab;
}

export function runSearch(given: Record<string, unknown>): RunSearch {
  const view = VIEWS.find((each) => each === given.view);
  const tab = TABS.find((each) => each === given.tab);
  return {
    ...(typeof given.task === "string" && given.task !== "" ? { task: given.task } : {}),
    ...(view === undefined || view === "graph" ? {} : { view }),
    ...(tab === undefined || tab === "overview" ? {} : { tab }),
  };
}
