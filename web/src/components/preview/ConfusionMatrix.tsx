import classes from "./Preview.module.css";
import { share } from "./shares";

interface Matrix {
  readonly categories: readonly string[];
  readonly rows: readonly (readonly number[])[];
}

/** Rows are what was true, columns what was predicted. A cell's depth of colour is its share of the row. */
export function ConfusionMatrix({ matrix }: { readonly matrix: Matrix }) {
  const { categories, rows } = matrix;
  return (
    <figure className={classes.figure}>
      <div className={classes.scroll} tabIndex={0} role="region" aria-label="Confusion matrix">
        <table className={classes.matrix}>
          <caption>Confusion matrix</caption>
          <thead>
            <tr>
              <td />
              <th scope="colgroup" colSpan={categories.length}>
                Predicted
              </th>
            </tr>
            <tr>
              <th scope="col">True</th>
              {categories.map((category, index) => (
                <th key={index} scope="col">
                  {category}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, index) => {
              const total = row.reduce((sum, value) => sum + value, 0);
              return (
                <tr key={index}>
                  <th scope="row">{categories[index] ?? index + 1}</th>
                  {row.map((value, at) => (
                    <td
                      key={at}
                      data-right={at === index || undefined}
                      style={{ "--share": `${String(Math.round(share(value, total) * 70))}%` } as React.CSSProperties}
                    >
                      <strong>{value.toLocaleString("en")}</strong>
                      <span>{(share(value, total) * 100).toFixed(1)} %</span>
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </figure>
  );
}
