import { Button, Menu, MultiSelect, Select } from "@mantine/core";
import { IconColumns3 } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { experimentsQuery, pipelineChoicesQuery } from "@/api/pipelines";
import { NameFilter } from "@/components/NameFilter";
import { lookOf, nameOf } from "@/theme/states";
import classes from "./FilterBar.module.css";
import { isFiltered, STATES, statesOf, type RunsSearch } from "./search";

interface FilterBarProps {
  search: RunsSearch;
  change: (part: RunsSearch) => void;
  /** All there are, and those that have a column. */
  metricNames: readonly string[];
  metrics: readonly string[];
}

const STATE_CHOICES = STATES.map((state) => ({ value: state, label: nameOf(lookOf(state)) }));
const ARCHIVED_CHOICES = [
  { value: "no", label: "Not archived" },
  { value: "only", label: "Archived" },
  { value: "all", label: "All" },
];

/** What narrows the list; every change goes into the address. */
export function FilterBar({ search, change, metricNames, metrics }: FilterBarProps) {
  const pipelines = useQuery(pipelineChoicesQuery(""));
  const experiments = useQuery(experimentsQuery);
  return (
    <div className={classes.bar} role="search" aria-label="Filter runs">
      <NameFilter name={search.name ?? ""} change={(name) => change({ name: name === "" ? undefined : name })} />
      <MultiSelect
        className={classes.state}
        aria-label="State"
        placeholder={search.state === undefined ? "Any state" : undefined}
        data={STATE_CHOICES}
        value={statesOf(search)}
        onChange={(states) => change({ state: states.length === 0 ? undefined : states.join(",") })}
        clearable
        size="xs"
      />
      <Select
        className={classes.choice}
        aria-label="Pipeline"
        placeholder="Any pipeline"
        data={withChosen(
          pipelines.data?.pipelines.map(({ id, display_name }) => ({ value: id, label: display_name })),
          search.pipeline,
        )}
        value={search.pipeline ?? null}
        onChange={(pipeline) => change({ pipeline: pipeline ?? undefined })}
        searchable
        clearable
        size="xs"
      />
      <Select
        className={classes.choice}
        aria-label="Experiment"
        placeholder="Any experiment"
        data={withChosen(
          experiments.data?.experiments.map(({ id, name }) => ({ value: id, label: name })),
          search.experiment,
        )}
        value={search.experiment ?? null}
        onChange={(experiment) => change({ experiment: experiment ?? undefined })}
        searchable
        clearable
        size="xs"
      />
      <Select
        className={classes.archived}
        aria-label="Archived"
        data={ARCHIVED_CHOICES}
        value={search.archived ?? "no"}
        onChange={(value) => change({ archived: value === "only" || value === "all" ? value : undefined })}
        allowDeselect={false}
        size="xs"
      />
      {isFiltered(search) && (
        <Button
          variant="subtle"
          size="xs"
          onClick={() =>
            change({ name: undefined, state: undefined, pipeline: undefined, experiment: undefined, archived: undefined })
          }
        >
          Clear
        </Button>
      )}
      {metricNames.length > 0 && <MetricMenu names={metricNames} shown={metrics} change={change} />}
    </div>
  );
}

/** The choices; what is chosen but not among them stands there by its id. */
function withChosen(choices: { value: string; label: string }[] | undefined, chosen: string | undefined) {
  const known = choices ?? [];
  if (chosen === undefined || known.some(({ value }) => value === chosen)) return known;
  return [...known, { value: chosen, label: chosen }];
}

function MetricMenu({ names, shown, change }: { names: readonly string[]; shown: readonly string[]; change: (part: RunsSearch) => void }) {
  const toggle = (name: string) => {
    const next = shown.includes(name) ? shown.filter((one) => one !== name) : [...shown, name];
    change({ metrics: next.length === 0 ? "-" : next.join(",") });
  };
  return (
    <Menu closeOnItemClick={false} position="bottom-end">
      <Menu.Target>
        <Button className={classes.metrics} variant="default" size="xs" leftSection={<IconColumns3 size={15} />}>
          Metrics
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={360} style={{ overflowY: "auto" }}>
        {names.map((name) => (
          <Menu.CheckboxItem key={name} checked={shown.includes(name)} onChange={() => toggle(name)}>
            {name}
          </Menu.CheckboxItem>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
