import { expect, test } from "vitest";

import { type GraphNode, visibleGraph } from "./nodes";
import { NODE, neighbour, pathOf, sceneOf, sceneToFit } from "./scene";

function node(id: string, kind = "RUNTIME"): GraphNode {
  const parent = id.includes("/") ? id.slice(0, id.lastIndexOf("/")) : null;
  return { id, parent_id: parent, display_name: id, kind, component: id };
}

function edge(source: string, target: string) {
  return { source_id: source, target_id: target, kind: "data" };
}

const NODES = [node("root", "ROOT"), node("root/a"), node("root/loop", "LOOP"), node("root/loop/b"), node("root/loop/c"), node("root/d")];
const EDGES = [edge("root/a", "root/loop"), edge("root/loop", "root/d"), edge("root/loop/b", "root/loop/c")];

function scene(...open: string[]) {
  return sceneOf(visibleGraph(NODES, EDGES, new Set(open)), "down");
}

test("a folded group is one node", () => {
  expect(scene().nodes.map(({ id, height }) => [id, height])).toEqual([
    ["root/a", NODE.height],
    ["root/loop", NODE.folded],
    ["root/d", NODE.height],
  ]);
});

test("an open group is a box around what is inside it", () => {
  const placed = scene("root/loop").nodes;
  const group = placed.find(({ id }) => id === "root/loop");
  if (group === undefined) throw new Error("no group");

  for (const inner of placed.filter(({ depth }) => depth === 1)) {
    expect(inner.x).toBeGreaterThan(group.x);
    expect(inner.y).toBeGreaterThan(group.y + NODE.header);
    expect(inner.x + inner.width).toBeLessThan(group.x + group.width);
    expect(inner.y + inner.height).toBeLessThan(group.y + group.height);
  }
});

test("edges inside an open group are drawn inside it", () => {
  const { nodes, edges } = scene("root/loop");
  const inner = edges.find(({ source }) => source === "root/loop/b");
  const source = nodes.find(({ id }) => id === "root/loop/b");
  if (inner === undefined || source === undefined) throw new Error("no edge");

  expect(inner.points[0]).toEqual({ x: source.x + source.width / 2, y: source.y + source.height });
});

test("the flow that shows the graph larger is taken", () => {
  const chain = Array.from({ length: 8 }, (_, index) => node(`root/${String(index)}`));
  const links = chain.slice(1).map((each, index) => edge(`root/${String(index)}`, each.id));
  const graph = visibleGraph([node("root", "ROOT"), ...chain], links, new Set());

  expect(sceneToFit(graph, { width: 500, height: 900 }).flow).toBe("down");
  expect(sceneToFit(graph, { width: 3000, height: 300 }).flow).toBe("right");
});

test("an edge is straight within a layer and a curve between two", () => {
  const points = [{ x: 0, y: 0 }, { x: 0, y: 10 }, { x: 20, y: 30 }];

  expect(pathOf(points, "down")).toBe("M0 0L0 10C0 20 20 20 20 30");
});

test("the neighbour in a direction is the nearest node there", () => {
  const placed = scene();

  expect(neighbour(placed, "root/a", "down")).toBe("root/loop");
  expect(neighbour(placed, "root/a", "up")).toBe(null);
  expect(neighbour(placed, "nowhere", "up")).toBe("root/a");
});
