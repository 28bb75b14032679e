import { expect, test } from "vitest";

import { anchored, fitted, seen, showing, zoomed } from "./viewport";

const WINDOW = { width: 1056, height: 656 };

test("a large scene is made to fit, in the middle", () => {
  expect(fitted({ width: 2000, height: 600 }, WINDOW)).toEqual({ k: 0.5, x: 28, y: 164 });
});

test("a small scene is not blown up", () => {
  expect(fitted({ width: 100, height: 100 }, WINDOW).k).toBe(1.15);
});

test("zooming leaves the point under the pointer where it is", () => {
  const view = zoomed({ k: 1, x: 10, y: 20 }, 2, { x: 110, y: 120 });

  expect(view).toEqual({ k: 2, x: -90, y: -80 });
});

test("zooming ends somewhere", () => {
  const at = { x: 0, y: 0 };

  expect([zoomed({ k: 1, x: 0, y: 0 }, 1e9, at).k, zoomed({ k: 1, x: 0, y: 0 }, 1e-9, at).k]).toEqual([2.5, 0.02]);
});

test("what is seen already does not move", () => {
  const view = { k: 1, x: 0, y: 0 };

  expect(showing(view, { x: 100, y: 100, width: 200, height: 50 }, WINDOW)).toEqual(view);
});

test("what is outside is moved in, no further than needed", () => {
  const view = { k: 1, x: 0, y: 0 };

  expect(showing(view, { x: 1000, y: -50, width: 200, height: 50 }, WINDOW)).toEqual({ k: 1, x: -172, y: 78 });
});

test("what would be unreadable is made larger", () => {
  const view = showing({ k: 0.1, x: 0, y: 0 }, { x: 100, y: 100, width: 200, height: 50 }, WINDOW, 0.7);

  expect(view.k).toBe(0.7);
});

test("after a change the anchor is seen where it was", () => {
  expect(anchored({ k: 2, x: 5, y: 5 }, { x: 10, y: 10 }, { x: 30, y: 10 })).toEqual({ k: 2, x: -35, y: 5 });
});

test("the part of the scene that is seen follows from the view", () => {
  expect(seen({ k: 2, x: -100, y: 0 }, WINDOW)).toEqual({ x: 50, y: -0, width: 528, height: 328 });
});
