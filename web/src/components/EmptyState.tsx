import type { ReactNode } from "react";
import classes from "./EmptyState.module.css";

/** Where there is nothing yet: says so, and what to do about it. */
export function EmptyState({ title, icon, children }: { title: string; icon?: ReactNode; children?: ReactNode }) {
  return (
    <div className={classes.state}>
      {icon !== undefined && <div className={classes.icon}>{icon}</div>}
      <h2 className={classes.title}>{title}</h2>
      {children !== undefined && <div className={classes.text}>{children}</div>}
    </div>
  );
}
