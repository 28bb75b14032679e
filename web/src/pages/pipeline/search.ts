/** What the address of a pipeline says beside it. */
export const TABS = ["graph", "parameters", "yaml", "runs", "versions"] as const;
export type Tab = (typeof TABS)[number];

export interface PipelineSearch {
  version?: string;
  tab?: Tab;
  /** Id of the selected node of the graph. */
  node?: string;
}

export function pipelineSearch(given: Record<string, unknown>): PipelineSearch {
  const search: PipelineSearch = {};
  if (typeof given.version === "string") search.version = given.version;
  if (typeof given.node === "string") search.node = given.node;
  const tab = TABS.find((one) => one === given.tab);
  if (tab !== undefined && tab !== "graph") search.tab = tab;
  return search;
}
