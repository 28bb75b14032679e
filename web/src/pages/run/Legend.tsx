import { sharesOf, tone } from "@/graph/appearance";
import { GLYPHS, type NodeLook } from "@/graph/glyphs";
import { nameOf } from "@/theme/states";
import classes from "./Run.module.css";
import { doesWork, lookOfTask, type RunTasks } from "./runTasks";

/** Which state has which mark, and how many tasks are in it. */
export function Legend({ tasks }: { readonly tasks: RunTasks }) {
  const shares = sharesOf(tasks.inOrder.filter(({ kind }) => doesWork(kind)).map(lookOfTask));
  if (shares.length === 0) return null;
  return (
    <ul className={classes.legend} aria-label="States">
      {shares.map(({ look, count }) => (
        <li key={look}>
          <Mark look={look} />
          {look === "waiting" || look === "plain" ? "Waiting" : nameOf(look)}
          <span>{count.toLocaleString("en")}</span>
        </li>
      ))}
    </ul>
  );
}

/** The mark of a state, as in the graph. */
export function Mark({ look, size = 14 }: { readonly look: NodeLook; readonly size?: number }) {
  return (
    <svg className={classes.mark} viewBox="0 0 16 16" width={size} height={size} aria-hidden>
      <path d={GLYPHS[look]} stroke={tone(look, "ink")} />
    </svg>
  );
}
