/** A graph of thousands of nodes on a canvas, with as much detail as the zoom can show. */

import type { Appearance, Share } from "./appearance";
import { GLYPHS, kindGlyph, type NodeLook } from "./glyphs";
import { isFoldable } from "./nodes";
import { NODE, pathOf, type Scene, type SceneNode } from "./scene";
import { ellipsized } from "./texts";
import { type Extent, seen, type View } from "./viewport";

/** Below this zoom a node is a coloured patch; above it, it has a name; above the second one, everything. */
const NAMED_FROM = 0.32;
const DETAILED_FROM = 0.55;

export interface Ink {
  readonly solid: string;
  readonly ink: string;
  readonly tint: string;
}

/** Colours of the theme, resolved: a canvas knows no CSS variables. */
export interface Palette {
  readonly looks: Readonly<Record<NodeLook, Ink>>;
  readonly ground: string;
  readonly surface: string;
  readonly line: string;
  readonly edge: string;
  readonly text: string;
  readonly soft: string;
  readonly accent: string;
}

/** What does not change while a scene is looked at. */
export interface Prepared {
  readonly scene: Scene;
  readonly edges: Path2D;
  readonly glyphs: Readonly<Record<NodeLook, Path2D>>;
}

export function prepared(scene: Scene): Prepared {
  const edges = new Path2D();
  for (const edge of scene.edges) edges.addPath(new Path2D(pathOf(edge.points, scene.flow)));
  const glyphs = Object.fromEntries(Object.entries(GLYPHS).map(([look, path]) => [look, new Path2D(path)]));
  return { scene, edges, glyphs: glyphs as Record<NodeLook, Path2D> };
}

/** Draw what is seen of a scene. */
export function paint(
  context: CanvasRenderingContext2D,
  { scene, edges, glyphs }: Prepared,
  appearances: ReadonlyMap<string, Appearance>,
  selected: string | null,
  view: View,
  window: Extent,
  palette: Palette,
): void {
  const ratio = globalThis.devicePixelRatio;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, window.width, window.height);
  context.setTransform(ratio * view.k, 0, 0, ratio * view.k, ratio * view.x, ratio * view.y);
  const area = seen(view, window);
  const visible = scene.nodes.filter(
    (node) =>
      node.x < area.x + area.width && node.x + node.width > area.x && node.y < area.y + area.height && node.y + node.height > area.y,
  );
  for (const node of visible) {
    if (isFoldable(node.visible) && node.visible.open) drawGroup(context, node, appearances.get(node.id), palette, view.k);
  }
  // A line is never thinner than a part of a pixel that can be seen.
  context.lineWidth = Math.max(1.4, 0.45 / view.k);
  context.strokeStyle = palette.edge;
  context.globalAlpha = view.k < 0.12 ? 0.45 : 1;
  context.stroke(edges);
  context.globalAlpha = 1;
  context.strokeStyle = palette.accent;
  context.lineWidth = Math.max(2, 1 / view.k);
  for (const edge of scene.edges) {
    if (edge.source === selected || edge.target === selected) context.stroke(new Path2D(pathOf(edge.points, scene.flow)));
  }
  for (const node of visible) {
    if (isFoldable(node.visible) && node.visible.open) continue;
    drawNode(context, node, appearances.get(node.id), glyphs, palette, view.k);
  }
  const chosen = visible.find((node) => node.id === selected);
  if (chosen !== undefined) outline(context, chosen, palette, view.k);
}

function drawGroup(context: CanvasRenderingContext2D, node: SceneNode, appearance: Appearance | undefined, palette: Palette, k: number): void {
  context.fillStyle = palette.surface;
  context.strokeStyle = palette.line;
  context.lineWidth = Math.max(1, 0.5 / k);
  context.beginPath();
  context.roundRect(node.x, node.y, node.width, node.height, 10);
  context.fill();
  context.stroke();
  if (k < NAMED_FROM / 2) return;
  context.fillStyle = palette.text;
  context.font = "600 13px system-ui, 'DejaVu Sans', sans-serif";
  context.fillText(ellipsized(appearance?.label ?? node.visible.node.display_name, context.font, node.width - 60), node.x + 14, node.y + 22);
}

