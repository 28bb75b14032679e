import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { pipelineChoicesQuery } from "@/api/pipelines";
import type { PipelinePage } from "@/api/types";
import { EmptyState } from "@/components/EmptyState";
import { TextLink } from "@/components/links";
import classes from "./NewRun.module.css";

interface PipelineChoiceProps {
  pipelineId?: string;
  versionId?: string;
  pipeline?: PipelinePage;
  choosePipeline: (id: string) => void;
  chooseVersion: (id: string) => void;
}

/** Which pipeline to run, and which version of it. */
export function PipelineChoice({ pipelineId, versionId, pipeline, choosePipeline, chooseVersion }: PipelineChoiceProps) {
  const choices = useQuery(pipelineChoicesQuery(""));
  if (choices.data?.total_size === 0)
    return (
      <EmptyState title="No pipeline is registered">
        <p>
          Upload one on the page of <TextLink to="/pipelines">pipelines</TextLink>, or start a run from Python or with{" "}
          <code>wherry run</code>.
        </p>
      </EmptyState>
    );
  const known = choices.data?.pipelines.map(({ id, display_name }) => ({ value: id, label: display_name })) ?? [];
  const current = pipeline?.pipeline;
  if (current !== undefined && !known.some(({ value }) => value === current.id))
    known.push({ value: current.id, label: current.display_name });
  return (
    <div className={classes.pair}>
      <Select
        label="Pipeline"
        placeholder="Choose…"
        data={known}
        value={pipelineId ?? null}
        onChange={(id) => id !== null && choosePipeline(id)}
        searchable
        allowDeselect={false}
      />
      <Select
        label="Version"
        data={pipeline?.versions.map(({ id, display_name }) => ({ value: id, label: display_name })) ?? []}
        value={versionId ?? null}
        onChange={(id) => id !== null && chooseVersion(id)}
        disabled={pipeline === undefined}
        allowDeselect={false}
      />
    </div>
  );
}
