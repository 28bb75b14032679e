import type { TaskCounts } from "@/api/types";
import { colorOf, nameOf, type Look } from "@/theme/states";
import classes from "./TaskBar.module.css";

const ORDER: readonly (keyof TaskCounts & Look)[] = [
  "failed", "running", "pending", "succeeded", "reused", "skipped", "canceled",
];

/** How many tasks are in which state, as a bar and in words. */
export function TaskBar({ counts }: { counts: TaskCounts }) {
  const present = ORDER.filter((look) => counts[look] > 0);
  const total = present.reduce((sum, look) => sum + counts[look], 0);
  if (total === 0) return <span className={classes.none}>–</span>;
  const words = present.map((look) => `${counts[look]} ${nameOf(look).toLowerCase()}`).join(", ");
  return (
    <span className={classes.whole} title={words}>
      <span className={classes.bar} aria-hidden>
        {present.map((look) => (
          <span key={look} style={{ flexGrow: counts[look], background: colorOf(look) }} />
        ))}
      </span>
      <span className={classes.total} aria-hidden>
        {total}
      </span>
      <span className="visually-hidden">{words}</span>
    </span>
  );
}
