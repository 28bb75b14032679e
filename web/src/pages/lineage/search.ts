/** What the address of a lineage page says: one of artifact, run and model; which way; how far. */
import type { LineageDirection } from "@/api/types";

export interface LineageSearch {
  artifact?: string;
  run?: string;
  model?: string;
  version?: number;
  direction?: LineageDirection;
  hops?: number;
}

export const HOPS = 10;

export function lineageSearch(given: Record<string, unknown>): LineageSearch {
  const search: LineageSearch = {};
  for (const key of ["artifact", "run", "model"] as const) {
    const value = given[key];
    if (typeof value === "string" || typeof value === "number") {
      search[key] = String(value);
      break;
    }
  }
  if (typeof given.version === "number") search.version = given.version;
  if (given.direction === "up" || given.direction === "down") search.direction = given.direction;
  if (typeof given.hops === "number" && given.hops >= 1 && given.hops <= 50) search.hops = Math.floor(given.hops);
  return search;
}
