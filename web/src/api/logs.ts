/** Logs of tasks, as they are written. */
import { useEffect, useState } from "react";
import { address } from "./client";

export interface LogFeed {
  /** Pieces of text, in order; the reader keeps what it needs. */
  readonly onPiece: (piece: string) => void;
  /** The log begins anew: what was read is to be forgotten. */
  readonly onRestart: () => void;
}

export type LogState = "reading" | "complete" | "broken" | "refused";

/** The log of one attempt: what there is of it, then what is written, until it has ended. A broken stream goes on where it was. */
export function useLog(runId: string, taskId: string, attempt: number, feed: LogFeed): LogState {
  const [state, setState] = useState<LogState>("reading");
  useEffect(() => {
    const task = `/apis/v2beta1/runs/${encodeURIComponent(runId)}/tasks/${encodeURIComponent(taskId)}`;
    const source = new EventSource(address(`${task}/log/stream?attempt=${attempt}`));
    feed.onRestart();
    source.addEventListener("log", (event: MessageEvent<string>) => {
      feed.onPiece((JSON.parse(event.data) as { text: string }).text);
    });
    source.addEventListener("end", () => {
      source.close();
      setState("complete");
    });
    source.addEventListener("open", () => setState("reading"));
    // The browser tries again by itself, unless the server refused.
    source.addEventListener("error", () => setState(source.readyState === EventSource.CLOSED ? "refused" : "broken"));
    return () => source.close();
  }, [runId, taskId, attempt, feed]);
  return state;
}
