import { Button } from "@mantine/core";
import { IconPlus, IconScale } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { runsQuery } from "@/api/runs";
import type { RunRow } from "@/api/types";
import { DataTable, useSelection } from "@/components/DataTable";
import { ErrorState } from "@/components/ErrorState";
import { ButtonLink } from "@/components/links";
import { Page } from "@/components/Page";
import { PageLoading } from "@/components/PageLoading";
import { runColumns } from "@/components/runs/runColumns";
import { counted } from "@/formats/numbers";
import { FilterBar } from "./FilterBar";
import { metricNames, shownMetrics } from "./metricColumns";
import { NoRuns } from "./NoRuns";
import { filterOf, isFiltered, type RunsSearch } from "./search";
import { SelectionBar } from "./SelectionBar";

/** All runs: what state they are in, filtered and sorted as the address says, kept current. */
export function RunsPage() {
  const search = useSearch({ from: "/runs" });
  const navigate = useNavigate({ from: "/runs" });
  const change = (part: RunsSearch) =>
    void navigate({ search: (old) => ({ ...old, ...part }), replace: true });
  const query = useInfiniteQuery(runsQuery(filterOf(search)));
  const runs = useMemo(() => query.data?.pages.flatMap((page) => page.runs) ?? [], [query.data]);
  const total = query.data?.pages[0]?.total_size;
  const selection = useSelection((id) => runs.find((run) => run.id === id)?.name ?? id);
  const names = useMemo(() => metricNames(runs), [runs]);
  const metrics = shownMetrics(names, search.metrics);

  return (
    <Page
      title="Runs"
      beside={total !== undefined && <Count total={total} filtered={isFiltered(search)} />}
      actions={
        <>
          <CompareButton ids={[...selection.ids]} />
          <ButtonLink to="/runs/new" leftSection={<IconPlus size={16} />}>
            New run
          </ButtonLink>
        </>
      }
      fill
    >
      <FilterBar search={search} change={change} metricNames={names} metrics={metrics} />
      {selection.ids.size > 0 && <SelectionBar ids={[...selection.ids]} archived={search.archived} clear={selection.clear} />}
      {query.isPending ? (
        <PageLoading />
      ) : query.isError ? (
        <ErrorState error={query.error} retry={() => void query.refetch()} />
      ) : runs.length === 0 ? (
        <NoRuns filtered={isFiltered(search)} clear={() => void navigate({ search: {}, replace: true })} />
      ) : (
        <DataTable<RunRow>
          label="Runs"
          columns={runColumns({ metrics })}
          rows={runs}
          idOf={(run) => run.id}
          sort={sortKey(search)}
          onSort={(sort) => change({ sort: sortOf(sort) })}
          selection={selection}
          onOpen={(run) => void navigate({ to: "/runs/$runId", params: { runId: run.id } })}
          onEnd={() => {
            if (query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage();
          }}
        />
      )}
    </Page>
  );
}

function Count({ total, filtered }: { total: number; filtered: boolean }) {
  return (
    <span style={{ color: "var(--ink-soft)" }} role="status">
      {filtered ? `${counted(total, "run")} found` : total.toLocaleString("en")}
    </span>
  );
}

function CompareButton({ ids }: { ids: readonly string[] }) {
  const icon = <IconScale size={16} />;
  if (ids.length < 2)
    return (
      <Button variant="default" leftSection={icon} disabled title="Select two runs or more">
        Compare
      </Button>
    );
  return (
    <ButtonLink to="/compare" search={{ runs: ids.join(",") }} variant="default" leftSection={icon}>
      Compare {ids.length}
    </ButtonLink>
  );
}

// The table says `-key`, the API says `key desc`.
function sortKey(search: RunsSearch): string {
  const [key = "created_at", direction] = (search.sort ?? "created_at desc").split(" ");
  return direction === "desc" ? `-${key}` : key;
}

function sortOf(sort: string): RunsSearch["sort"] {
  const api = (sort.startsWith("-") ? `${sort.slice(1)} desc` : `${sort} asc`) as RunsSearch["sort"];
  return api === "created_at desc" ? undefined : api;
}
