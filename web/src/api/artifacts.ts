/** Artifacts, their previews, and lineage. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, bodyOf } from "./client";
import type { LineageDirection } from "./types";

export function artifactQuery(artifactId: string) {
  return queryOptions({
    queryKey: ["artifacts", "page", artifactId],
    queryFn: ({ signal }) =>
      bodyOf(api.GET("/apis/wherry/v1/artifacts/{artifact_id}", { params: { path: { artifact_id: artifactId } }, signal })),
  });
}

export function previewQuery(artifactId: string) {
  return queryOptions({
    queryKey: ["artifacts", "preview", artifactId],
    queryFn: ({ signal }) =>
      bodyOf(
        api.GET("/apis/wherry/v1/artifacts/{artifact_id}/preview", {
          params: { path: { artifact_id: artifactId } },
          signal,
        }),
      ),
    // What is published does not change.
    staleTime: 60_000,
  });
}

/** What lineage can be asked about. */
export type LineageSubject = { artifact: string } | { run: string } | { model: string; version?: number };

export function lineageQuery(subject: LineageSubject, direction: LineageDirection, hops: number) {
  return queryOptions({
    queryKey: ["artifacts", "lineage", subject, direction, hops],
    queryFn: ({ signal }) =>
      bodyOf(api.GET("/apis/wherry/v1/lineage", { params: { query: { ...subject, direction, hops } }, signal })),
    placeholderData: keepPreviousData,
  });
}
