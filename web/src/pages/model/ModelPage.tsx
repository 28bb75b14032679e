import { Badge } from "@mantine/core";
import { IconBinaryTree, IconScale } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { modelQuery } from "@/api/models";
import type { ModelPage as ModelMessage, ModelVersionRow } from "@/api/types";
import { Ago } from "@/components/Ago";
import { ErrorState } from "@/components/ErrorState";
import { ButtonLink, TextLink } from "@/components/links";
import { DatasetList } from "@/components/models/DatasetList";
import { Page } from "@/components/Page";
import { PageLoading } from "@/components/PageLoading";
import { bytes, counted } from "@/formats/numbers";
import { shortDigest } from "@/formats/values";
import classes from "./ModelPage.module.css";
import { MetricHistory } from "./MetricHistory";

/** A model: its versions, how good they are and what they were made from. */
export function ModelPage() {
  const { name } = useParams({ from: "/models/$name" });
  const query = useQuery(modelQuery(name));
  if (query.isPending) return <PageLoading />;
  if (query.isError) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  return <Content model={query.data} />;
}

function Content({ model }: { model: ModelMessage }) {
  const { name, versions, version_count } = model;
  const runs = [...new Set(versions.flatMap(({ producer }) => (producer === null ? [] : [producer.run_id])))];
  return (
    <Page
      title={name}
      above={<TextLink to="/models">Models</TextLink>}
      beside={<span className={classes.soft}>{counted(version_count, "version")}</span>}
      actions={
        runs.length > 1 && (
          <ButtonLink to="/compare" search={{ runs: runs.slice(0, 8).join(",") }} variant="default" leftSection={<IconScale size={16} />}>
            Compare their runs
          </ButtonLink>
        )
      }
    >
      <div className={classes.columns}>
        <section className={classes.main} aria-label="Versions">
          <h2 className={classes.heading}>Versions</h2>
          <ol className={classes.versions} reversed>
            {versions.map((version) => (
              <Version key={version.version} name={name} version={version} />
            ))}
          </ol>
          {version_count > versions.length && <p className={classes.soft}>The newest {versions.length} are shown.</p>}
        </section>
        <MetricHistory versions={versions} />
      </div>
    </Page>
  );
}

function Version({ name, version }: { name: string; version: ModelVersionRow }) {
  const { artifact, producer } = version;
  return (
    <li className={classes.version} aria-label={`Version ${version.version}`}>
      <div className={classes.head}>
        <h3 className={classes.number}>Version {version.version}</h3>
        {version.aliases.map((alias) => (
          <Badge key={alias} variant="light" tt="none">
            {alias}
          </Badge>
        ))}
        <span className={classes.soft}>
          <Ago moment={version.created_at} /> by {version.created_by}
        </span>
        <span className={classes.actions}>
          <ButtonLink
            to="/lineage"
            search={{ model: name, version: version.version, direction: "up" }}
            size="xs"
            variant="default"
            leftSection={<IconBinaryTree size={15} />}
          >
            Lineage
          </ButtonLink>
        </span>
      </div>
      <dl className={classes.facts}>
        <dt>Data behind it</dt>
        <dd>
          <DatasetList datasets={version.datasets} />
        </dd>
        <dt>Made by</dt>
        <dd>
          {producer === null ? (
            <span className={classes.soft}>a run that was deleted</span>
          ) : (
            <>
              task{" "}
              <TextLink to="/runs/$runId" params={{ runId: producer.run_id }} search={{ task: producer.key }}>
                {producer.name}
              </TextLink>{" "}
              of run{" "}
              <TextLink to="/runs/$runId" params={{ runId: producer.run_id }}>
                {producer.run_name}
              </TextLink>
            </>
          )}
        </dd>
        <dt>Artifact</dt>
        <dd>
          <TextLink to="/artifacts/$artifactId" params={{ artifactId: artifact.id }}>
            {artifact.name}
          </TextLink>{" "}
          <span className={classes.soft}>
            {artifact.size !== null && bytes(artifact.size)}
            {artifact.digest !== null && (
              <>
                , sha256 <code>{shortDigest(artifact.digest)}</code>
              </>
            )}
          </span>
        </dd>
      </dl>
    </li>
  );
}
