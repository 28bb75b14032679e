/** The view of a graph as it changes many times a second: outside React, so that moving draws and renders nothing else. */

import { useEffect, useRef, useState, type RefObject } from "react";
import { type Extent, moved, type View, zoomed } from "./viewport";

export class Camera {
  #view: View = { k: 1, x: 0, y: 0 };
  readonly #listeners = new Set<() => void>();
  #isHeld = false;

  get view(): View {
    return this.#view;
  }

  /** Whether a person has moved it: then it is not made to fit any more. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** A person moves it. */
  hold(view: View): void {
    this.#isHeld = true;
    this.#show(view);
  }

  /** Show the whole, and go on doing so when the window changes. */
  fit(view: View): void {
    this.#isHeld = false;
    this.#show(view);
  }

  /** Fit the next scene, whatever was shown of this one. */
  release(): void {
    this.#isHeld = false;
  }

  #show(view: View): void {
    this.#view = view;
    for (const listener of this.#listeners) listener();
  }

  /** Called at once and after every change; returns how to end that. */
  watch(listener: () => void): () => void {
    this.#listeners.add(listener);
    listener();
    return () => this.#listeners.delete(listener);
  }
}

/** Size of an element, as it changes; null before it is known. */
export function useExtent(element: RefObject<HTMLElement | null>): Extent | null {
  const [extent, setExtent] = useState<Extent | null>(null);
  useEffect(() => {
    const watched = element.current;
    if (watched === null) return;
    const observer = new ResizeObserver(() => {
      setExtent({ width: watched.clientWidth, height: watched.clientHeight });
    });
    observer.observe(watched);
    return () => observer.disconnect();
  }, [element]);
  return extent;
}

const DRAG_STARTS = 4;

/** Let a pointer and a wheel move a camera over an element: drag, wheel, and two fingers. */
export function usePanAndZoom(element: RefObject<HTMLElement | null>, camera: Camera): void {
  const fingers = useRef(new Map<number, { x: number; y: number }>());
  useEffect(() => {
    const target = element.current;
    if (target === null) return;
    const down = fingers.current;
    let dragged = false;
    const at = (event: { clientX: number; clientY: number }) => {
      const box = target.getBoundingClientRect();
      return { x: event.clientX - box.left, y: event.clientY - box.top };
    };
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      const delta = Math.max(-120, Math.min(120, event.deltaY * lines));
      if (event.shiftKey) camera.hold(moved(camera.view, { x: -delta, y: 0 }));
      else camera.hold(zoomed(camera.view, Math.exp(-delta * (event.ctrlKey ? 0.01 : 0.0022)), at(event)));
    };
    const onDown = (event: PointerEvent) => {
      if (event.button !== 0) return;
      down.set(event.pointerId, at(event));
      dragged = false;
    };
    const onMove = (event: PointerEvent) => {
      const before = down.get(event.pointerId);
      if (before === undefined) return;
      const now = at(event);
      const by = { x: now.x - before.x, y: now.y - before.y };
      if (!dragged && Math.hypot(by.x, by.y) < DRAG_STARTS) return;
      if (!dragged) target.setPointerCapture(event.pointerId);
      dragged = true;
      const other = [...down].find(([id]) => id !== event.pointerId)?.[1];
      down.set(event.pointerId, now);
      if (other === undefined) {
        camera.hold(moved(camera.view, by));
        return;
      }
      const apart = (one: { x: number; y: number }) => Math.max(1, Math.hypot(one.x - other.x, one.y - other.y));
      camera.hold(zoomed(camera.view, apart(now) / apart(before), { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 }));
    };
    const onUp = (event: PointerEvent) => {
      down.delete(event.pointerId);
    };
    // A drag that ends over a node is no click on it.
    const onClick = (event: MouseEvent) => {
      if (!dragged) return;
      event.stopPropagation();
      dragged = false;
    };
    target.addEventListener("wheel", onWheel, { passive: false });
    target.addEventListener("pointerdown", onDown);
    target.addEventListener("pointermove", onMove);
    target.addEventListener("pointerup", onUp);
    target.addEventListener("pointercancel", onUp);
    target.addEventListener("click", onClick, true);
    return () => {
      target.removeEventListener("wheel", onWheel);
      target.removeEventListener("pointerdown", onDown);
      target.removeEventListener("pointermove", onMove);
      target.removeEventListener("pointerup", onUp);
      target.removeEventListener("pointercancel", onUp);
      target.removeEventListener("click", onClick, true);
    };
  }, [element, camera]);
}
