/** Names for the messages of the API, as openapi-typescript made them from the server's own description. */
import type { components } from "./schema";

type Schemas = components["schemas"];

/** States of runs and tasks. */
export type RuntimeState = Schemas["RuntimeState"];
export type TaskCounts = Schemas["TaskCounts"];
export type RunRow = Schemas["RunRow"];
export type RunRows = Schemas["RunRows"];
export type RunHeader = Schemas["RunHeader"];
export type RunSpec = Schemas["RunSpec"];

export type Structure = Schemas["Structure"];
export type Signature = Schemas["Signature"];
export type ParameterSignature = Schemas["ParameterSignature"];
export type ParameterType = Schemas["ParameterType"];

export type PipelineRow = Schemas["PipelineRow"];
export type PipelinePage = Schemas["PipelinePage"];
export type VersionRow = Schemas["VersionRow"];
export type VersionPage = Schemas["VersionPage"];
export type ExperimentRow = Schemas["ExperimentRow"];
export type LastRun = Schemas["LastRun"];

export type ModelRow = Schemas["ModelRow"];
export type ModelPage = Schemas["ModelPage"];
export type ModelVersionRow = Schemas["ModelVersionRow"];

export type ArtifactDetail = Schemas["ArtifactDetail"];
export type ArtifactPage = Schemas["ArtifactPage"];
export type ArtifactUse = Schemas["ArtifactUse"];
export type TaskLabel = Schemas["TaskLabel"];
export type ArtifactPreview = Schemas["ArtifactPreview"];
export type Preview = ArtifactPreview["content"];

export type LineageGraph = Schemas["LineageGraph"];
export type LineageNode = LineageGraph["nodes"][number];
export type LineageDirection = "up" | "down" | "both";

export type SearchResult = Schemas["SearchResults"]["results"][number];
export type ServerInfo = Schemas["ServerInfo"];
