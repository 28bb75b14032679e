/** Registered models. */
import { queryOptions } from "@tanstack/react-query";
import { api, bodyOf } from "./client";

export const modelsQuery = queryOptions({
  queryKey: ["models", "list"],
  queryFn: ({ signal }) => bodyOf(api.GET("/apis/wherry/v1/models", { signal })),
  refetchInterval: 10_000,
});

export function modelQuery(name: string) {
  return queryOptions({
    queryKey: ["models", "page", name],
    queryFn: ({ signal }) => bodyOf(api.GET("/apis/wherry/v1/models/{name}", { params: { path: { name } }, signal })),
  });
}
