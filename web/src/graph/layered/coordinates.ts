/**
 * Coordinates across the flow, after Brandes and Köpf, "Fast and Simple Horizontal Coordinate Assignment" (2001):
 * vertices are aligned with the median of their neighbours into straight blocks, four times (from above and below, to
 * the left and to the right), each packed tightly, and the middle of the four is taken.
 */

import type { Spacing } from "./boxes";
import type { Vertex } from "./vertices";

type Layers = readonly (readonly Vertex[])[];

/** Vertices in one straight line. */
interface Block {
  position: number;
  /** Left neighbours that have no position yet. */
  waiting: number;
  readonly after: { readonly block: Block; readonly distance: number }[];
  readonly before: { readonly block: Block; readonly distance: number }[];
}

/** Set the `centre` of every vertex; the least left border is 0. Returns the breadth of all. */
export function assignCentres(layers: Layers, spacing: Spacing): number {
  const vertices = layers.flat();
  if (vertices.length === 0) return 0;
  for (const vertex of vertices) {
    vertex.above.sort((a, b) => a.place - b.place);
    vertex.below.sort((a, b) => a.place - b.place);
  }
  const conflicts = crossedStraightSegments(layers, vertices.length);
  const candidates = [false, true].flatMap((fromBelow) =>
    [false, true].map((mirrored) => {
      const turned = fromBelow ? layers.toReversed() : layers;
      const seen = mirrored ? turned.map((layer) => layer.toReversed()) : turned;
      const conflict = (a: Vertex, b: Vertex) => conflicts.size > 0 && conflicts.has(edgeKey(a, b, vertices.length));
      const blocks = aligned(seen, fromBelow, mirrored, conflict);
      packed(seen, blocks, spacing);
      const sign = mirrored ? -1 : 1;
      return (vertex: Vertex) => sign * (blocks[vertex.index]?.position ?? 0);
    }),
  );
  const spans = candidates.map((centre) => span(vertices, centre));
  const narrowest = spans.reduce((best, each) => (each.high - each.low < best.high - best.low ? each : best));
  const shifts = spans.map(({ low, high }, index) => (index % 2 === 0 ? narrowest.low - low : narrowest.high - high));
  for (const vertex of vertices) {
    const sorted = candidates
      .map((centre, index) => centre(vertex) + (shifts[index] ?? 0))
      .sort((a, b) => a - b);
    vertex.centre = ((sorted[1] ?? 0) + (sorted[2] ?? 0)) / 2;
  }
  const { low, high } = span(vertices, (vertex) => vertex.centre);
  for (const vertex of vertices) vertex.centre = Math.round(vertex.centre - low);
  return Math.round(high - low);
}

function span(vertices: readonly Vertex[], centre: (vertex: Vertex) => number): { low: number; high: number } {
  let low = Infinity;
  let high = -Infinity;
  for (const vertex of vertices) {
    low = Math.min(low, centre(vertex) - vertex.breadth / 2);
    high = Math.max(high, centre(vertex) + vertex.breadth / 2);
  }
  return { low, high };
}

function edgeKey(a: Vertex, b: Vertex, count: number): number {
  return a.layer < b.layer ? a.index * count + b.index : b.index * count + a.index;
}

/** Edges that cross the line between two bends of one long edge: those give way, so that long edges run straight. */
function crossedStraightSegments(layers: Layers, count: number): ReadonlySet<number> {
  const marked = new Set<number>();
  layers.forEach((upper, index) => {
    const lower = layers[index + 1];
    if (lower === undefined) return;
    let left = -1;
    let scanned = 0;
    lower.forEach((vertex, place) => {
      const inner = vertex.isBend ? vertex.above.find((one) => one.isBend) : undefined;
      if (inner === undefined && place < lower.length - 1) return;
      const right = inner?.place ?? upper.length;
      for (const other of lower.slice(scanned, place + 1)) {
        for (const above of other.above) {
          const straight = above.isBend && other.isBend;
          if (!straight && (above.place < left || above.place > right)) marked.add(edgeKey(above, other, count));
        }
      }
      scanned = place + 1;
      left = right;
    });
  });
  return marked;
}

/** The block of each vertex, by the vertex's index. */
type Blocks = readonly (Block | undefined)[];

function aligned(
  layers: Layers,
  fromBelow: boolean,
  mirrored: boolean,
  conflict: (a: Vertex, b: Vertex) => boolean,
): Blocks {
  const blocks: (Block | undefined)[] = [];
  const sign = mirrored ? -1 : 1;
  for (const layer of layers) {
    let last = -Infinity;
    for (const vertex of layer) {
      const near = fromBelow ? vertex.below : vertex.above;
      const middle = (near.length - 1) / 2;
      // Of two medians, the one further left as this alignment sees it comes first.
      const [first, second] = mirrored ? [Math.ceil(middle), Math.floor(middle)] : [Math.floor(middle), Math.ceil(middle)];
      let own: Block | undefined;
      for (const neighbour of [near[first], near[second]]) {
        if (neighbour === undefined || own !== undefined) continue;
        const place = sign * neighbour.place;
        if (place <= last || conflict(neighbour, vertex)) continue;
        own = blocks[neighbour.index];
        last = place;
      }
      blocks[vertex.index] = own ?? { position: 0, waiting: 0, after: [], before: [] };
    }
  }
  return blocks;
}

/** Give every block the least position its left neighbours leave it, then move it right to where others hold it. */
function packed(layers: Layers, blocks: Blocks, spacing: Spacing): void {
  for (const layer of layers) {
    let previous: Vertex | undefined;
    for (const vertex of layer) {
      const left = previous === undefined ? undefined : blocks[previous.index];
      const right = blocks[vertex.index];
      if (previous !== undefined && left !== undefined && right !== undefined) {
        const gap = previous.isBend || vertex.isBend ? spacing.beside : spacing.between;
        const distance = (previous.breadth + vertex.breadth) / 2 + gap;
        left.after.push({ block: right, distance });
        right.before.push({ block: left, distance });
      }
      previous = vertex;
    }
  }
  const order = inOrder(new Set(blocks.filter((block) => block !== undefined)));
  for (const block of order) {
    block.position = block.before.reduce((most, { block: left, distance }) => Math.max(most, left.position + distance), 0);
  }
  for (const block of order.toReversed()) {
    const room = block.after.reduce((least, { block: right, distance }) => Math.min(least, right.position - distance), Infinity);
    if (room !== Infinity) block.position = Math.max(block.position, room);
  }
}

function inOrder(blocks: ReadonlySet<Block>): Block[] {
  for (const block of blocks) block.waiting = block.before.length;
  const order = [...blocks].filter((block) => block.waiting === 0);
  // The list grows while it is walked.
  for (const block of order) {
    for (const { block: next } of block.after) {
      next.waiting -= 1;
      if (next.waiting === 0) order.push(next);
    }
  }
  return order;
}
