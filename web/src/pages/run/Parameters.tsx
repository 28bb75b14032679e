import { block, inline } from "@/formats/values";
import { portName } from "./portName";
import classes from "./Run.module.css";

export interface ShownParameter {
  readonly name: string;
  readonly type: string;
  readonly value: unknown;
  /** Small print after the name, such as `default`. */
  readonly note: string;
}

const SHORT = 60;

/** Names and values of parameters. Long and structured values keep their lines. */
export function Parameters({ parameters }: { readonly parameters: readonly ShownParameter[] }) {
  return (
    <dl className={classes.parameters}>
      {parameters.map(({ name, type, value, note }) => {
        const text = inline(value);
        const isShort = text.length <= SHORT && !text.includes("\n");
        return (
          <div key={name} data-block={!isShort || undefined}>
            <dt>
              {portName(name)}
              {note !== "" && <small>{note}</small>}
            </dt>
            <dd title={type.toLowerCase()}>
              {isShort ? <code>{text === "" ? '""' : text}</code> : <pre tabIndex={0}>{block(value)}</pre>}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
