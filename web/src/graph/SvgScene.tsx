/** A graph of up to some hundred nodes as SVG: crisp, and every node is an element that can be found and read. */

import { memo, useEffect, useRef } from "react";
import { type Appearance, type Share, tone } from "./appearance";
import type { Camera } from "./camera";
import classes from "./Graph.module.css";
import { GLYPHS, kindGlyph, type NodeLook } from "./glyphs";
import { isFoldable, type VisibleNode } from "./nodes";
import { NODE, pathOf, type Scene, type SceneNode } from "./scene";
import { ellipsized } from "./texts";

export interface SceneProps {
  readonly scene: Scene;
  readonly camera: Camera;
  readonly appearances: ReadonlyMap<string, Appearance>;
  readonly selected: string | null;
  readonly onSelect: (node: VisibleNode) => void;
  readonly onToggle: (node: VisibleNode) => void;
}

/** Below this zoom names cannot be read: a node is a patch in the colour of its state. */
const FAR = 0.34;
const LABEL_FONT = "600 13px system-ui, 'DejaVu Sans', sans-serif";
const DETAIL_FONT = "400 11.5px system-ui, 'DejaVu Sans', sans-serif";

export function SvgScene({ scene, camera, appearances, selected, onSelect, onToggle }: SceneProps) {
  const moving = useRef<SVGGElement>(null);
  useEffect(
    () =>
      camera.watch(() => {
        const { x, y, k } = camera.view;
        moving.current?.setAttribute("transform", `translate(${x} ${y}) scale(${k})`);
        moving.current?.toggleAttribute("data-far", k < FAR);
      }),
    [camera],
  );
  return (
    <svg className={classes.scene}>
      <g ref={moving}>
        {scene.nodes.filter(isOpenGroup).map((node) => (
          <rect key={node.id} className={classes.open} data-depth={node.depth % 2} x={node.x} y={node.y} width={node.width} height={node.height} rx={10} />
        ))}
        {scene.edges.map((edge) => (
          <path
            key={`${edge.source}>${edge.target}`}
            className={classes.edge}
            data-order={edge.orderOnly || undefined}
            data-near={edge.source === selected || edge.target === selected || undefined}
            d={pathOf(edge.points, scene.flow)}
          />
        ))}
        {scene.nodes.map((node) => (
          <Node
            key={node.id}
            node={node}
            appearance={appearances.get(node.id)}
            isSelected={node.id === selected}
            onSelect={onSelect}
            onToggle={onToggle}
          />
        ))}
      </g>
    </svg>
  );
}

function isOpenGroup(node: SceneNode): boolean {
  return isFoldable(node.visible) && node.visible.open;
}

interface NodeProps extends Pick<SceneProps, "onSelect" | "onToggle"> {
  readonly node: SceneNode;
  readonly appearance: Appearance | undefined;
  readonly isSelected: boolean;
}

