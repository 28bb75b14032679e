import {
  IconBan, IconCheck, IconCircleDashed, IconLoader2, IconPlayerPause, IconPlayerSkipForward, IconRecycle, IconX,
} from "@tabler/icons-react";
import type { RuntimeState } from "@/api/types";
import { lookOf, nameOf, type Look } from "@/theme/states";
import classes from "./StateBadge.module.css";

const ICONS: Record<Look, typeof IconCheck> = {
  pending: IconCircleDashed,
  running: IconLoader2,
  succeeded: IconCheck,
  reused: IconRecycle,
  skipped: IconPlayerSkipForward,
  failed: IconX,
  canceling: IconLoader2,
  canceled: IconBan,
  paused: IconPlayerPause,
};

interface StateProps {
  state: RuntimeState;
  /** Kind of a task's outcome, which tells reused from skipped. */
  outcome?: string;
}

/** A state as icon and word. */
export function StateBadge({ state, outcome }: StateProps) {
  const look = lookOf(state, outcome);
  return (
    <span className={classes.badge} data-look={look}>
      <LookIcon look={look} />
      {nameOf(look)}
    </span>
  );
}

/** A state as an icon alone; its name is its label. */
export function StateIcon({ state, outcome, size = 16 }: StateProps & { size?: number }) {
  const look = lookOf(state, outcome);
  return (
    <span className={classes.icon} data-look={look} role="img" aria-label={nameOf(look)} title={nameOf(look)}>
      <LookIcon look={look} size={size} />
    </span>
  );
}

function LookIcon({ look, size = 14 }: { look: Look; size?: number }) {
  const Icon = ICONS[look];
  return <Icon size={size} stroke={2.4} aria-hidden className={classes.glyph} />;
}
