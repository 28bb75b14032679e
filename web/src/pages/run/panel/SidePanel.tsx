import { ActionIcon } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef, useState } from "react";
import { nameOf } from "@/theme/states";
import { Mark } from "../Legend";
import { componentName, doesWork, lookOfTask, placeOf, type RunTasks, type Selection } from "../runTasks";
import classes from "./Panel.module.css";
import { TaskList } from "./TaskList";
import { TaskPanel } from "./TaskPanel";

interface SidePanelProps {
  readonly selection: Selection;
  readonly tasks: RunTasks;
  readonly progress: ReadonlyMap<string, string>;
  readonly onClose: () => void;
  readonly onSelect: (name: string) => void;
}

const WIDTH_KEY = "wherry-run-panel-width";
const NARROWEST = 340;
const STEP = 40;

/** What is selected, beside the views. Its width is the person's, and stays. */
export function SidePanel({ selection, tasks, progress, onClose, onSelect }: SidePanelProps) {
  const [width, setWidth] = useState(() => Number(localStorage.getItem(WIDTH_KEY) ?? "") || 520);
  const grabbed = useRef<{ readonly x: number; readonly width: number } | null>(null);
  const resize = (to: number) => {
    const next = Math.round(Math.max(NARROWEST, Math.min(window.innerWidth * 0.7, to)));
    setWidth(next);
    localStorage.setItem(WIDTH_KEY, String(next));
  };
  const onPointerDown = (event: PointerEvent) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    grabbed.current = { x: event.clientX, width };
  };
  const onPointerMove = (event: PointerEvent) => {
    if (grabbed.current !== null) resize(grabbed.current.width + grabbed.current.x - event.clientX);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowLeft") resize(width + STEP);
    else if (event.key === "ArrowRight") resize(width - STEP);
    else return;
    event.preventDefault();
  };
  return (
    <aside className={classes.panel} style={{ width }} aria-label="Task" data-testid="panel">
      <div
        className={classes.grip}
        role="separator"
        aria-orientation="vertical"
        aria-label="Width of the panel"
        aria-valuenow={width}
        aria-valuemin={NARROWEST}
        aria-valuemax={2000}
        tabIndex={0}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={() => (grabbed.current = null)}
        onKeyDown={onKeyDown}
      />
      {selection.kind === "task" ? (
        <TaskPanel
          key={selection.task.id}
          task={selection.task}
          tasks={tasks}
          progress={progress.get(selection.task.key) ?? ""}
          onClose={onClose}
          onSelect={onSelect}
        />
      ) : (
        <NodePanel selection={selection} tasks={tasks} onClose={onClose} onSelect={onSelect} />
      )}
    </aside>
  );
}

interface PanelHeadProps {
  readonly title: string;
  readonly above: string;
  readonly onClose: () => void;
  readonly children?: ReactNode;
}

export function PanelHead({ title, above, onClose, children }: PanelHeadProps) {
  return (
    <div className={classes.panelHead}>
      <div className={classes.panelNames}>
        {above !== "" && <div className={classes.panelAbove}>{above}</div>}
        <div className={classes.panelTitle}>
          <h2 title={title}>{title}</h2>
          {children}
        </div>
      </div>
      <ActionIcon variant="subtle" color="gray" aria-label="Close (Escape)" onClick={onClose}>
        <IconX size={18} />
      </ActionIcon>
    </div>
  );
}

interface NodePanelProps extends Pick<SidePanelProps, "tasks" | "onClose" | "onSelect"> {
  readonly selection: Extract<Selection, { kind: "node" }>;
}

/** A node that stands for several tasks, or for one that has not started. */
function NodePanel({ selection, tasks, onClose, onSelect }: NodePanelProps) {
  const { node, id } = selection;
  const parent = placeOf(id.slice(0, id.lastIndexOf("/")));
  return (
    <>
      <PanelHead title={node.display_name} above={parent === "root" ? "" : parent} onClose={onClose} />
      <div className={classes.panelBody}>
        {selection.tasks.length > 0 ? (
          <TaskList label={`Tasks of ${node.display_name}`} tasks={selection.tasks} onSelect={onSelect} />
        ) : (
          <>
            <p className={classes.quiet}>
              {tasks.isLive
                ? "It has not started: tasks before it are not done."
                : "It did not start: the run ended before it was its turn."}
            </p>
            {doesWork(node.kind) && node.component !== "" && (
              <p className={classes.quiet}>
                Component <code>{componentName(node.component)}</code>
              </p>
            )}
            {node.condition_label !== "" && (
              <p className={classes.quiet}>
                Only if <code>{node.condition_label}</code>
              </p>
            )}
          </>
        )}
      </div>
    </>
  );
}

/** A state's mark and name. */
export function Look({ look }: { readonly look: ReturnType<typeof lookOfTask> }) {
  return (
    <span className={classes.look}>
      <Mark look={look} />
      {look === "waiting" || look === "plain" ? "Waiting" : nameOf(look)}
    </span>
  );
}
