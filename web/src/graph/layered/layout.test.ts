import { describe, expect, test } from "vitest";

import type { Box, Layout, Link, PlacedBox, Route } from "./boxes";
import { layered } from "./layout";

const SIZE = { width: 200, height: 50 };

function boxes(...ids: string[]): Box[] {
  return ids.map((id) => ({ id, ...SIZE }));
}

function links(...pairs: string[]): Link[] {
  return pairs.map((pair) => {
    const [source = "", target = ""] = pair.split(">");
    return { source, target };
  });
}

function box(layout: Layout, id: string): PlacedBox {
  const found = layout.boxes.find((each) => each.id === id);
  if (found === undefined) throw new Error(`no box '${id}'`);
  return found;
}

/** Numbers from 0 to 1, the same ones for the same seed. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Each box has one to three predecessors among the 20 before it, of various sizes. */
function random(count: number, seed: number): { boxes: Box[]; links: Link[] } {
  const next = chance(seed);
  const made = Array.from({ length: count }, (_, index) => ({
    id: String(index),
    width: 100 + Math.floor(next() * 150),
    height: 40 + Math.floor(next() * 60),
  }));
  const drawn = made.slice(1).flatMap((_, before) => {
    const target = before + 1;
    return Array.from({ length: 1 + Math.floor(next() * 3) }, () => ({
      source: String(Math.max(0, target - 1 - Math.floor(next() * 20))),
      target: String(target),
    }));
  });
  return { boxes: made, links: drawn };
}

/** Ten stages of chains beside each other. */
function wide(count: number): { boxes: Box[]; links: Link[] } {
  const chains = count / 10;
  const ids = Array.from({ length: count }, (_, index) => String(index));
  return {
    boxes: boxes(...ids),
    links: ids.slice(chains).map((id) => ({ source: String(Number(id) - chains), target: id })),
  };
}

