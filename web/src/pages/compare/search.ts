/** What the address of a comparison says. kfp's own interface calls `runs` `runlist`. */
export interface CompareSearch {
  /** Ids of runs, separated by commas. */
  runs: string;
  /** Show only rows whose values differ. */
  diff?: true;
}

export function compareSearch(given: Record<string, unknown>): CompareSearch {
  const runs = [given.runs, given.runlist].find((value) => typeof value === "string") ?? "";
  return { runs, ...(given.diff === true ? { diff: true } : {}) };
}
