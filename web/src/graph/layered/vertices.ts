/** The graph while it is being laid out: boxes, and bends where a long edge passes a layer. */

import type { Box, Link } from "./boxes";

/** A box or a bend. Breadth is its extent across the flow, depth along it. */
export class Vertex {
  layer = 0;
  /** Position within its layer, from 0. */
  place = 0;
  /** Where in its layer its neighbours would have it. */
  wish = 0;
  /** Coordinate of its centre across the flow. */
  centre = 0;
  readonly above: Vertex[] = [];
  readonly below: Vertex[] = [];

  constructor(
    readonly index: number,
    readonly box: Box | null,
    readonly breadth: number,
    readonly depth: number,
  ) {}

  get isBend(): boolean {
    return this.box === null;
  }
}

/** An edge between two boxes, turned to point down: `reversed` where that broke a cycle. */
export interface Edge {
  readonly link: Link;
  readonly from: Vertex;
  readonly to: Vertex;
  readonly reversed: boolean;
}

export interface Mesh {
  readonly vertices: Vertex[];
  readonly edges: readonly Edge[];
}

/** The vertices and edges of boxes and links. Links to nowhere, to oneself and repeated ones are left out. */
export function meshOf(boxes: readonly Box[], links: readonly Link[], sideways: boolean): Mesh {
  const vertices = boxes.map(
    (box, index) =>
      new Vertex(index, box, sideways ? box.height : box.width, sideways ? box.width : box.height),
  );
  const named = new Map(vertices.map((vertex) => [vertex.box?.id, vertex]));
  const targets = new Map<Vertex, Map<Vertex, Link>>(vertices.map((vertex) => [vertex, new Map<Vertex, Link>()]));
  for (const link of links) {
    const from = named.get(link.source);
    const to = named.get(link.target);
    if (from !== undefined && to !== undefined && from !== to) targets.get(from)?.set(to, link);
  }
  return { vertices, edges: acyclicEdges(vertices, targets) };
}

/** Depth-first: an edge back to a vertex that is still open closes a cycle, and is turned round. */
function acyclicEdges(vertices: readonly Vertex[], targets: ReadonlyMap<Vertex, ReadonlyMap<Vertex, Link>>): Edge[] {
  const edges: Edge[] = [];
  const open = new Set<Vertex>();
  const seen = new Set<Vertex>();
  const entered = (vertex: Vertex) => {
    seen.add(vertex);
    open.add(vertex);
    return { vertex, rest: (targets.get(vertex) ?? new Map<Vertex, Link>()).entries() };
  };
  for (const first of vertices) {
    if (seen.has(first)) continue;
    const stack = [entered(first)];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const next = top.rest.next();
      if (next.done === true) {
        open.delete(top.vertex);
        stack.pop();
        continue;
      }
      const [to, link] = next.value;
      if (open.has(to)) edges.push({ link, from: to, to: top.vertex, reversed: true });
      else edges.push({ link, from: top.vertex, to, reversed: false });
      if (!seen.has(to)) stack.push(entered(to));
    }
  }
  return edges;
}
