/** What a node shows beside its name: state, a second line, and shares of states. Pure. */

import type { NodeLook } from "./glyphs";

/** How many tasks have a look, for a state bar. */
export interface Share {
  readonly look: NodeLook;
  readonly count: number;
}

export interface Appearance {
  readonly look: NodeLook;
  readonly label: string;
  /** Second line, such as a duration; may be empty. */
  readonly detail: string;
  /** States of the tasks it stands for, if there are several; empty otherwise. */
  readonly shares: readonly Share[];
}

/** What matters most comes first: a group has the look of the first of these that one of its tasks has. */
const BY_WEIGHT: readonly NodeLook[] = [
  "failed", "canceling", "running", "paused", "pending", "waiting", "canceled", "succeeded", "reused", "skipped", "plain",
];
/** From left to right in a state bar: what is done, then what went wrong, then what is to come. */
const BY_PLACE: readonly NodeLook[] = [
  "succeeded", "reused", "skipped", "canceled", "failed", "canceling", "running", "paused", "pending", "waiting", "plain",
];

/** Shares of looks, in the order of a state bar. */
export function sharesOf(looks: Iterable<NodeLook>): readonly Share[] {
  const counts = new Map<NodeLook, number>();
  for (const look of looks) counts.set(look, (counts.get(look) ?? 0) + 1);
  return BY_PLACE.flatMap((look) => {
    const count = counts.get(look);
    return count === undefined ? [] : [{ look, count }];
  });
}

/** The look of several tasks together. */
export function heaviest(looks: Iterable<NodeLook>): NodeLook {
  const all = new Set(looks);
  return BY_WEIGHT.find((look) => all.has(look)) ?? "waiting";
}

/** A CSS colour of the theme for a look. */
export function tone(look: NodeLook, part: "solid" | "ink" | "tint" = "solid"): string {
  const name = look === "waiting" || look === "plain" ? "pending" : look;
  return part === "solid" ? `var(--state-${name})` : `var(--state-${name}-${part})`;
}
