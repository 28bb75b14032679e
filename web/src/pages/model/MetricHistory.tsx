import type { ModelVersionRow } from "@/api/types";
import { metric } from "@/formats/numbers";
import classes from "./ModelPage.module.css";

/** Metrics of the versions beside each other: rows are metrics, the newest version comes first. */
export function MetricHistory({ versions }: { versions: readonly ModelVersionRow[] }) {
  const shown = versions.slice(0, 8);
  const names = [...new Set(shown.flatMap(({ metrics }) => Object.keys(metrics)))];
  if (names.length === 0) return null;
  return (
    <section className={classes.metrics} aria-label="Metrics">
      <h2 className={classes.heading}>Metrics</h2>
      <div className={classes.scroll} tabIndex={0} role="region" aria-label="Metrics by version">
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">Metric</th>
              {shown.map(({ version }) => (
                <th key={version} scope="col">
                  v{version}
                </th>
              ))}
              {shown.length > 1 && <th scope="col">Course</th>}
            </tr>
          </thead>
          <tbody>
            {names.map((name) => {
              const values = shown.map(({ metrics }) => metrics[name]);
              return (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  {values.map((value, index) => (
                    <td key={shown[index]?.version} title={value === undefined ? undefined : String(value)}>
                      {value === undefined ? "–" : metric(value)}
                      <Change value={value} before={values[index + 1]} />
                    </td>
                  ))}
                  {shown.length > 1 && (
                    <td>
                      <Course values={values.toReversed()} />
                    </td>
                  )}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Change({ value, before }: { value: number | undefined; before: number | undefined }) {
  if (value === undefined || before === undefined || value === before) return null;
  return <span className={classes.change}>{value > before ? "▲" : "▼"}</span>;
}

const WIDTH = 84;
const HEIGHT = 20;

/** How a metric went from version to version. */
function Course({ values }: { values: readonly (number | undefined)[] }) {
  const known = values.flatMap((value, index) => (value === undefined ? [] : [{ value, index }]));
  const least = Math.min(...known.map(({ value }) => value));
  const range = Math.max(...known.map(({ value }) => value)) - least;
  const points = known.map(({ value, index }) => {
    const x = 3 + (index / Math.max(1, values.length - 1)) * (WIDTH - 6);
    const y = range === 0 ? HEIGHT / 2 : HEIGHT - 3 - ((value - least) / range) * (HEIGHT - 6);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  return (
    <svg width={WIDTH} height={HEIGHT} aria-hidden className={classes.course}>
      <polyline points={points.join(" ")} />
    </svg>
  );
}
