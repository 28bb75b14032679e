/** The picture of a pipeline: pan, zoom, fit, fold, and a selection that arrow keys move. */

import { ActionIcon, Tooltip } from "@mantine/core";
import { IconArrowsMaximize, IconArrowsMinimize, IconFocusCentered, IconMinus, IconPlus, IconRotateClockwise } from "@tabler/icons-react";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import type { Appearance } from "./appearance";
import { Camera, useExtent, usePanAndZoom } from "./camera";
import { CanvasScene } from "./CanvasScene";
import classes from "./Graph.module.css";
import { drawnFor, type GraphEdge, type GraphNode, isFoldable, type VisibleNode, visibleGraph } from "./nodes";
import { type Flow } from "./layered/boxes";
import { neighbour, sceneOf, sceneToFit } from "./scene";
import { SvgScene } from "./SvgScene";
import { anchored, type Extent, fitted, showing, zoomed } from "./viewport";

/** Beyond so many nodes the picture is a canvas. */
const SVG_NODES = 300;
/** In a picture with fewer nodes, conditions and exit handlers are open from the start. */
const OPENED_NODES = 40;
const OPENED_KINDS = new Set(["CONDITION", "CONDITION_BRANCH", "EXIT_HANDLER"]);
/** A node that is gone to is shown at least this large. */
const READABLE = 0.6;
const STEP = 1.35;
const ARROWS = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right" } as const;

interface GraphViewProps {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  /** What a node shows; keep it the same while nothing has changed. */
  readonly appearanceOf: (node: VisibleNode) => Appearance;
  /** Id of the selected node; it may be inside a folded group. */
  readonly selected: string | null;
  readonly onSelect: (node: VisibleNode) => void;
  /** What the picture shows, for those who cannot see it. */
  readonly label: string;
  /** Beside the buttons, such as a legend. */
  readonly children?: ReactNode;
}

export function GraphView(props: GraphViewProps) {
  const frame = useRef<HTMLDivElement>(null);
  const extent = useExtent(frame);
  return (
    <div ref={frame} className={classes.frame}>
      {extent !== null && <Stage {...props} extent={extent} />}
    </div>
  );
}

