/** A graph of thousands of nodes: one canvas, redrawn at most once a frame. */

import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useMemo, useRef, type MouseEvent } from "react";
import { tone } from "./appearance";
import { useExtent } from "./camera";
import { GLYPHS, type NodeLook } from "./glyphs";
import classes from "./Graph.module.css";
import { isFoldable } from "./nodes";
import { paint, type Palette, prepared } from "./paint";
import type { Scene, SceneNode } from "./scene";
import type { SceneProps } from "./SvgScene";

export function CanvasScene({ scene, camera, appearances, selected, onSelect, onToggle }: SceneProps) {
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const extent = useExtent(frame);
  const scheme = useComputedColorScheme("light");
  const still = useMemo(() => prepared(scene), [scene]);

  useEffect(() => {
    const target = canvas.current;
    const context = target?.getContext("2d");
    if (!target || !context || extent === null) return;
    target.width = Math.round(extent.width * devicePixelRatio);
    target.height = Math.round(extent.height * devicePixelRatio);
    const palette = paletteOf(target);
    let asked = 0;
    const draw = () => {
      asked = 0;
      paint(context, still, appearances, selected, camera.view, extent, palette);
    };
    const stop = camera.watch(() => {
      if (asked === 0) asked = requestAnimationFrame(draw);
    });
    return () => {
      stop();
      cancelAnimationFrame(asked);
    };
  }, [still, appearances, selected, camera, extent, scheme]);

  const under = (event: MouseEvent): SceneNode | undefined => {
    const box = event.currentTarget.getBoundingClientRect();
    const { x, y, k } = camera.view;
    return nodeAt(scene, (event.clientX - box.left - x) / k, (event.clientY - box.top - y) / k);
  };
  return (
    <div ref={frame} className={classes.scene}>
      {/* Keys and the table of tasks reach every node without a pointer. */}
      <canvas
        ref={canvas}
        className={classes.canvas}
        role="img"
        aria-label={`Picture of ${scene.nodes.length} nodes`}
        data-nodes={scene.nodes.length}
        onClick={(event) => {
          const node = under(event);
          if (node !== undefined) onSelect(node.visible);
        }}
        onDoubleClick={(event) => {
          const node = under(event);
          if (node !== undefined && isFoldable(node.visible)) onToggle(node.visible);
        }}
      />
    </div>
  );
}

/** The innermost node at a point: groups come before what is inside them. */
function nodeAt(scene: Scene, x: number, y: number): SceneNode | undefined {
  return scene.nodes.findLast((node) => x >= node.x && x <= node.x + node.width && y >= node.y && y <= node.y + node.height);
}

function paletteOf(element: Element): Palette {
  const probe = document.createElement("span");
  element.parentElement?.append(probe);
  const resolved = (colour: string) => {
    probe.style.color = colour;
    return getComputedStyle(probe).color;
  };
  const looks = Object.fromEntries(
    (Object.keys(GLYPHS) as NodeLook[]).map((look) => [
      look,
      { solid: resolved(tone(look)), ink: resolved(tone(look, "ink")), tint: resolved(tone(look, "tint")) },
    ]),
  );
  const palette = {
    looks: looks as Palette["looks"],
    ground: resolved("var(--raised)"),
    surface: resolved("var(--surface)"),
    line: resolved("var(--line-strong)"),
    edge: resolved("var(--line-strong)"),
    text: resolved("var(--ink)"),
    soft: resolved("var(--ink-soft)"),
    accent: resolved("var(--mantine-primary-color-filled)"),
  };
  probe.remove();
  return palette;
}