const Node = memo(function Node({ node, appearance, isSelected, onSelect, onToggle }: NodeProps) {
  const { visible, width } = node;
  const { look, label, detail, shares } = appearance ?? { look: "plain", label: visible.node.display_name, detail: "", shares: [] };
  const foldable = isFoldable(visible);
  const open = foldable && visible.open;
  const height = open ? NODE.header : node.height;
  const kind = kindGlyph(visible.node.kind, visible.members.length > 0);
  const room = width - 40 - (kind === "" ? 0 : 22) - (foldable ? 30 : 0);
  const left = look === "plain" ? 14 : 38;
  const { mark, name, second, tools } = rows(height, open, detail !== "", shares.length > 0);
  return (
    <g className={classes.node} data-look={look} data-open={open || undefined} transform={`translate(${node.x} ${node.y})`}>
      <g
        role="button"
        tabIndex={-1}
        aria-label={spoken(appearance, visible)}
        aria-pressed={isSelected}
        data-node={node.id}
        onClick={() => onSelect(visible)}
        onDoubleClick={() => {
          if (foldable) onToggle(visible);
        }}
      >
        {foldable && !open && isMany(visible) && (
          <>
            <rect className={classes.card} x={6} y={6} width={width - 6} height={height} rx={7} />
            <rect className={classes.card} x={3} y={3} width={width - 3} height={height} rx={7} />
          </>
        )}
        <rect className={open ? classes.header : classes.box} data-selected={isSelected || undefined} width={width} height={open ? node.height : height} rx={open ? 10 : 7} />
        {look !== "plain" && <Mark look={look} x={11} y={mark} />}
        <text className={classes.label} x={left} y={name}>
          {ellipsized(label, LABEL_FONT, room)}
        </text>{" "}
        {detail !== "" && !open && (
          <text className={classes.detail} x={left} y={second}>
            {ellipsized(detail, DETAIL_FONT, width - 50 - (foldable && shares.length === 0 ? 30 : 0))}
          </text>
        )}
        {kind !== "" && (
          <path className={classes.kind} d={kind} transform={`translate(${width - (foldable ? 52 : 27)} ${tools + 6}) scale(.875)`} />
        )}
        {shares.length > 0 && !open && <StateBar shares={shares} x={12} y={height - (foldable ? 11 : 8)} width={width - 24} height={foldable ? 5 : 4} />}
      </g>
      {foldable && (
        <g
          className={classes.toggle}
          role="button"
          tabIndex={-1}
          aria-label={`${open ? "Fold" : "Open"} ${label}`}
          aria-expanded={open}
          transform={`translate(${width - 32} ${tools})`}
          onClick={() => onToggle(visible)}
        >
          <rect width={26} height={26} rx={5} />
          <path d={open ? "M9 14.5L13 10.5L17 14.5" : "M9 11.5L13 15.5L17 11.5"} />
        </g>
      )}
    </g>
  );
});

/** Heights of the parts of a node: the state's mark, baselines of two lines of text, and the buttons. */
function rows(height: number, open: boolean, hasDetail: boolean, hasBar: boolean) {
  if (open) return { mark: 7, name: 21, second: 0, tools: 3 };
  const low = hasBar ? (height >= NODE.folded ? 7 : 5) : 0;
  const middle = height / 2 - low;
  return { mark: middle - 9, name: hasDetail ? middle - 3 : middle + 4.5, second: middle + 13, tools: hasBar ? 3 : middle - 13 };
}

function isMany(visible: VisibleNode): boolean {
  return visible.members.length > 0 || visible.node.kind === "LOOP";
}

/** What is read aloud: what can be read, then the state. */
function spoken(appearance: Appearance | undefined, visible: VisibleNode): string {
  if (appearance === undefined) return visible.node.display_name;
  const { label, detail, look } = appearance;
  return `${label}${detail === "" || visible.open ? "" : ` ${detail}`}${look === "plain" ? "" : `, ${look}`}`;
}

function Mark({ look, x, y }: { look: NodeLook; x: number; y: number }) {
  return (
    <g transform={`translate(${x} ${y})`}>
      <circle cx={9} cy={9} r={10} fill={tone(look, "tint")} />
      {/* The path turns while it runs: its own transform has to be free for that. */}
      <g transform="translate(2.6 2.6) scale(.8)">
        <path className={classes.glyph} data-look={look} d={GLYPHS[look]} stroke={tone(look, "ink")} />
      </g>
    </g>
  );
}

interface BarProps {
  readonly shares: readonly Share[];
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Shares of states side by side. A share is never so small that it cannot be seen. */
function StateBar({ shares, x, y, width, height }: BarProps) {
  const total = shares.reduce((sum, { count }) => sum + count, 0);
  const gaps = 1.5 * (shares.length - 1);
  const least = 5;
  const spare = width - gaps - least * shares.length;
  let left = x;
  return shares.map(({ look, count }) => {
    const own = least + (spare * count) / total;
    const from = left;
    left += own + 1.5;
    return <rect key={look} x={from} y={y} width={own} height={height} rx={2} fill={tone(look)} opacity={look === "waiting" ? 0.4 : 1} />;
  });
}