function Stage({ nodes, edges, appearanceOf, selected, onSelect, label, children, extent }: GraphViewProps & { extent: Extent }) {
  const area = useRef<HTMLDivElement>(null);
  const [camera] = useState(() => new Camera());
  usePanAndZoom(area, camera);
  const [open, setOpen] = useState(() => openAtFirst(nodes));
  // Chosen for the first picture, and kept: folding and panels do not turn the graph.
  const [flow, setFlow] = useState<Flow>(() => sceneToFit(visibleGraph(nodes, edges, open), extent).flow);

  const graph = useMemo(() => visibleGraph(nodes, edges, open), [nodes, edges, open]);
  const scene = useMemo(() => sceneOf(graph, flow), [graph, flow]);
  const appearances = useMemo(
    () => new Map(scene.nodes.map((node) => [node.id, appearanceOf(node.visible)])),
    [scene, appearanceOf],
  );
  const drawn = useMemo(() => (selected === null ? null : drawnFor(graph, selected)), [graph, selected]);

  const fit = useCallback(() => {
    camera.fit(fitted(scene, extent));
  }, [camera, scene, extent]);

  const anchor = useRef<{ id: string; x: number; y: number } | null>(null);
  useLayoutEffect(() => {
    const held = anchor.current;
    anchor.current = null;
    const after = held === null ? undefined : scene.nodes.find((node) => node.id === held.id);
    if (held !== null && after !== undefined) {
      camera.hold(showing(anchored(camera.view, held, after), after, extent));
    } else if (!camera.isHeld) {
      camera.fit(fitted(scene, extent));
    }
  }, [camera, scene, extent]);

  const show = useCallback(
    (id: string | null) => {
      const node = scene.nodes.find((each) => each.id === id);
      if (node !== undefined) camera.hold(showing(camera.view, node, extent, READABLE));
    },
    [camera, scene, extent],
  );
  const shown = useRef<string | null>(null);
  useEffect(() => {
    if (drawn === shown.current) return;
    shown.current = drawn;
    // What all can be seen of is not moved by a selection.
    if (drawn !== null && (camera.isHeld || camera.view.k < READABLE)) show(drawn);
  }, [drawn, camera, scene, show]);

  const toggle = useCallback(
    (node: VisibleNode) => {
      const before = scene.nodes.find((each) => each.id === node.id);
      if (before !== undefined) anchor.current = { id: node.id, x: before.x, y: before.y };
      setOpen((ids) => (ids.has(node.id) ? new Set([...ids].filter((id) => id !== node.id)) : new Set([...ids, node.id])));
    },
    [scene],
  );

  const zoom = (factor: number) => {
    camera.hold(zoomed(camera.view, factor, { x: extent.width / 2, y: extent.height / 2 }));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const node = scene.nodes.find((each) => each.id === drawn);
    if (event.key in ARROWS) {
      const next = neighbour(scene, drawn ?? "", ARROWS[event.key as keyof typeof ARROWS]);
      const found = scene.nodes.find((each) => each.id === next);
      if (found !== undefined) onSelect(found.visible);
    } else if (event.key === "Enter" && node !== undefined && isFoldable(node.visible)) toggle(node.visible);
    else if (event.key === "+" || event.key === "=") zoom(STEP);
    else if (event.key === "-") zoom(1 / STEP);
    else if (event.key === "0" || event.key === "f") fit();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const groups = useMemo(() => foldable(graph.nodes), [graph]);
  const allOpen = groups.length > 0 && groups.every((id) => open.has(id));
  const shownProps = { camera, appearances, selected: drawn, onSelect, onToggle: toggle };
  return (
    <>
      {/* A graph that arrow keys move through is one stop of the tab key. */}
      <div
        ref={area}
        className={classes.window}
        role="group"
        aria-label={`${label}. Arrow keys move the selection, plus and minus zoom.`}
        tabIndex={0}
        onKeyDown={onKeyDown}
        data-testid="graph"
      >
        {scene.nodes.length > SVG_NODES ? <CanvasScene scene={scene} {...shownProps} /> : <SvgScene scene={scene} {...shownProps} />}
      </div>
      <div className={classes.tools}>
        <Tool label="Zoom in" icon={<IconPlus size={16} />} onClick={() => zoom(STEP)} />
        <Tool label="Zoom out" icon={<IconMinus size={16} />} onClick={() => zoom(1 / STEP)} />
        <Tool label="Fit" icon={<IconFocusCentered size={16} />} onClick={fit} />
        <Tool
          label={scene.flow === "right" ? "Draw from top to bottom" : "Draw from left to right"}
          icon={<IconRotateClockwise size={16} />}
          onClick={() => {
            camera.release();
            setFlow(scene.flow === "right" ? "down" : "right");
          }}
        />
        {groups.length > 0 && (
          <Tool
            label={allOpen ? "Fold all groups" : "Open all groups"}
            icon={allOpen ? <IconArrowsMinimize size={16} /> : <IconArrowsMaximize size={16} />}
            onClick={() => {
              camera.release();
              setOpen(new Set(allOpen ? [] : groups));
            }}
          />
        )}
      </div>
      {children}
    </>
  );
}

function Tool({ label, icon, onClick }: { label: string; icon: ReactNode; onClick: () => void }) {
  return (
    <Tooltip label={label} position="right">
      <ActionIcon variant="subtle" color="gray" size={30} aria-label={label} onClick={onClick}>
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}

function openAtFirst(nodes: readonly GraphNode[]): ReadonlySet<string> {
  if (nodes.length > OPENED_NODES) return new Set();
  return new Set(nodes.filter((node) => OPENED_KINDS.has(node.kind)).map((node) => node.id));
}

function foldable(nodes: readonly VisibleNode[]): string[] {
  return nodes.filter(isFoldable).flatMap((node) => [node.id, ...foldable(node.children)]);
}
