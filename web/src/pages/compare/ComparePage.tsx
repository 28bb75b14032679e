import { ActionIcon, Switch, Tooltip } from "@mantine/core";
import { IconScale, IconX } from "@tabler/icons-react";
import { useQueries } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { runQuery } from "@/api/runs";
import type { RunHeader } from "@/api/types";
import { Ago } from "@/components/Ago";
import { Elapsed } from "@/components/Elapsed";
import { EmptyState } from "@/components/EmptyState";
import { ErrorState } from "@/components/ErrorState";
import { ButtonLink, TextLink } from "@/components/links";
import { Page } from "@/components/Page";
import { PageLoading } from "@/components/PageLoading";
import { StateBadge } from "@/components/StateBadge";
import { counted, metric } from "@/formats/numbers";
import { block, inline, shortId } from "@/formats/values";
import classes from "./ComparePage.module.css";
import { greatest, metricRows, parameterRows, type Row } from "./rows";

const MOST = 10;

/** Parameters and metrics of some runs beside each other. */
export function ComparePage() {
  const search = useSearch({ from: "/compare" });
  const navigate = useNavigate({ from: "/compare" });
  const ids = [...new Set(search.runs.split(",").filter((id) => id !== ""))].slice(0, MOST);
  const queries = useQueries({ queries: ids.map((id) => runQuery(id)) });
  const failed = queries.find(({ isError }) => isError);
  const runs = queries.flatMap(({ data }) => (data === undefined ? [] : [data.run]));
  const drop = (id: string) =>
    void navigate({ search: (old) => ({ ...old, runs: ids.filter((one) => one !== id).join(",") }), replace: true });
  if (ids.length === 0)
    return (
      <Page title="Compare runs">
        <EmptyState title="No runs are chosen" icon={<IconScale size={30} stroke={1.6} aria-hidden />}>
          <p>Select some in the list of runs, then choose Compare.</p>
          <ButtonLink to="/runs">To the runs</ButtonLink>
        </EmptyState>
      </Page>
    );
  return (
    <Page
      title="Compare runs"
      above={<TextLink to="/runs">Runs</TextLink>}
      beside={<span className={classes.soft}>{counted(ids.length, "run")}</span>}
      actions={
        <Switch
          label="Only what differs"
          checked={search.diff === true}
          onChange={(event) => {
            const diff = event.currentTarget.checked ? true : undefined;
            void navigate({ search: (old) => ({ ...old, diff }), replace: true });
          }}
        />
      }
    >
      {failed !== undefined ? (
        <ErrorState error={failed.error} />
      ) : runs.length < ids.length ? (
        <PageLoading />
      ) : (
        <Comparison runs={runs} diffOnly={search.diff === true} drop={drop} />
      )}
    </Page>
  );
}

function Comparison({ runs, diffOnly, drop }: { runs: readonly RunHeader[]; diffOnly: boolean; drop: (id: string) => void }) {
  const keep = (row: Row) => !diffOnly || row.differs;
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label="Comparison">
      <table className={classes.table}>
        <thead>
          <tr>
            <td />
            {runs.map((run) => (
              <th key={run.id} scope="col">
                <span className={classes.run}>
                  <TextLink to="/runs/$runId" params={{ runId: run.id }} title={run.name}>
                    {run.name}
                  </TextLink>
                  <Tooltip label="Leave out of the comparison">
                    <ActionIcon size="xs" variant="subtle" color="gray" onClick={() => drop(run.id)} aria-label={`Leave out ${run.name} ${shortId(run.id)}`}>
                      <IconX size={13} />
                    </ActionIcon>
                  </Tooltip>
                </span>
                <code className={classes.id}>{shortId(run.id)}</code>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <Fact name="State" runs={runs} value={(run) => <StateBadge state={run.state} />} />
          <Fact name="Created" runs={runs} value={(run) => <Ago moment={run.created_at} />} />
          <Fact name="Duration" runs={runs} value={(run) => <Elapsed from={run.started_at} to={run.finished_at} />} />
        </tbody>
        <Section title="Metrics" rows={metricRows(runs).filter(keep)} none={diffOnly ? "All the same." : "None was recorded."} columns={runs.length}>
          {(row) => <MetricCells row={row} />}
        </Section>
        <Section title="Parameters" rows={parameterRows(runs).filter(keep)} none={diffOnly ? "All the same." : "None."} columns={runs.length}>
          {(row) =>
            row.values.map((value, index) => (
              <td key={runs[index]?.id} data-differs={(row.differs && value !== undefined) || undefined} title={value === undefined ? undefined : block(value)}>
                {value === undefined ? "–" : <span className={classes.value}>{inline(value)}</span>}
              </td>
            ))
          }
        </Section>
      </table>
    </div>
  );
}

function Fact({ name, runs, value }: { name: string; runs: readonly RunHeader[]; value: (run: RunHeader) => React.ReactNode }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      {runs.map((run) => (
        <td key={run.id}>{value(run)}</td>
      ))}
    </tr>
  );
}

interface SectionProps {
  title: string;
  rows: readonly Row[];
  none: string;
  columns: number;
  children: (row: Row) => React.ReactNode;
}

function Section({ title, rows, none, columns, children }: SectionProps) {
  return (
    <tbody>
      <tr>
        <th scope="rowgroup" colSpan={columns + 1} className={classes.section}>
          {title}
        </th>
      </tr>
      {rows.length === 0 && (
        <tr>
          <td colSpan={columns + 1} className={classes.soft}>
            {none}
          </td>
        </tr>
      )}
      {rows.map((row) => (
        <tr key={row.name}>
          <th scope="row">{row.name}</th>
          {children(row)}
        </tr>
      ))}
    </tbody>
  );
}

function MetricCells({ row }: { row: Row }) {
  const best = greatest(row);
  return row.values.map((value, index) => (
    <td key={index} data-differs={(row.differs && value !== undefined) || undefined} title={value === undefined ? undefined : inline(value)}>
      {typeof value === "number" ? metric(value) : "–"}
      {best.has(index) && (
        <span className={classes.mark} title="The greatest">
          ▲
        </span>
      )}
    </td>
  ));
}
