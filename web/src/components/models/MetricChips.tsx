import { metric } from "@/formats/numbers";
import classes from "./models.module.css";

/** Metrics as name and value; the first few of them. */
export function MetricChips({ metrics, most }: { metrics: Readonly<Record<string, number>>; most: number }) {
  const all = Object.entries(metrics);
  if (all.length === 0) return <span className={classes.soft}>–</span>;
  return (
    <span className={classes.chips} title={all.map(([name, value]) => `${name} ${value}`).join("\n")}>
      {all.slice(0, most).map(([name, value]) => (
        <span key={name} className={classes.chip}>
          <span className={classes.soft}>{name}</span> {metric(value)}
        </span>
      ))}
      {all.length > most && <span className={classes.soft}>+{all.length - most}</span>}
    </span>
  );
}
