/** Which layer each box is in, and the bends of the edges that pass a layer. */

import { type Edge, type Mesh, Vertex } from "./vertices";

/** Beyond so many bends the longest edges get none, and are drawn straight. */
const MOST_BENDS = 40_000;

/** Where an edge bends, from its upper end to its lower one. */
export type Bends = ReadonlyMap<Edge, readonly Vertex[]>;

/**
 * Put every vertex into a layer: as early as what is above it allows, then down towards what is below it where that
 * makes edges shorter.
 */
export function assignLayers({ vertices, edges }: Mesh): void {
  const down = new Map<Vertex, Vertex[]>(vertices.map((vertex) => [vertex, []]));
  const waiting = new Map<Vertex, number>(vertices.map((vertex) => [vertex, 0]));
  const degree = new Map<Vertex, number>(vertices.map((vertex) => [vertex, 0]));
  for (const { from, to } of edges) {
    down.get(from)?.push(to);
    waiting.set(to, (waiting.get(to) ?? 0) + 1);
    degree.set(to, (degree.get(to) ?? 0) + 1);
  }
  const order = vertices.filter((vertex) => waiting.get(vertex) === 0);
  // The list grows while it is walked: that is Kahn's order.
  for (const vertex of order) {
    for (const next of down.get(vertex) ?? []) {
      next.layer = Math.max(next.layer, vertex.layer + 1);
      const left = (waiting.get(next) ?? 0) - 1;
      waiting.set(next, left);
      if (left === 0) order.push(next);
    }
  }
  for (const vertex of order.reverse()) {
    const below = down.get(vertex) ?? [];
    if (below.length <= (degree.get(vertex) ?? 0) || below.length === 0) continue;
    vertex.layer = below.reduce((least, next) => Math.min(least, next.layer), Infinity) - 1;
  }
}

/**
 * Give long edges a bend in every layer they pass. Edges out of one vertex share their bends: they leave as a bundle and
 * branch off where they arrive, so that a vertex with a thousand far successors costs one line and not a thousand.
 */
export function bendEdges(mesh: Mesh): Bends {
  const { vertices, edges } = mesh;
  const bundles = new Map<Vertex, Vertex[]>();
  const bends = new Map<Edge, readonly Vertex[]>();
  let made = 0;
  const byLength = [...edges].sort((a, b) => a.to.layer - a.from.layer - (b.to.layer - b.from.layer));
  for (const edge of byLength) {
    const { from, to } = edge;
    const passed = to.layer - from.layer - 1;
    const bundle = bundles.get(from) ?? [];
    bundles.set(from, bundle);
    const missing = passed - bundle.length;
    if (made + missing > MOST_BENDS) {
      bends.set(edge, []);
      continue;
    }
    while (bundle.length < passed) {
      const bend = new Vertex(vertices.length, null, 0, 0);
      bend.layer = from.layer + bundle.length + 1;
      vertices.push(bend);
      connect(bundle.at(-1) ?? from, bend);
      bundle.push(bend);
      made += 1;
    }
    const own = bundle.slice(0, passed);
    bends.set(edge, own);
    connect(own.at(-1) ?? from, to);
  }
  return bends;
}

function connect(upper: Vertex, lower: Vertex): void {
  upper.below.push(lower);
  lower.above.push(upper);
}
