import { Loader } from "@mantine/core";
import { lazy, Suspense, type ReactNode } from "react";
import { address } from "@/api/client";
import type { Preview as Content } from "@/api/types";
import { bytes, counted, metric } from "@/formats/numbers";
import { block, inline } from "@/formats/values";
import { ConfusionMatrix } from "./ConfusionMatrix";
import classes from "./Preview.module.css";
import { RocCurve } from "./RocCurve";

// Most artifacts are no Markdown, and its parser is large.
const Markdown = lazy(() => import("./Markdown"));

interface PreviewProps {
  readonly content: Content;
  /** Name of the artifact, for those who cannot see it. */
  readonly name: string;
}

/** What can be shown of an artifact. Whatever it holds, nothing of it runs in this page. */
export function Preview({ content, name }: PreviewProps) {
  switch (content.kind) {
    case "text":
      return (
        <Cut truncated={content.truncated} size={content.size}>
          <pre className={classes.text} tabIndex={0} aria-label={name}>
            {content.text}
          </pre>
        </Cut>
      );
    case "json":
      return (
        <pre className={classes.text} tabIndex={0} aria-label={name}>
          {block(content.value)}
        </pre>
      );
    case "table":
      return (
        <Cut truncated={content.truncated} size={content.size}>
          <Rows columns={content.columns} rows={content.rows} name={name} />
        </Cut>
      );
    case "metrics":
      return <Metrics metrics={content.metrics} />;
    case "classification":
      return (
        <div className={classes.slices}>
          {content.slices.map((slice) => (
            <section key={slice.name} className={classes.slice} aria-label={slice.name || name}>
              {slice.name !== "" && <h4 className={classes.sliceName}>{slice.name}</h4>}
              {slice.confusion_matrix !== null && <ConfusionMatrix matrix={slice.confusion_matrix} />}
              {slice.roc.length > 0 && <RocCurve curves={[{ name: slice.name || name, points: slice.roc }]} />}
            </section>
          ))}
        </div>
      );
    case "markdown":
      return (
        <Cut truncated={content.truncated} size={content.size}>
          <Suspense fallback={<Loader size="xs" type="dots" />}>
            <Markdown text={content.text} />
          </Suspense>
        </Cut>
      );
    case "html":
      // The server adds a content security policy; the frame has no origin, no scripts and no forms.
      return <iframe className={classes.frame} sandbox="" src={address(content.view_url)} title={name} referrerPolicy="no-referrer" />;
    case "image":
      return <img className={classes.image} src={address(content.view_url)} alt={name} />;
    case "folder":
      return <Folder {...content} />;
    case "binary":
      return <p className={classes.note}>{bytes(content.size)} that are no text.</p>;
    case "none":
      return <p className={classes.note}>{content.reason}</p>;
  }
}

function Cut({ truncated, size, children }: { truncated: boolean; size: number; children: ReactNode }) {
  return (
    <>
      {children}
      {truncated && <p className={classes.note}>Only the beginning is shown; all of it has {bytes(size)}.</p>}
    </>
  );
}

function Rows({ columns, rows, name }: { columns: readonly string[]; rows: readonly (readonly string[])[]; name: string }) {
  return (
    <div className={classes.table} tabIndex={0} role="region" aria-label={`Rows of ${name}`}>
      <table>
        <thead>
          <tr>
            {columns.map((column, index) => (
              <th key={index} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              {row.map((cell, at) => (
                <td key={at} data-number={isNumber(cell) || undefined}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function isNumber(text: string): boolean {
  return text.trim() !== "" && Number.isFinite(Number(text));
}

/** Names and values, side by side. */
export function Metrics({ metrics }: { metrics: readonly { readonly name: string; readonly value: unknown }[] }) {
  if (metrics.length === 0) return <p className={classes.note}>Nothing was logged.</p>;
  return (
    <dl className={classes.metrics}>
      {metrics.map(({ name, value }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{typeof value === "number" ? metric(value) : inline(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

function Folder({ files, truncated }: Extract<Content, { kind: "folder" }>) {
  if (files.length === 0) return <p className={classes.note}>The folder is empty.</p>;
  return (
    <>
      <ul className={classes.files}>
        {files.map((file) => (
          <li key={file.path}>
            <span>{file.path}</span>
            <span>{bytes(file.size)}</span>
          </li>
        ))}
      </ul>
      {truncated && <p className={classes.note}>The first {counted(files.length, "file")} are shown.</p>}
    </>
  );
}
