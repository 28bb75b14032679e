import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { runQuery } from "@/api/runs";
import { ErrorState } from "@/components/ErrorState";
import { PageLoading } from "@/components/PageLoading";
import { RunRoom } from "./RunRoom";

/** One run: what happened, why, and what came of it. */
export function RunPage() {
  const { runId } = useParams({ from: "/runs/$runId" });
  const { data, error, refetch } = useQuery(runQuery(runId));
  if (data !== undefined) return <RunRoom key={runId} page={data} />;
  if (error !== null) return <ErrorState error={error} retry={() => void refetch()} />;
  return <PageLoading />;
}
