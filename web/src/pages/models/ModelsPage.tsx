import { IconBox } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { modelsQuery } from "@/api/models";
import type { ModelRow } from "@/api/types";
import { Ago } from "@/components/Ago";
import { DataTable, type Column } from "@/components/DataTable";
import { EmptyState } from "@/components/EmptyState";
import { ErrorState } from "@/components/ErrorState";
import { TextLink } from "@/components/links";
import { DatasetLinks } from "@/components/models/DatasetLinks";
import { MetricChips } from "@/components/models/MetricChips";
import { Page } from "@/components/Page";
import { PageLoading } from "@/components/PageLoading";
import classes from "./ModelsPage.module.css";

/** Registered models. */
export function ModelsPage() {
  const query = useQuery(modelsQuery);
  const navigate = useNavigate();
  const models = query.data?.models ?? [];
  return (
    <Page
      title="Models"
      beside={query.data !== undefined && <span className={classes.soft}>{models.length.toLocaleString("en")}</span>}
      fill
    >
      {query.isPending ? (
        <PageLoading />
      ) : query.isError ? (
        <ErrorState error={query.error} retry={() => void query.refetch()} />
      ) : models.length === 0 ? (
        <NoModels />
      ) : (
        <DataTable<ModelRow>
          label="Models"
          columns={COLUMNS}
          rows={models}
          idOf={(row) => row.name}
          onOpen={(row) => void navigate({ to: "/models/$name", params: { name: row.name } })}
          foot={query.data.truncated && <p className={classes.soft}>There are more models than are shown: the search finds them.</p>}
        />
      )}
    </Page>
  );
}

const COLUMNS: readonly Column<ModelRow>[] = [
  {
    id: "name",
    header: "Model",
    cell: (row) => (
      <TextLink to="/models/$name" params={{ name: row.name }} fw={550} title={row.name}>
        {row.name}
      </TextLink>
    ),
  },
  { id: "version", header: "Newest version", width: 118, cell: (row) => `v${row.latest.version}` },
  { id: "metrics", header: "Its metrics", width: "31%", cell: (row) => <MetricChips metrics={row.latest.metrics} most={3} /> },
  { id: "datasets", header: "Data behind it", width: "14%", cell: (row) => <DatasetLinks datasets={row.latest.datasets} most={2} /> },
  {
    id: "run",
    header: "Made by",
    width: "14%",
    cell: ({ latest: { producer } }) =>
      producer === null ? (
        <span className={classes.soft}>(deleted)</span>
      ) : (
        <TextLink to="/runs/$runId" params={{ runId: producer.run_id }} c="var(--ink)" title={producer.run_name}>
          {producer.run_name}
        </TextLink>
      ),
  },
  { id: "created", header: "Registered", width: 122, cell: (row) => <Ago moment={row.latest.created_at} /> },
];

function NoModels() {
  return (
    <EmptyState title="No model is registered" icon={<IconBox size={30} stroke={1.6} aria-hidden />}>
      <p>
        A task registers its Model artifact by naming it: <code>model.metadata["wherry.model_name"] = "churn"</code>. Every run that
        does so makes the next version. <code>wherry demo</code> registers one.
      </p>
    </EmptyState>
  );
}
