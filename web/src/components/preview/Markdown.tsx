import Parsed, { type Components } from "react-markdown";
import gfm from "remark-gfm";
import classes from "./Preview.module.css";

const PARTS: Components = {
  // A link of an artifact is a stranger's: it opens elsewhere, and is told nothing.
  a: ({ children, href }) => (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  ),
  // A picture would be fetched from wherever the artifact says.
  img: ({ alt, src }) => (
    <span className={classes.picture}>
      [picture{alt ? `: ${alt}` : ""}
      {typeof src === "string" ? ` at ${src}` : ""}]
    </span>
  ),
  // Wide tables scroll by themselves.
  table: ({ children }) => (
    <div className={classes.table} tabIndex={0} role="region" aria-label="Table">
      <table>{children}</table>
    </div>
  ),
  // The page has its own title.
  h1: ({ children }) => <h3>{children}</h3>,
  h2: ({ children }) => <h4>{children}</h4>,
  h3: ({ children }) => <h5>{children}</h5>,
};

/** Markdown, rendered. HTML in it is left out. */
export default function Markdown({ text }: { readonly text: string }) {
  return (
    <div className={classes.markdown}>
      <Parsed remarkPlugins={[gfm]} components={PARTS} skipHtml>
        {text}
      </Parsed>
    </div>
  );
}
