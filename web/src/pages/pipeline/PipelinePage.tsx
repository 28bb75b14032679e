import { Badge, Button, Select, Tabs } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlayerPlay, IconUpload } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { pipelineQuery, versionQuery } from "@/api/pipelines";
import type { PipelinePage as PipelineMessage, VersionPage } from "@/api/types";
import { CodeBlock } from "@/components/Copyable";
import { EmptyState } from "@/components/EmptyState";
import { ErrorState } from "@/components/ErrorState";
import { ButtonLink, TextLink } from "@/components/links";
import { Page } from "@/components/Page";
import { PageLoading } from "@/components/PageLoading";
import { UploadDialog } from "@/components/UploadDialog";
import classes from "./PipelinePage.module.css";
import { PipelineGraph } from "./PipelineGraph";
import { RecentRuns } from "./RecentRuns";
import { SignatureTable } from "./SignatureTable";
import { TABS, type PipelineSearch } from "./search";
import { VersionsTable } from "./VersionsTable";

/** A pipeline: one of its versions as graph, signature and source; its versions and runs. */
export function PipelinePage() {
  const { pipelineId } = useParams({ from: "/pipelines/$pipelineId" });
  const search = useSearch({ from: "/pipelines/$pipelineId" });
  const query = useQuery(pipelineQuery(pipelineId));
  if (query.isPending) return <PageLoading />;
  if (query.isError) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  return <Content page={query.data} search={search} />;
}

function Content({ page, search }: { page: PipelineMessage; search: PipelineSearch }) {
  const { pipeline, versions } = page;
  const navigate = useNavigate({ from: "/pipelines/$pipelineId" });
  const [uploading, upload] = useDisclosure(false);
  const versionId = search.version ?? versions[0]?.id;
  const change = (part: PipelineSearch) => void navigate({ search: (old) => ({ ...old, ...part }), replace: true });
  return (
    <Page
      title={pipeline.display_name}
      above={<TextLink to="/pipelines">Pipelines</TextLink>}
      beside={
        versions.length > 0 && (
          <Select
            size="xs"
            w={220}
            aria-label="Version"
            data={versions.map(({ id, display_name }, index) => ({
              value: id,
              label: index === 0 ? `${display_name} (newest)` : display_name,
            }))}
            value={versionId ?? null}
            onChange={(id) => change({ version: id === versions[0]?.id || id === null ? undefined : id, node: undefined })}
            allowDeselect={false}
          />
        )
      }
      actions={
        <>
          <Button variant="default" leftSection={<IconUpload size={16} />} onClick={upload.open}>
            New version
          </Button>
          {versionId !== undefined && (
            <ButtonLink to="/runs/new" search={{ pipeline: pipeline.id, version: versionId }} leftSection={<IconPlayerPlay size={16} />}>
              Run
            </ButtonLink>
          )}
        </>
      }
      fill
    >
      {pipeline.description !== "" && <p className={classes.description}>{pipeline.description}</p>}
      {versionId === undefined ? (
        <EmptyState title="This pipeline has no version">Upload one to see and run it.</EmptyState>
      ) : (
        <Version page={page} versionId={versionId} search={search} change={change} />
      )}
      <UploadDialog opened={uploading} close={upload.close} pipeline={{ id: pipeline.id, name: pipeline.display_name }} />
    </Page>
  );
}

interface VersionProps {
  page: PipelineMessage;
  versionId: string;
  search: PipelineSearch;
  change: (part: PipelineSearch) => void;
}

function Version({ page, versionId, search, change }: VersionProps) {
  const query = useQuery(versionQuery(page.pipeline.id, versionId));
  if (query.isPending) return <PageLoading />;
  if (query.isError) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  const version = query.data;
  const tab = search.tab ?? "graph";
  return (
    <Tabs
      className={classes.tabs}
      value={tab}
      onChange={(value) => change({ tab: value === "graph" ? undefined : (TABS.find((one) => one === value)) })}
      keepMounted={false}
    >
      <Tabs.List>
        <Tabs.Tab value="graph">Graph</Tabs.Tab>
        <Tabs.Tab value="parameters" rightSection={<Count of={version.structure.signature.input_parameters.length} />}>
          Parameters
        </Tabs.Tab>
        <Tabs.Tab value="yaml">YAML</Tabs.Tab>
        <Tabs.Tab value="runs">Runs</Tabs.Tab>
        <Tabs.Tab value="versions" rightSection={<Count of={page.versions.length} />}>
          Versions
        </Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="graph" className={classes.filled}>
        <PipelineGraph structure={version.structure} selected={search.node ?? null} select={(node) => change({ node })} />
      </Tabs.Panel>
      <Tabs.Panel value="parameters" className={classes.panel}>
        <SignatureTable signature={version.structure.signature} />
      </Tabs.Panel>
      <Tabs.Panel value="yaml" className={classes.panel}>
        <Source version={version} />
      </Tabs.Panel>
      <Tabs.Panel value="runs" className={classes.panel}>
        <RecentRuns runs={version.recent_runs} pipelineId={page.pipeline.id} />
      </Tabs.Panel>
      <Tabs.Panel value="versions" className={classes.panel}>
        <VersionsTable versions={page.versions} current={versionId} pipelineId={page.pipeline.id} />
      </Tabs.Panel>
    </Tabs>
  );
}

function Count({ of }: { of: number }) {
  return (
    <Badge size="sm" variant="light" color="gray" circle={of < 10}>
      {of}
    </Badge>
  );
}

function Source({ version }: { version: VersionPage }) {
  const { sdk_version } = version.structure;
  return (
    <>
      <p className={classes.note}>
        {sdk_version === "" ? "The compiled pipeline." : `Compiled by ${sdk_version}.`} Digest {version.version.spec_digest.slice(0, 12)}.
      </p>
      <CodeBlock code={version.yaml} label="YAML" />
    </>
  );
}
