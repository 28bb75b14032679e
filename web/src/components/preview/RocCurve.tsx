import { useState, type PointerEvent } from "react";
import classes from "./Preview.module.css";
import { areaUnder, curveOf, type RocPoint } from "./shares";

interface Curve {
  readonly name: string;
  readonly points: readonly RocPoint[];
}

const SIDE = 220;
const LEFT = 38;
const BOTTOM = 34;
const TOP = 8;
const MARKS = [0, 0.25, 0.5, 0.75, 1];

/** ROC curves over each other. Pointing at the picture tells the nearest point's threshold and rates. */
export function RocCurve({ curves }: { readonly curves: readonly Curve[] }) {
  const [near, setNear] = useState<{ readonly point: RocPoint; readonly curve: number } | null>(null);
  const x = (rate: number) => LEFT + rate * SIDE;
  const y = (rate: number) => TOP + (1 - rate) * SIDE;
  const onPointerMove = (event: PointerEvent<SVGSVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const scale = (LEFT + SIDE + 10) / box.width;
    const fpr = ((event.clientX - box.left) * scale - LEFT) / SIDE;
    const tpr = 1 - ((event.clientY - box.top) * scale - TOP) / SIDE;
    const all = curves.flatMap(({ points }, curve) => points.map((point) => ({ point, curve })));
    const distance = ({ point }: { point: RocPoint }) => Math.hypot(point.fpr - fpr, point.tpr - tpr);
    setNear(all.reduce<(typeof all)[number] | null>((best, one) => (best === null || distance(one) < distance(best) ? one : best), null));
  };
  return (
    <figure className={classes.figure}>
      <figcaption className={classes.caption}>ROC curve</figcaption>
      <svg
        className={classes.roc}
        viewBox={`0 0 ${String(LEFT + SIDE + 10)} ${String(TOP + SIDE + BOTTOM)}`}
        role="img"
        aria-label={`ROC curve. ${curves.map(({ name, points }) => `${name}: area ${areaUnder(points).toFixed(3)}`).join("; ")}`}
        onPointerMove={onPointerMove}
        onPointerLeave={() => setNear(null)}
      >
        {MARKS.map((mark) => (
          <g key={mark} className={classes.grid}>
            <path d={`M${String(x(mark))} ${String(y(0))}V${String(y(1))}M${String(x(0))} ${String(y(mark))}H${String(x(1))}`} />
            <text x={x(mark)} y={y(0) + 14} textAnchor="middle">
              {mark}
            </text>
            <text x={x(0) - 6} y={y(mark) + 3.5} textAnchor="end">
              {mark}
            </text>
          </g>
        ))}
        <path className={classes.chance} d={`M${String(x(0))} ${String(y(0))}L${String(x(1))} ${String(y(1))}`} />
        {curves.map(({ name, points }, index) => (
          <path
            key={name}
            className={classes.curve}
            data-curve={index}
            d={`M${curveOf(points)
              .map(({ fpr, tpr }) => `${x(fpr).toFixed(2)} ${y(tpr).toFixed(2)}`)
              .join("L")}`}
          />
        ))}
        <text className={classes.axis} x={x(0.5)} y={y(0) + 30} textAnchor="middle">
          False positive rate
        </text>
        <text className={classes.axis} transform={`translate(10 ${String(y(0.5))}) rotate(-90)`} textAnchor="middle">
          True positive rate
        </text>
        {near !== null && <circle className={classes.near} data-curve={near.curve} cx={x(near.point.fpr)} cy={y(near.point.tpr)} r={4} />}
      </svg>
      <p className={classes.note} aria-live="off">
        {near === null
          ? curves.map(({ points }) => `Area under the curve ${areaUnder(points).toFixed(3)}`).join(", ")
          : `Threshold ${thresholdText(near.point.threshold)}: false positives ${near.point.fpr.toFixed(3)}, true positives ${near.point.tpr.toFixed(3)}`}
      </p>
    </figure>
  );
}

function thresholdText(value: number): string {
  return Math.abs(value) > 1e300 ? "∞" : value.toFixed(3);
}
