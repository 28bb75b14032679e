/** What the address of the form for a new run says: where it starts from. */
export interface NewRunSearch {
  /** A run to be run again with other parameters. */
  clone?: string;
  pipeline?: string;
  version?: string;
}

export function newRunSearch(given: Record<string, unknown>): NewRunSearch {
  const search: NewRunSearch = {};
  for (const key of ["clone", "pipeline", "version"] as const) {
    const value = given[key];
    if (typeof value === "string" && value !== "") search[key] = value;
  }
  return search;
}