function overlapping(layout: Layout): string[] {
  return layout.boxes.flatMap((a, index) =>
    layout.boxes
      .slice(index + 1)
      .filter((b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height)
      .map((b) => `${a.id}/${b.id}`),
  );
}

/** Boxes that an edge runs over, other than its ends. A curve is held to the rectangle that it stays in. */
function runOver(layout: Layout, route: Route): string[] {
  return route.points.slice(1).flatMap((to, index) => {
    const from = route.points[index] ?? to;
    const [left, right] = [Math.min(from.x, to.x), Math.max(from.x, to.x)];
    const [high, low] = [Math.min(from.y, to.y), Math.max(from.y, to.y)];
    return layout.boxes
      .filter((each) => each.id !== route.source && each.id !== route.target)
      .filter((each) => right > each.x && left < each.x + each.width && low > each.y && high < each.y + each.height)
      .map((each) => each.id);
  });
}

describe("a layered layout", () => {
  test("a chain is a straight line down", () => {
    const layout = layered(boxes("a", "b", "c"), links("a>b", "b>c"));

    expect(layout.boxes.map(({ id, x, y }) => ({ id, x, y }))).toEqual([
      { id: "a", x: 0, y: 0 },
      { id: "b", x: 0, y: 84 },
      { id: "c", x: 0, y: 168 },
    ]);
  });

  test("it runs to the right when asked to", () => {
    const layout = layered(boxes("a", "b"), links("a>b"), "right");

    expect([box(layout, "b").x, box(layout, "b").y, layout.width, layout.height]).toEqual([234, 0, 434, 50]);
  });

  test("a fork is centred over what it feeds", () => {
    const layout = layered(boxes("a", "b", "c"), links("a>b", "a>c"));

    expect(box(layout, "a").x * 2).toBe(box(layout, "b").x + box(layout, "c").x);
  });

  test("a long edge passes beside the boxes of the layers between", () => {
    const layout = layered(boxes("a", "b", "c"), links("a>b", "b>c", "a>c"));

    expect(layout.routes.flatMap((route) => runOver(layout, route))).toEqual([]);
  });

  test("edges start and end on the borders of their boxes", () => {
    const layout = layered(boxes("a", "b"), links("a>b"));

    expect(layout.routes).toEqual([{ source: "a", target: "b", points: [{ x: 100, y: 50 }, { x: 100, y: 84 }] }]);
  });

  test("a crossing that can be avoided is avoided", () => {
    const layout = layered(boxes("a", "b", "c", "d"), links("a>d", "b>c"));

    expect(box(layout, "a").x < box(layout, "b").x).toBe(box(layout, "d").x < box(layout, "c").x);
  });

  test("a source stands above what it feeds, and not at the top", () => {
    const layout = layered(boxes("a", "b", "c", "late"), links("a>b", "b>c", "late>c"));

    expect(box(layout, "late").y).toBe(box(layout, "b").y);
  });

  test("a cycle is laid out all the same, its edge pointing back up", () => {
    const layout = layered(boxes("a", "b"), links("a>b", "b>a"));

    expect(layout.routes.find((route) => route.source === "b")?.points.at(-1)?.y).toBe(box(layout, "a").y + 50);
  });

  test("links to nowhere, to oneself and repeated ones are left out", () => {
    const layout = layered(boxes("a", "b"), links("a>b", "a>b", "a>a", "a>x"));

    expect(layout.routes.map(({ source, target }) => `${source}>${target}`)).toEqual(["a>b"]);
  });

  test("boxes without edges stand in a grid", () => {
    const layout = layered(boxes(...Array.from({ length: 16 }, (_, index) => String(index))), []);

    expect([new Set(layout.boxes.map(({ x }) => x)).size, layout.width > layout.height]).toEqual([3, true]);
  });

  test("nothing has no extent", () => {
    const layout = layered([], []);

    expect([layout.width, layout.height]).toEqual([0, 0]);
  });

  test.each([1, 2, 3, 4, 5])("no two boxes overlap, and no edge runs over a box (random graph %i)", (seed) => {
    const graph = random(120, seed);
    const layout = layered(graph.boxes, graph.links);

    expect(overlapping(layout)).toEqual([]);
    expect(layout.routes.flatMap((route) => runOver(layout, route))).toEqual([]);
  });

  test("the same graph is laid out the same way", () => {
    const graph = random(300, 7);

    expect(layered(graph.boxes, graph.links)).toEqual(layered(graph.boxes, graph.links));
  });

  test("a vertex with a thousand far successors needs one line for them", () => {
    const ids = Array.from({ length: 1000 }, (_, index) => String(index));
    const chain = ids.slice(1).map((id) => ({ source: String(Number(id) - 1), target: id }));
    const layout = layered(boxes(...ids), [...chain, ...ids.slice(2).map((id) => ({ source: "0", target: id }))]);

    const passing = layout.routes.filter((route) => route.points.length > 2);
    expect(new Set(passing.flatMap((route) => route.points.slice(2, -2).map(({ x }) => x))).size).toBe(1);
  });
});

/** Milliseconds of the fastest of three: the machine may be busy with other things. */
function fastest(work: () => unknown): number {
  return Math.min(
    ...Array.from({ length: 3 }, () => {
      const began = performance.now();
      work();
      return performance.now() - began;
    }),
  );
}

describe("speed (with room for a busy machine; the goals are 50 and 200 ms)", () => {
  test.each([
    ["random", 1000, random(1000, 1)],
    ["wide", 1000, wide(1000)],
    ["random", 5000, random(5000, 1)],
    ["wide", 5000, wide(5000)],
  ])("a %s graph of %i boxes", (name, count, graph) => {
    const milliseconds = fastest(() => layered(graph.boxes, graph.links));
    console.info(`${name} ${String(count)}: ${milliseconds.toFixed(0)} ms`);

    expect(milliseconds).toBeLessThan(count);
  });
});
