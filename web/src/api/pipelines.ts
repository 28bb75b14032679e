/** Registered pipelines, their versions, and experiments. */
import { infiniteQueryOptions, keepPreviousData, queryOptions, useMutation } from "@tanstack/react-query";
import { api, bodyOf } from "./client";
import { queryClient } from "./queries";
import type { paths } from "./schema";

type PipelineListing = NonNullable<paths["/apis/wherry/v1/pipelines"]["get"]["parameters"]["query"]>;
export type PipelineFilter = Omit<PipelineListing, "page_token" | "page_size">;

const PAGE = 60;

export function pipelinesQuery(filter: PipelineFilter) {
  return infiniteQueryOptions({
    queryKey: ["pipelines", "list", filter],
    queryFn: ({ pageParam, signal }) =>
      bodyOf(
        api.GET("/apis/wherry/v1/pipelines", {
          params: { query: { ...filter, page_size: PAGE, ...(pageParam === "" ? {} : { page_token: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => (last.next_page_token === "" ? undefined : last.next_page_token),
    placeholderData: keepPreviousData,
    refetchInterval: 10_000,
  });
}

/** The first pipelines whose name has a text, for a choice. */
export function pipelineChoicesQuery(name: string) {
  return queryOptions({
    queryKey: ["pipelines", "choices", name],
    queryFn: ({ signal }) =>
      bodyOf(
        api.GET("/apis/wherry/v1/pipelines", {
          params: { query: { sort: "name asc", page_size: 100, ...(name === "" ? {} : { name }) } },
          signal,
        }),
      ),
    staleTime: 30_000,
  });
}

export function pipelineQuery(pipelineId: string) {
  return queryOptions({
    queryKey: ["pipelines", "page", pipelineId],
    queryFn: ({ signal }) =>
      bodyOf(api.GET("/apis/wherry/v1/pipelines/{pipeline_id}", { params: { path: { pipeline_id: pipelineId } }, signal })),
  });
}

export function versionQuery(pipelineId: string, versionId: string) {
  return queryOptions({
    queryKey: ["pipelines", "version", pipelineId, versionId],
    queryFn: ({ signal }) =>
      bodyOf(
        api.GET("/apis/wherry/v1/pipelines/{pipeline_id}/versions/{version_id}", {
          params: { path: { pipeline_id: pipelineId, version_id: versionId } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });
}

export const experimentsQuery = queryOptions({
  queryKey: ["experiments", "choices"],
  queryFn: ({ signal }) =>
    bodyOf(
      api.GET("/apis/wherry/v1/experiments", { params: { query: { page_size: 100 } }, signal }),
    ),
  staleTime: 30_000,
});

export interface Upload {
  file: File;
  name: string;
  description: string;
  /** The pipeline that gets a new version; a new pipeline without. */
  pipelineId?: string;
}

/** Register a package; answers with the pipeline's id. */
export function useUpload() {
  return useMutation({
    mutationFn: async ({ file, name, description, pipelineId }: Upload) => {
      const body = { uploadfile: file as unknown as string };
      const bodySerializer = () => {
        const form = new FormData();
        form.set("uploadfile", file);
        return form;
      };
      if (pipelineId === undefined) {
        const query = { name: name, display_name: name, description };
        const made = await bodyOf(
          api.POST("/apis/v2beta1/pipelines/upload", { params: { query }, body, bodySerializer }),
        );
        return made.pipeline_id ?? "";
      }
      const query = { name, pipelineid: pipelineId, description };
      await bodyOf(api.POST("/apis/v2beta1/pipelines/upload_version", { params: { query }, body, bodySerializer }));
      return pipelineId;
    },
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ["pipelines"] }),
  });
}
