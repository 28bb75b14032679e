/** Layered layout: boxes in layers along the flow, edges between them. Pure and deterministic. */

import { type Box, type Flow, type Layout, type Link, type Point, type Route, SPACING, type Spacing } from "./boxes";
import { assignCentres } from "./coordinates";
import { assignLayers, bendEdges } from "./layers";
import { orderLayers } from "./ordering";
import { type Edge, meshOf, type Vertex } from "./vertices";

/** Width over height that boxes without edges are arranged in. */
const GRID_ASPECT = 1.6;

interface Band {
  readonly near: number;
  readonly far: number;
}

/** Lay out boxes and the links between them. Links to boxes that are not there are ignored. */
export function layered(boxes: readonly Box[], links: readonly Link[], flow: Flow = "down", spacing: Spacing = SPACING): Layout {
  const sideways = flow === "right";
  const mesh = meshOf(boxes, links, sideways);
  if (mesh.edges.length === 0) return grid(boxes, flow, spacing);
  assignLayers(mesh);
  const bends = bendEdges(mesh);
  const layers = orderLayers(mesh.vertices);
  const breadth = assignCentres(layers, spacing);
  const bands = bandsOf(layers, spacing);
  const depth = bands.at(-1)?.far ?? 0;
  const point = (across: number, along: number): Point => (sideways ? { x: along, y: across } : { x: across, y: along });
  return {
    boxes: mesh.vertices.flatMap((vertex) => {
      if (vertex.box === null) return [];
      return [{ ...vertex.box, ...point(vertex.centre - vertex.breadth / 2, top(vertex, bands)) }];
    }),
    routes: mesh.edges.map((edge) => routed(edge, bends.get(edge) ?? [], bands, point)),
    width: sideways ? depth : breadth,
    height: sideways ? breadth : depth,
    flow,
  };
}

function bandsOf(layers: readonly (readonly Vertex[])[], spacing: Spacing): Band[] {
  let near = 0;
  return layers.map((layer) => {
    const depth = layer.reduce((most, vertex) => Math.max(most, vertex.depth), 0);
    const band = { near, far: near + depth };
    near = band.far + spacing.layers;
    return band;
  });
}

/** A box stands in the middle of its layer. */
function top(vertex: Vertex, bands: readonly Band[]): number {
  const band = bands[vertex.layer] ?? { near: 0, far: 0 };
  return (band.near + band.far - vertex.depth) / 2;
}

function routed(edge: Edge, bends: readonly Vertex[], bands: readonly Band[], point: (across: number, along: number) => Point): Route {
  const { from, to } = edge;
  const points = [point(from.centre, top(from, bands) + from.depth)];
  const add = (vertex: Vertex, ...ends: ("near" | "far")[]) => {
    const band = bands[vertex.layer];
    for (const end of ends) if (band !== undefined) points.push(point(vertex.centre, band[end]));
  };
  add(from, "far");
  for (const bend of bends) add(bend, "near", "far");
  add(to, "near");
  points.push(point(to.centre, top(to, bands)));
  const distinct = points.filter((each, index) => each.x !== points[index - 1]?.x || each.y !== points[index - 1]?.y);
  return { ...edge.link, points: edge.reversed ? distinct.reverse() : distinct };
}

function grid(boxes: readonly Box[], flow: Flow, spacing: Spacing): Layout {
  const widest = boxes.reduce((most, box) => Math.max(most, box.width), 0);
  const highest = boxes.reduce((most, box) => Math.max(most, box.height), 0);
  const [across, along] = [widest + spacing.beside, highest + spacing.beside];
  const columns = Math.max(1, Math.round(Math.sqrt((boxes.length * along * GRID_ASPECT) / Math.max(1, across))));
  const used = Math.min(columns, boxes.length);
  return {
    boxes: boxes.map((box, index) => ({
      ...box,
      x: (index % columns) * across + (widest - box.width) / 2,
      y: Math.floor(index / columns) * along,
    })),
    routes: [],
    width: Math.max(0, used * across - spacing.beside),
    height: Math.max(0, Math.ceil(boxes.length / columns) * along - spacing.beside),
    flow,
  };
}
