import { useNavigate } from "@tanstack/react-router";
import type { RunRow } from "@/api/types";
import { DataTable } from "@/components/DataTable";
import { EmptyState } from "@/components/EmptyState";
import { TextLink } from "@/components/links";
import { runColumns } from "@/components/runs/runColumns";

/** The newest runs of a version, and the way to all of the pipeline's. */
export function RecentRuns({ runs, pipelineId }: { runs: readonly RunRow[]; pipelineId: string }) {
  const navigate = useNavigate();
  const all = (
    <TextLink to="/runs" search={{ pipeline: pipelineId }}>
      All runs of this pipeline
    </TextLink>
  );
  if (runs.length === 0) return <EmptyState title="This version has not run">{all}</EmptyState>;
  return (
    <>
      <p>{all}</p>
      <DataTable<RunRow>
        label="Runs of this version"
        columns={runColumns({ without: ["pipeline"] })}
        rows={runs}
        idOf={(run) => run.id}
        onOpen={(run) => void navigate({ to: "/runs/$runId", params: { runId: run.id } })}
      />
    </>
  );
}
