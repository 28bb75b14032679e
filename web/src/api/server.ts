import { useQuery } from "@tanstack/react-query";
import { api, bodyOf } from "./client";

/** The server: asked again every few seconds, so that its silence shows. */
export function useServer() {
  return useQuery({
    queryKey: ["server"],
    queryFn: async ({ signal }) => {
      await bodyOf(api.GET("/apis/v2beta1/healthz", { signal }));
      return { version: "", detail: "" };
    },
    refetchInterval: 5_000,
    retry: false,
  });
}
