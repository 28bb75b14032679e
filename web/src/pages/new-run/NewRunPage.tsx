import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { pipelineQuery, versionQuery } from "@/api/pipelines";
import { runSpecQuery } from "@/api/runs";
import { ErrorState } from "@/components/ErrorState";
import { TextLink } from "@/components/links";
import { Page } from "@/components/Page";
import { PageLoading } from "@/components/PageLoading";
import { PipelineChoice } from "./PipelineChoice";
import { RunForm, type Subject } from "./RunForm";

/** A new run: of a pipeline version, or of what an earlier run was started with. */
export function NewRunPage() {
  const { clone } = useSearch({ from: "/runs/new" });
  return clone === undefined ? <FromPipeline /> : <FromRun runId={clone} />;
}

function FromRun({ runId }: { runId: string }) {
  const spec = useQuery(runSpecQuery(runId));
  return (
    <Page
      title="Run again"
      above={
        <TextLink to="/runs/$runId" params={{ runId }}>
          {spec.data?.run_name ?? runId}
        </TextLink>
      }
    >
      {spec.isPending ? (
        <PageLoading />
      ) : spec.isError ? (
        <ErrorState error={spec.error} retry={() => void spec.refetch()} />
      ) : (
        <RunForm
          key={runId}
          subject={{
            name: spec.data.run_name,
            structure: spec.data.structure,
            yaml: spec.data.yaml,
            given: spec.data.parameters,
            experimentId: spec.data.experiment_id,
            source:
              spec.data.pipeline_id !== null && spec.data.pipeline_version_id !== null
                ? { pipelineId: spec.data.pipeline_id, versionId: spec.data.pipeline_version_id }
                : { spec: spec.data.spec },
          }}
        />
      )}
    </Page>
  );
}

function FromPipeline() {
  const { pipeline: pipelineId, version } = useSearch({ from: "/runs/new" });
  const navigate = useNavigate({ from: "/runs/new" });
  const pipeline = useQuery({ ...pipelineQuery(pipelineId ?? ""), enabled: pipelineId !== undefined });
  const versionId = version ?? pipeline.data?.versions[0]?.id;
  return (
    <Page title="New run">
      <PipelineChoice
        pipelineId={pipelineId}
        versionId={versionId}
        pipeline={pipeline.data}
        choosePipeline={(chosen) => void navigate({ search: { pipeline: chosen }, replace: true })}
        chooseVersion={(chosen) => void navigate({ search: { pipeline: pipelineId, version: chosen }, replace: true })}
      />
      {pipeline.isError && <ErrorState error={pipeline.error} retry={() => void pipeline.refetch()} />}
      {pipelineId !== undefined && versionId !== undefined && <VersionForm pipelineId={pipelineId} versionId={versionId} />}
    </Page>
  );
}

function VersionForm({ pipelineId, versionId }: { pipelineId: string; versionId: string }) {
  const query = useQuery(versionQuery(pipelineId, versionId));
  if (query.isPending) return <PageLoading />;
  if (query.isError) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  const subject: Subject = {
    name: query.data.pipeline.display_name,
    structure: query.data.structure,
    yaml: query.data.yaml,
    given: {},
    experimentId: "",
    source: { pipelineId, versionId },
  };
  return <RunForm key={query.data.version.id} subject={subject} />;
}
