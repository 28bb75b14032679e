/** Names for the messages of the API, as openapi-typescript made them from the server's own description. */
import type { components } from "./schema";

type Schemas = components["schemas"];

/** States of runs and tasks. */
export type RuntimeState =
  | "PENDING" | "RUNNING" | "SUCCEEDED" | "SKIPPED" | "FAILED" | "CANCELING" | "CANCELED" | "PAUSED";

export type ErrorBody = Schemas["ErrorBody"];
