/** Logs of tasks, as they grow. */
import { useEffect, useRef, useState } from "react";
import { address, ApiError } from "./client";

export interface LogFeed {
  /** Pieces of text, in order; the reader keeps what it needs. */
  readonly onPiece: (piece: string) => void;
  /** The log began anew: what was read is to be forgotten. */
  readonly onRestart: () => void;
}

export type LogState = { readonly kind: "reading" | "following" | "complete" } | { readonly kind: "failed"; readonly error: Error };

/** Path of the log of an attempt, for `useLog`. */
export function attemptLogPath(runId: string, attemptId: string): string {
  return `/apis/v2beta1/runs/${encodeURIComponent(runId)}/attempts/${encodeURIComponent(attemptId)}/log`;
}

const LOOK_AGAIN_MS = 1_000;

/**
 * Read a log, and what is added to it while its attempt is under way.
 *
 * @param url path of the log that takes `from_byte`; null if there is none
 * @param isGrowing whether more may come
 */
export function useLog(url: string | null, isGrowing: boolean, feed: LogFeed): LogState {
  const [state, setState] = useState<LogState>({ kind: "reading" });
  const growing = useRef(isGrowing);
  useEffect(() => {
    growing.current = isGrowing;
  }, [isGrowing]);
  useEffect(() => {
    if (url === null) return;
    const stop = new AbortController();
    const decoder = new TextDecoder();
    let at = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    feed.onRestart();
    const read = async () => {
      try {
        // What was written before the attempt ended is there once that is known.
        const mayGrow = growing.current;
        for (;;) {
          const answer = await fetch(address(`${url}?from_byte=${String(at)}`), { signal: stop.signal });
          if (!answer.ok) throw new ApiError(`The log cannot be read: the server answered ${String(answer.status)}.`, answer.status);
          const bytes = new Uint8Array(await answer.arrayBuffer());
          if (bytes.length === 0) break;
          at += bytes.length;
          feed.onPiece(decoder.decode(bytes, { stream: true }));
        }
        setState({ kind: mayGrow ? "following" : "complete" });
        if (mayGrow) timer = setTimeout(() => void read(), LOOK_AGAIN_MS);
      } catch (error) {
        if (stop.signal.aborted) return;
        setState({ kind: "failed", error: error instanceof Error ? error : new Error(String(error)) });
        timer = setTimeout(() => void read(), 3 * LOOK_AGAIN_MS);
      }
    };
    void read();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [url, feed]);
  return state;
}
