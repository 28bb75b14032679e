/** Where everything of a graph is drawn: boxes inside open groups, and the edges between them. Pure. */

import { type Flow, type Point, SPACING } from "./layered/boxes";
import { layered } from "./layered/layout";
import { isFoldable, type VisibleEdge, type VisibleGraph, type VisibleNode } from "./nodes";

/** Sizes of what is drawn, in pixels at zoom 1. */
export const NODE = { width: 208, height: 46, folded: 62, header: 32, padding: 14 } as const;

export interface SceneNode extends Point {
  readonly id: string;
  readonly visible: VisibleNode;
  readonly width: number;
  readonly height: number;
  /** How many open groups are around it. */
  readonly depth: number;
}

export interface SceneEdge extends VisibleEdge {
  readonly points: readonly Point[];
}

export interface Scene {
  /** Groups before what is inside them. */
  readonly nodes: readonly SceneNode[];
  readonly edges: readonly SceneEdge[];
  readonly width: number;
  readonly height: number;
  readonly flow: Flow;
}

/** Lay out a graph. Deterministic: it depends on the structure and on what is open, never on states. */
export function sceneOf(graph: VisibleGraph, flow: Flow): Scene {
  return level(graph.nodes, graph.edges, flow, 0);
}

/** The flow under which the whole graph is drawn larger in an area of this size. */
export function sceneToFit(graph: VisibleGraph, area: { readonly width: number; readonly height: number }): Scene {
  const scenes = (["down", "right"] as const).map((flow) => sceneOf(graph, flow));
  const scale = (scene: Scene) =>
    Math.min(1, area.width / Math.max(1, scene.width), area.height / Math.max(1, scene.height));
  return scenes.reduce((best, scene) => (scale(scene) > scale(best) * 1.15 ? scene : best));
}

function level(nodes: readonly VisibleNode[], edges: readonly VisibleEdge[], flow: Flow, depth: number): Scene {
  const insides = new Map<string, Scene>();
  const boxes = nodes.map((node) => {
    if (!isFoldable(node)) return { id: node.id, width: NODE.width, height: NODE.height };
    if (!node.open) return { id: node.id, width: NODE.width, height: NODE.folded };
    const inside = level(node.children, node.edges, flow, depth + 1);
    insides.set(node.id, inside);
    return {
      id: node.id,
      width: Math.max(NODE.width, inside.width) + 2 * NODE.padding,
      height: inside.height + NODE.header + 2 * NODE.padding,
    };
  });
  const layout = layered(boxes, edges, flow, SPACING);
  const named = new Map(nodes.map((node) => [node.id, node]));
  const kinds = new Map(edges.map((edge) => [`${edge.source}\n${edge.target}`, edge.orderOnly]));
  const placed: SceneNode[] = [];
  const routes: SceneEdge[] = layout.routes.map((route) => ({
    ...route,
    orderOnly: kinds.get(`${route.source}\n${route.target}`) ?? false,
  }));
  for (const box of layout.boxes) {
    const visible = named.get(box.id);
    if (visible === undefined) continue;
    placed.push({ ...box, visible, depth });
    const inside = insides.get(box.id);
    if (inside === undefined) continue;
    const left = box.x + (box.width - inside.width) / 2;
    const top = box.y + NODE.header + NODE.padding;
    const moved = (point: Point) => ({ x: point.x + left, y: point.y + top });
    placed.push(...inside.nodes.map((node) => ({ ...node, ...moved(node) })));
    routes.push(...inside.edges.map((edge) => ({ ...edge, points: edge.points.map(moved) })));
  }
  return { nodes: placed, edges: routes, width: layout.width, height: layout.height, flow };
}

/** A step of an edge's way: a straight line, or a curve with two control points. */
export type Step =
  | { readonly kind: "line"; readonly to: Point }
  | { readonly kind: "curve"; readonly first: Point; readonly second: Point; readonly to: Point };

/** The steps that an edge is drawn with, from its first point. */
export function stepsOf(points: readonly Point[], flow: Flow): readonly Step[] {
  return points.slice(1).map((to, index) => {
    const from = points[index] ?? to;
    if (flow === "down") {
      if (from.x === to.x) return { kind: "line", to };
      const middle = (from.y + to.y) / 2;
      return { kind: "curve", first: { x: from.x, y: middle }, second: { x: to.x, y: middle }, to };
    }
    if (from.y === to.y) return { kind: "line", to };
    const middle = (from.x + to.x) / 2;
    return { kind: "curve", first: { x: middle, y: from.y }, second: { x: middle, y: to.y }, to };
  });
}

/** The steps as the `d` of an SVG path. */
export function pathOf(points: readonly Point[], flow: Flow): string {
  const [start] = points;
  if (start === undefined) return "";
  const at = ({ x, y }: Point) => `${x} ${y}`;
  const steps = stepsOf(points, flow).map((step) =>
    step.kind === "line" ? `L${at(step.to)}` : `C${at(step.first)} ${at(step.second)} ${at(step.to)}`,
  );
  return `M${at(start)}${steps.join("")}`;
}

/** The node nearest to another one in a direction; null if there is none. */
export function neighbour(scene: Scene, from: string, direction: "up" | "down" | "left" | "right"): string | null {
  const start = scene.nodes.find((node) => node.id === from);
  if (start === undefined) return scene.nodes[0]?.id ?? null;
  const centre = (node: SceneNode) => ({ x: node.x + node.width / 2, y: node.y + node.height / 2 });
  const here = centre(start);
  const isAlong = (direction === "up" || direction === "down") === (scene.flow === "down");
  let nearest: string | null = null;
  let least = Infinity;
  for (const node of scene.nodes) {
    if (node.id === from || (isFoldable(node.visible) && node.visible.open)) continue;
    const there = centre(node);
    const [dx, dy] = [there.x - here.x, there.y - here.y];
    const [along, across] = direction === "up" || direction === "down" ? [dy, dx] : [dx, dy];
    const ahead = direction === "up" || direction === "left" ? -along : along;
    if (ahead <= 1) continue;
    // Along the flow the next layer counts, across it the same layer.
    const distance = ahead + (isAlong ? 0.25 : 4) * Math.abs(across);
    if (distance < least) [nearest, least] = [node.id, distance];
  }
  return nearest;
}
