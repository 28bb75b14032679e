/** Which part of a scene is seen, and how large. Pure. */

import type { Point } from "./layered/boxes";

/** A point of the scene is seen at `x + k * point.x`, `y + k * point.y`. */
export interface View extends Point {
  readonly k: number;
}

export interface Extent {
  readonly width: number;
  readonly height: number;
}

export interface Area extends Extent, Point {}

const LEAST = 0.02;
const MOST = 2.5;
/** What is small is not blown up to fill the space. */
const MOST_FITTED = 1.15;
const MARGIN = 28;
/** Room below a fitted scene, where buttons and a legend lie over the picture. */
const FOOT = 56;

/** The whole scene, in the middle. */
export function fitted(scene: Extent, window: Extent): View {
  const k = Math.min(
    MOST_FITTED,
    Math.max(1, window.width - 2 * MARGIN) / Math.max(1, scene.width),
    Math.max(1, window.height - MARGIN - FOOT) / Math.max(1, scene.height),
  );
  return { k, x: (window.width - scene.width * k) / 2, y: (window.height - FOOT + MARGIN - scene.height * k) / 2 };
}

/** Larger or smaller by a factor, with the point of the window at `at` staying where it is. */
export function zoomed(view: View, factor: number, at: Point): View {
  const k = Math.min(MOST, Math.max(LEAST, view.k * factor));
  const ratio = k / view.k;
  return { k, x: at.x - (at.x - view.x) * ratio, y: at.y - (at.y - view.y) * ratio };
}

export function moved(view: View, by: Point): View {
  return { ...view, x: view.x + by.x, y: view.y + by.y };
}

/** The same view, moved as little as it takes to see an area of the scene; larger first if that would be unreadable. */
export function showing(view: View, area: Area, window: Extent, readable = 0): View {
  let { k, x, y } = view;
  if (k < readable) {
    k = readable;
    x = window.width / 2 - (area.x + area.width / 2) * k;
    y = window.height / 2 - (area.y + area.height / 2) * k;
  }
  return {
    k,
    x: x + shift(x + area.x * k, area.width * k, window.width),
    y: y + shift(y + area.y * k, area.height * k, window.height),
  };
}

function shift(from: number, length: number, room: number): number {
  if (length > room - 2 * MARGIN) return room / 2 - from - length / 2;
  if (from < MARGIN) return MARGIN - from;
  return Math.min(0, room - MARGIN - (from + length));
}

/** The view of a changed scene in which an area that was at `before` is seen where it was. */
export function anchored(view: View, before: Point, after: Point): View {
  return moved(view, { x: (before.x - after.x) * view.k, y: (before.y - after.y) * view.k });
}

/** The part of the scene that is seen. */
export function seen(view: View, window: Extent): Area {
  return { x: -view.x / view.k, y: -view.y / view.k, width: window.width / view.k, height: window.height / view.k };
}
