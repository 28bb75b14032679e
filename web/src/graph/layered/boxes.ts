/** What goes into a layered layout and what comes out. Lengths are in pixels at zoom 1. */

export interface Box {
  readonly id: string;
  readonly width: number;
  readonly height: number;
}

/** A directed edge between two boxes, by their ids. */
export interface Link {
  readonly source: string;
  readonly target: string;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A box with the place of its top left corner. */
export interface PlacedBox extends Box, Point {}

/**
 * The way of an edge. From `points[0]`, on the source's border, to the last one, on the target's. Between two points
 * with the same coordinate across the flow it is a straight line inside a layer, else a curve in the gap between two
 * layers: no edge runs over a box that is not its own.
 */
export interface Route extends Link {
  readonly points: readonly Point[];
}

/** The way that edges run: from top to bottom, or from left to right. */
export type Flow = "down" | "right";

export interface Layout {
  readonly boxes: readonly PlacedBox[];
  readonly routes: readonly Route[];
  readonly width: number;
  readonly height: number;
  readonly flow: Flow;
}

export interface Spacing {
  /** Between neighbours in one layer. */
  readonly between: number;
  /** Between a box and the edges that pass it. */
  readonly beside: number;
  /** Between two layers, where edges bend. */
  readonly layers: number;
}

export const SPACING: Spacing = { between: 28, beside: 14, layers: 34 };
