/** The server itself, and its search. */
import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { api, bodyOf } from "./client";

/** The server: asked again every few seconds, so that its silence shows. */
export function useServer() {
  return useQuery({
    queryKey: ["server"],
    queryFn: ({ signal }) => bodyOf(api.GET("/apis/wherry/v1/server", { signal })),
    refetchInterval: 5_000,
    retry: false,
  });
}

/** Runs, pipelines, models, experiments and artifacts with a text in their names. */
export function searchQuery(text: string) {
  return queryOptions({
    queryKey: ["search", text],
    queryFn: ({ signal }) => bodyOf(api.GET("/apis/wherry/v1/search", { params: { query: { q: text } }, signal })),
    enabled: text !== "",
    placeholderData: keepPreviousData,
  });
}
