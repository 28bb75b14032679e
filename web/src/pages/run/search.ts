/** What the address of a run page says beside the run. */
export interface RunSearch {
  /** Key of the selected task. */
  task?: string;
}

export function runSearch(given: Record<string, unknown>): RunSearch {
  return typeof given.task === "string" ? { task: given.task } : {};
}
