import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconSchema, IconUpload } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { pipelinesQuery } from "@/api/pipelines";
import type { PipelineRow } from "@/api/types";
import { Ago } from "@/components/Ago";
import { DataTable, type Column } from "@/components/DataTable";
import { EmptyState } from "@/components/EmptyState";
import { ErrorState } from "@/components/ErrorState";
import { TextLink } from "@/components/links";
import { NameFilter } from "@/components/NameFilter";
import { Page } from "@/components/Page";
import { PageLoading } from "@/components/PageLoading";
import { StateIcon } from "@/components/StateBadge";
import { UploadDialog } from "@/components/UploadDialog";
import type { PipelinesSearch } from "./search";
import classes from "./PipelinesPage.module.css";

/** Registered pipelines. */
export function PipelinesPage() {
  const search = useSearch({ from: "/pipelines" });
  const navigate = useNavigate({ from: "/pipelines" });
  const change = (part: PipelinesSearch) => void navigate({ search: (old) => ({ ...old, ...part }), replace: true });
  const [uploading, upload] = useDisclosure(false);
  const query = useInfiniteQuery(
    pipelinesQuery({ sort: search.sort ?? "created_at desc", ...(search.name === undefined ? {} : { name: search.name }) }),
  );
  const pipelines = useMemo(() => query.data?.pages.flatMap((page) => page.pipelines) ?? [], [query.data]);
  const total = query.data?.pages[0]?.total_size;
  const [key = "created_at", direction = "desc"] = (search.sort ?? "").split(" ").filter(Boolean);
  return (
    <Page
      title="Pipelines"
      beside={total !== undefined && <span className={classes.count}>{total.toLocaleString("en")}</span>}
      actions={
        <Button leftSection={<IconUpload size={16} />} onClick={upload.open}>
          Upload
        </Button>
      }
      fill
    >
      <NameFilter name={search.name ?? ""} change={(name) => change({ name: name === "" ? undefined : name })} />
      {query.isPending ? (
        <PageLoading />
      ) : query.isError ? (
        <ErrorState error={query.error} retry={() => void query.refetch()} />
      ) : pipelines.length === 0 ? (
        <NoPipelines filtered={search.name !== undefined} upload={upload.open} />
      ) : (
        <DataTable<PipelineRow>
          label="Pipelines"
          columns={COLUMNS}
          rows={pipelines}
          idOf={(row) => row.id}
          sort={direction === "desc" ? `-${key}` : key}
          onSort={(sort) =>
            change({ sort: (sort.startsWith("-") ? `${sort.slice(1)} desc` : `${sort} asc`) as PipelinesSearch["sort"] })
          }
          onOpen={(row) => void navigate({ to: "/pipelines/$pipelineId", params: { pipelineId: row.id }, search: {} })}
          onEnd={() => {
            if (query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage();
          }}
        />
      )}
      <UploadDialog opened={uploading} close={upload.close} />
    </Page>
  );
}

const COLUMNS: readonly Column<PipelineRow>[] = [
  {
    id: "name",
    header: "Pipeline",
    sort: "name",
    cell: (row) => (
      <TextLink to="/pipelines/$pipelineId" params={{ pipelineId: row.id }} fw={550} title={row.display_name}>
        {row.display_name}
      </TextLink>
    ),
  },
  { id: "description", header: "Description", width: "34%", cell: (row) => <span title={row.description}>{row.description}</span> },
  { id: "versions", header: "Versions", width: 92, align: "right", cell: (row) => row.version_count },
  {
    id: "last-run",
    header: "Last run",
    width: 176,
    cell: ({ last_run: run }) =>
      run === null ? (
        <span className={classes.none}>never</span>
      ) : (
        <span className={classes.run}>
          <StateIcon state={run.state} />
          <TextLink to="/runs/$runId" params={{ runId: run.id }} c="var(--ink)" title={run.name}>
            <Ago moment={run.created_at} />
          </TextLink>
        </span>
      ),
  },
  { id: "created", header: "Created", sort: "created_at", width: 150, cell: (row) => <Ago moment={row.created_at} /> },
];

function NoPipelines({ filtered, upload }: { filtered: boolean; upload: () => void }) {
  if (filtered) return <EmptyState title="No pipeline matches">No pipeline has that in its name.</EmptyState>;
  return (
    <EmptyState title="No pipeline is registered" icon={<IconSchema size={30} stroke={1.6} aria-hidden />}>
      <p>
        A registered pipeline can be run from here, again and again. <code>wherry compile pipeline.py -o pipeline.yaml</code> makes
        the file to upload; <code>kfp pipeline create</code> does both.
      </p>
      <Button onClick={upload} leftSection={<IconUpload size={16} />}>
        Upload a pipeline
      </Button>
    </EmptyState>
  );
}
