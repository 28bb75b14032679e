/** Lists of runs, what a run was started with, and starting, archiving and deleting runs. */
import { infiniteQueryOptions, keepPreviousData, queryOptions, useMutation, type InfiniteData } from "@tanstack/react-query";
import { api, bodyOf } from "./client";
import { queryClient } from "./queries";
import type { paths } from "./schema";
import type { RunRows } from "./types";

type RunListing = NonNullable<paths["/apis/wherry/v1/runs"]["get"]["parameters"]["query"]>;

/** What a list of runs can be asked; see the API. */
export type RunFilter = Omit<RunListing, "page_token" | "page_size">;

const PAGE = 60;
/** While something runs, and when it does not. The list costs one small query. */
const LIVE_MS = 2_000;
const CALM_MS = 10_000;

/** Runs, page by page; asked again by itself while the page is looked at. */
export function runsQuery(filter: RunFilter) {
  return infiniteQueryOptions({
    queryKey: ["runs", "list", filter],
    queryFn: ({ pageParam, signal }) =>
      bodyOf(
        api.GET("/apis/wherry/v1/runs", {
          params: { query: { ...filter, page_size: PAGE, ...(pageParam === "" ? {} : { page_token: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => (last.next_page_token === "" ? undefined : last.next_page_token),
    placeholderData: keepPreviousData,
    refetchInterval: (query) => {
      const pages = (query.state.data as InfiniteData<RunRows> | undefined)?.pages ?? [];
      const live = pages.some((page) => page.runs.some((run) => run.finished_at === null));
      return (live ? LIVE_MS : CALM_MS) * Math.max(1, pages.length);
    },
  });
}

/** One run, with its graph and tasks. */
export function runQuery(runId: string) {
  return queryOptions({
    queryKey: ["runs", "page", runId],
    queryFn: ({ signal }) =>
      bodyOf(api.GET("/apis/wherry/v1/runs/{run_id}", { params: { path: { run_id: runId } }, signal })),
  });
}

/** What a run was started with. */
export function runSpecQuery(runId: string) {
  return queryOptions({
    queryKey: ["runs", "spec", runId],
    queryFn: ({ signal }) =>
      bodyOf(api.GET("/apis/wherry/v1/runs/{run_id}/spec", { params: { path: { run_id: runId } }, signal })),
    staleTime: Infinity,
  });
}

export interface NewRun {
  name: string;
  description: string;
  experimentId: string;
  parameters: Record<string, unknown>;
  /** A registered version, or a specification of its own. */
  source: { pipelineId: string; versionId: string } | { spec: unknown };
}

/** Start a run; answers with its id. */
export function useStartRun() {
  return useMutation({
    mutationFn: async (run: NewRun) => {
      const source =
        "spec" in run.source
          ? { pipeline_spec: run.source.spec }
          : {
              pipeline_version_reference: {
                pipeline_id: run.source.pipelineId,
                pipeline_version_id: run.source.versionId,
              },
            };
      const started = await bodyOf(
        api.POST("/apis/v2beta1/runs", {
          body: {
            display_name: run.name,
            description: run.description,
            ...(run.experimentId === "" ? {} : { experiment_id: run.experimentId }),
            runtime_config: { parameters: run.parameters },
            ...source,
          },
        }),
      );
      return started.run_id ?? "";
    },
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ["runs", "list"] }),
  });
}

/** Archive runs, or bring them back. */
export function useArchive() {
  return useMutation({
    mutationFn: async ({ ids, archive }: { ids: readonly string[]; archive: boolean }) => {
      const path = archive ? "/apis/v2beta1/runs/{run_id}:archive" : "/apis/v2beta1/runs/{run_id}:unarchive";
      for (const id of ids) await bodyOf(api.POST(path, { params: { path: { run_id: id } } }));
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["runs"] }),
  });
}
