/** The order of vertices within their layers: few crossings. */

import type { Vertex } from "./vertices";

const SWEEPS = 12;
const SWEEPS_OF_LARGE = 4;
const LARGE = 4_000;
/** Up to so many vertices neighbours are also tried the other way round. */
const EXCHANGED = 800;

/** The vertices by layer, in an order with few crossings; sets their `place`. Deterministic. */
export function orderLayers(vertices: readonly Vertex[]): readonly (readonly Vertex[])[] {
  const layers = firstOrder(vertices);
  const sweeps = vertices.length > LARGE ? SWEEPS_OF_LARGE : SWEEPS;
  let best = layers.map((layer) => [...layer]);
  let fewest = crossings(layers);
  for (let sweep = 0; sweep < sweeps && fewest > 0; sweep += 1) {
    const downwards = sweep % 2 === 0;
    for (const layer of downwards ? layers : layers.toReversed()) {
      sortByNeighbours(layer, downwards);
    }
    if (vertices.length <= EXCHANGED) exchangeNeighbours(layers);
    const count = crossings(layers);
    if (count < fewest) {
      fewest = count;
      best = layers.map((layer) => [...layer]);
    }
  }
  best.forEach(number);
  return best;
}

/** Depth-first from the sources: what belongs together starts beside each other. */
function firstOrder(vertices: readonly Vertex[]): Vertex[][] {
  const depth = vertices.reduce((most, vertex) => Math.max(most, vertex.layer + 1), 0);
  const layers = Array.from({ length: depth }, (): Vertex[] => []);
  const seen = new Set<Vertex>();
  for (const root of vertices) {
    if (root.above.length > 0) continue;
    const stack = [root];
    for (let vertex = stack.pop(); vertex !== undefined; vertex = stack.pop()) {
      if (seen.has(vertex)) continue;
      seen.add(vertex);
      layers[vertex.layer]?.push(vertex);
      stack.push(...vertex.below.toReversed());
    }
  }
  layers.forEach(number);
  return layers;
}

function number(layer: readonly Vertex[]): void {
  layer.forEach((vertex, place) => {
    vertex.place = place;
  });
}

function sortByNeighbours(layer: Vertex[], downwards: boolean): void {
  for (const vertex of layer) {
    const near = downwards ? vertex.above : vertex.below;
    let sum = 0;
    for (const one of near) sum += one.place;
    vertex.wish = near.length === 0 ? vertex.place : sum / near.length;
  }
  layer.sort((a, b) => a.wish - b.wish || a.place - b.place);
  number(layer);
}

function exchangeNeighbours(layers: readonly Vertex[][]): void {
  for (let round = 0; round < 4; round += 1) {
    let changed = false;
    for (const layer of layers) {
      for (let place = 1; place < layer.length; place += 1) {
        const left = layer[place - 1];
        const right = layer[place];
        if (left === undefined || right === undefined) continue;
        const gain =
          pairCrossings(left.above, right.above) +
          pairCrossings(left.below, right.below) -
          pairCrossings(right.above, left.above) -
          pairCrossings(right.below, left.below);
        if (gain <= 0) continue;
        layer[place - 1] = right;
        layer[place] = left;
        right.place = place - 1;
        left.place = place;
        changed = true;
      }
    }
    if (!changed) return;
  }
}

/** How often edges to `left` and to `right`, two neighbours in this order, cross each other. */
function pairCrossings(left: readonly Vertex[], right: readonly Vertex[]): number {
  let count = 0;
  for (const one of left) {
    for (const other of right) {
      if (one.place > other.place) count += 1;
    }
  }
  return count;
}

/** How many pairs of edges cross, over all layers. */
export function crossings(layers: readonly (readonly Vertex[])[]): number {
  let count = 0;
  layers.forEach((layer, index) => {
    const below = layers[index + 1];
    if (below !== undefined) count += crossingsBelow(layer, below.length);
  });
  return count;
}

/** Inversions among the lower ends, counted with a Fenwick tree. */
function crossingsBelow(layer: readonly Vertex[], width: number): number {
  const tree = new Int32Array(width + 1);
  let count = 0;
  let inserted = 0;
  for (const vertex of layer) {
    const places = vertex.below.map((lower) => lower.place).sort((a, b) => a - b);
    for (const place of places) {
      let notAfter = 0;
      for (let at = place + 1; at > 0; at -= at & -at) notAfter += tree[at] ?? 0;
      count += inserted - notAfter;
    }
    for (const place of places) {
      for (let at = place + 1; at <= width; at += at & -at) tree[at] = (tree[at] ?? 0) + 1;
      inserted += 1;
    }
  }
  return count;
}
