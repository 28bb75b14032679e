import { Spotlight, spotlight } from "@mantine/spotlight";
import { IconArtboard, IconBox, IconFlask, IconPlayerPlay, IconSchema, IconSearch } from "@tabler/icons-react";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { searchQuery } from "@/api/server";
import type { SearchResult } from "@/api/types";
import { Ago } from "@/components/Ago";
import { StateBadge } from "@/components/StateBadge";
import { counted } from "@/formats/numbers";
import { shortId, typeName } from "@/formats/values";
import classes from "./Search.module.css";

export const openSearch = spotlight.open;

const GROUPS: readonly { kind: SearchResult["kind"]; label: string; Icon: typeof IconBox }[] = [
  { kind: "run", label: "Runs", Icon: IconPlayerPlay },
  { kind: "pipeline", label: "Pipelines", Icon: IconSchema },
  { kind: "model", label: "Models", Icon: IconBox },
  { kind: "experiment", label: "Experiments", Icon: IconFlask },
  { kind: "artifact", label: "Artifacts", Icon: IconArtboard },
];

/** Ctrl-K: go to a run, a pipeline, a model, an experiment or an artifact by its name. */
export function Search() {
  const [text, setText] = useState("");
  const [asked] = useDebouncedValue(text.trim(), 120);
  const found = useQuery(searchQuery(asked));
  const open = useOpen();
  const results = asked === "" ? [] : (found.data?.results ?? []);
  return (
    <Spotlight.Root query={text} onQueryChange={setText} shortcut={["mod + K", "/"]} scrollable maxHeight="60vh" clearQueryOnClose>
      <Spotlight.Search
        placeholder="Runs, pipelines, models, experiments, artifacts…"
        aria-label="Search"
        leftSection={<IconSearch size={18} aria-hidden />}
      />
      <Spotlight.ActionsList>
        {GROUPS.map(({ kind, label, Icon }) => {
          const group = results.filter((result) => result.kind === kind);
          if (group.length === 0) return null;
          return (
            <Spotlight.ActionsGroup key={kind} label={label}>
              {group.map((result) => (
                <Spotlight.Action key={keyOf(result)} onClick={() => open(result)}>
                  <span className={classes.action}>
                    <Icon size={16} aria-hidden className={classes.icon} />
                    <span className={classes.name}>{result.name}</span>
                    <Detail result={result} />
                  </span>
                </Spotlight.Action>
              ))}
            </Spotlight.ActionsGroup>
          );
        })}
        {results.length === 0 && <Spotlight.Empty>{emptyText(asked, found.isFetching, found.error)}</Spotlight.Empty>}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}

function emptyText(asked: string, isFetching: boolean, error: Error | null): string {
  if (asked === "") return "Type a part of a name, or the first characters of an id.";
  if (error !== null) return error.message;
  return isFetching ? "Searching…" : `Nothing has “${asked}” in its name.`;
}

function Detail({ result }: { result: SearchResult }) {
  switch (result.kind) {
    case "run":
      return (
        <>
          <code className={classes.detail}>{shortId(result.id)}</code>
          <span className={classes.detail}><Ago moment={result.created_at} /></span>
          <StateBadge state={result.state} />
        </>
      );
    case "pipeline":
      return <span className={classes.detail}><Ago moment={result.created_at} /></span>;
    case "model":
      return <span className={classes.detail}>{counted(result.version_count, "version")}</span>;
    case "artifact":
      return (
        <>
          <span className={classes.detail}>{typeName(result.type)}</span>
          <code className={classes.detail}>{shortId(result.id)}</code>
        </>
      );
    case "experiment":
      return null;
  }
}

function keyOf(result: SearchResult): string {
  return result.kind === "model" ? `model:${result.name}` : `${result.kind}:${result.id}`;
}

function useOpen() {
  const navigate = useNavigate();
  return (result: SearchResult) => {
    switch (result.kind) {
      case "run":
        return void navigate({ to: "/runs/$runId", params: { runId: result.id } });
      case "pipeline":
        return void navigate({ to: "/pipelines/$pipelineId", params: { pipelineId: result.id }, search: {} });
      case "model":
        return void navigate({ to: "/models/$name", params: { name: result.name } });
      case "artifact":
        return void navigate({ to: "/artifacts/$artifactId", params: { artifactId: result.id } });
      case "experiment":
        return void navigate({ to: "/runs", search: { experiment: result.id } });
    }
  };
}