function drawNode(
  context: CanvasRenderingContext2D,
  node: SceneNode,
  appearance: Appearance | undefined,
  glyphs: Prepared["glyphs"],
  palette: Palette,
  k: number,
): void {
  const look = appearance?.look ?? "plain";
  const ink = palette.looks[look];
  if (k < NAMED_FROM) {
    context.fillStyle = ink.solid;
    context.globalAlpha = look === "waiting" || look === "skipped" ? 0.55 : 1;
    // Down to a pixel and a half a node stays visible.
    const height = Math.max(node.height, 1.5 / k);
    context.fillRect(node.x, node.y, Math.max(node.width, 1.5 / k), height);
    context.globalAlpha = 1;
    return;
  }
  context.fillStyle = look === "failed" ? ink.tint : palette.ground;
  context.strokeStyle = look === "waiting" || look === "plain" ? palette.line : ink.solid;
  context.lineWidth = look === "failed" ? 1.8 : 1.2;
  context.beginPath();
  context.roundRect(node.x, node.y, node.width, node.height, 7);
  context.fill();
  context.stroke();
  const isDetailed = k >= DETAILED_FROM;
  const detail = isDetailed ? (appearance?.detail ?? "") : "";
  const middle = node.y + node.height / 2;
  if (look !== "plain") drawMark(context, glyphs[look], ink, node.x + 20, middle, isDetailed);
  const left = node.x + (look === "plain" ? 14 : 38);
  const folded = isFoldable(node.visible);
  context.fillStyle = look === "waiting" || look === "skipped" ? palette.soft : palette.text;
  context.font = `600 ${isDetailed ? 13 : 17}px system-ui, 'DejaVu Sans', sans-serif`;
  const label = ellipsized(appearance?.label ?? node.visible.node.display_name, context.font, node.width - 46 - (folded ? 24 : 0));
  context.fillText(label, left, detail === "" ? middle + 5 : node.y + (folded ? 22 : 21));
  if (detail !== "") {
    context.fillStyle = palette.soft;
    context.font = "400 11.5px system-ui, 'DejaVu Sans', sans-serif";
    context.fillText(ellipsized(detail, context.font, node.width - 50), left, node.y + (folded ? 39 : 38));
  }
  if (folded) {
    drawBar(context, appearance?.shares ?? [], node, palette);
    context.save();
    context.translate(node.x + node.width - 26, node.y + 9);
    context.strokeStyle = palette.soft;
    context.lineWidth = 1.6;
    context.stroke(new Path2D(kindGlyph(node.visible.node.kind, node.visible.members.length > 0)));
    context.restore();
  }
}

function drawMark(context: CanvasRenderingContext2D, glyph: Path2D, ink: Ink, x: number, y: number, isDetailed: boolean): void {
  context.fillStyle = ink.tint;
  context.beginPath();
  context.arc(x, y, 10, 0, 2 * Math.PI);
  context.fill();
  if (!isDetailed) {
    context.fillStyle = ink.solid;
    context.beginPath();
    context.arc(x, y, 6, 0, 2 * Math.PI);
    context.fill();
    return;
  }
  context.save();
  context.translate(x - 6.4, y - 6.4);
  context.scale(0.8, 0.8);
  context.strokeStyle = ink.ink;
  context.lineWidth = 2.2;
  context.lineCap = "round";
  context.stroke(glyph);
  context.restore();
}

function drawBar(context: CanvasRenderingContext2D, shares: readonly Share[], node: SceneNode, palette: Palette): void {
  const total = shares.reduce((sum, { count }) => sum + count, 0);
  const width = node.width - 24;
  let left = node.x + 12;
  for (const { look, count } of shares) {
    const own = (width * count) / total;
    context.fillStyle = palette.looks[look].solid;
    context.fillRect(left, node.y + NODE.folded - 11, Math.max(1, own - 1.5), 5);
    left += own;
  }
}

function outline(context: CanvasRenderingContext2D, node: SceneNode, palette: Palette, k: number): void {
  context.strokeStyle = palette.accent;
  context.lineWidth = Math.max(2.5, 2 / k);
  context.beginPath();
  context.roundRect(node.x - 2, node.y - 2, node.width + 4, node.height + 4, 8);
  context.stroke();
}
