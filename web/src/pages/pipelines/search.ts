/** What the address of the list of pipelines says. */
import type { PipelineFilter } from "@/api/pipelines";

export interface PipelinesSearch {
  name?: string;
  sort?: NonNullable<PipelineFilter["sort"]>;
}

const SORTS: readonly string[] = ["created_at desc", "created_at asc", "name desc", "name asc"] satisfies PipelineFilter["sort"][];

export function pipelinesSearch(given: Record<string, unknown>): PipelinesSearch {
  const search: PipelinesSearch = {};
  if (typeof given.name === "string" && given.name !== "") search.name = given.name;
  if (typeof given.sort === "string" && SORTS.includes(given.sort)) search.sort = given.sort as PipelinesSearch["sort"];
  return search;
}
