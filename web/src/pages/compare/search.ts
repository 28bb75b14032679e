/** What the address of a comparison says. */
export interface CompareSearch {
  /** Ids of runs, separated by commas. */
  runs: string;
  /** Show only rows whose values differ. */
  diff?: true;
}

export function compareSearch(given: Record<string, unknown>): CompareSearch {
  // kfp's own interface calls it `runlist`.
  const runs = [given.runs, given.runlist].find((value) => typeof value === "string") ?? "";
  return { runs, ...(given.diff === true ? { diff: true } : {}) };
}
