import type { ReactNode } from "react";
import { useEffect } from "react";
import classes from "./Page.module.css";

interface PageProps {
  /** Name of the thing or the list; also the window's title. */
  title: string;
  /** Small line above the title: where this belongs. */
  above?: ReactNode;
  /** Beside the title: a state, a count. */
  beside?: ReactNode;
  /** Buttons at the right. */
  actions?: ReactNode;
  children: ReactNode;
  /** Takes exactly the height of the window; the page scrolls inside. */
  fill?: boolean;
}

/** A page: title, actions, content. */
export function Page({ title, above, beside, actions, children, fill = false }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Wherry`;
  }, [title]);
  return (
    <div className={classes.page} data-fill={fill || undefined}>
      <header className={classes.header}>
        <div className={classes.names}>
          {above !== undefined && <div className={classes.above}>{above}</div>}
          <div className={classes.line}>
            <h1 className={classes.title} title={title}>
              {title}
            </h1>
            {beside}
          </div>
        </div>
        {actions !== undefined && <div className={classes.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}
