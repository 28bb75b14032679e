/** The page of one run: its tasks, results and events, and what can be done with it. */
import { queryOptions, useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { address, api, bodyOf } from "./client";
import { queryClient } from "./queries";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type RunPageMessage = Schemas["RunPage"];
export type TaskRow = Schemas["TaskRow"];
export type TaskPage = Schemas["TaskPage"];
export type AttemptRow = Schemas["AttemptRow"];
export type RunResults = Schemas["RunResults"];

/** Everything about one task of a run. */
export function taskQuery(runId: string, taskId: string) {
  return queryOptions({
    queryKey: ["runs", "task", runId, taskId],
    queryFn: ({ signal }) =>
      bodyOf(
        api.GET("/apis/wherry/v1/runs/{run_id}/tasks/{task_id}", {
          params: { path: { run_id: runId, task_id: taskId } },
          signal,
        }),
      ),
  });
}

/** Metrics, classification metrics, Markdown and HTML of a run. */
export function resultsQuery(runId: string) {
  return queryOptions({
    queryKey: ["runs", "results", runId],
    queryFn: ({ signal }) =>
      bodyOf(api.GET("/apis/wherry/v1/runs/{run_id}/results", { params: { path: { run_id: runId } }, signal })),
  });
}

/** Stop a run; its exit tasks still run. */
export function useTerminate(runId: string) {
  return useMutation({
    mutationFn: () => bodyOf(api.POST("/apis/v2beta1/runs/{run_id}:terminate", { params: { path: { run_id: runId } } })),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["runs"] }),
  });
}

/** Run the failed part of an ended run again. */
export function useRetry(runId: string) {
  return useMutation({
    mutationFn: () => bodyOf(api.POST("/apis/v2beta1/runs/{run_id}:retry", { params: { path: { run_id: runId } } })),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["runs"] }),
  });
}

const RECORDED = [
  "run.created", "run.started", "run.canceling", "run.ended", "run.retried", "task.started", "task.reused",
  "task.skipped", "task.ended", "attempt.started", "attempt.ended", "model.registered", "warning",
] as const;
/** At most so often a page is asked for because of events. A large one, that takes long to make, less often. */
const LEAST_PAUSE_MS = 250;
const PAUSE_PER_ANSWER = 3;

export type Connection = "live" | "broken" | "ended";

export interface RunEvents {
  readonly connection: Connection;
  /** What tasks under way say of themselves, such as that packages are installed, by their keys. */
  readonly progress: ReadonlyMap<string, string>;
}

const SILENT: ReadonlyMap<string, string> = new Map();

/**
 * Keep the page of a run current while it is under way: its events say when to look, and the page is the truth. A broken
 * stream goes on where it was.
 *
 * @param after number of the newest event that the page includes
 */
export function useRunEvents(runId: string, isLive: boolean, after: number): RunEvents {
  const [connection, setConnection] = useState<Connection>("live");
  const [progress, setProgress] = useState(SILENT);
  const first = useRef(after);
  useEffect(() => {
    if (!isLive) return;
    const source = new EventSource(address(`/apis/v2beta1/runs/${encodeURIComponent(runId)}/events?after=${String(first.current)}`));
    let timer: ReturnType<typeof setTimeout> | undefined;
    let pause = LEAST_PAUSE_MS;
    const look = async () => {
      const began = performance.now();
      await queryClient.invalidateQueries({ queryKey: ["runs", "page", runId] });
      void queryClient.invalidateQueries({ queryKey: ["runs", "task", runId] });
      pause = Math.max(LEAST_PAUSE_MS, (performance.now() - began) * PAUSE_PER_ANSWER);
      timer = undefined;
    };
    const onEvent = (event: MessageEvent<string>) => {
      first.current = Math.max(first.current, Number(event.lastEventId));
      timer ??= setTimeout(() => void look(), pause);
    };
    for (const kind of RECORDED) source.addEventListener(kind, onEvent);
    source.addEventListener("progress", (event: MessageEvent<string>) => {
      const told = JSON.parse(event.data) as { task: string; message: string };
      setProgress((known) => new Map([...known, [told.task, told.message]]));
    });
    source.addEventListener("end", () => {
      source.close();
      setConnection("ended");
      clearTimeout(timer);
      void look();
      void queryClient.invalidateQueries({ queryKey: ["runs", "results", runId] });
    });
    source.addEventListener("open", () => setConnection("live"));
    source.addEventListener("error", () => setConnection("broken"));
    return () => {
      source.close();
      clearTimeout(timer);
    };
  }, [runId, isLive]);
  return { connection, progress };
}
