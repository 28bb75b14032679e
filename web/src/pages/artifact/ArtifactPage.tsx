import { Badge, Button } from "@mantine/core";
import { IconBinaryTree, IconDownload } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { artifactQuery, previewQuery } from "@/api/artifacts";
import { address } from "@/api/client";
import type { ArtifactPage as ArtifactMessage, ArtifactUse } from "@/api/types";
import { ArtifactFacts } from "@/components/artifacts/ArtifactFacts";
import { ErrorState } from "@/components/ErrorState";
import { ButtonLink, TextLink } from "@/components/links";
import { Page } from "@/components/Page";
import { PageLoading } from "@/components/PageLoading";
import { Preview } from "@/components/preview/Preview";
import { StateIcon } from "@/components/StateBadge";
import { typeName } from "@/formats/values";
import classes from "./ArtifactPage.module.css";

/** An artifact: what it holds, who made it and who read it. */
export function ArtifactPage() {
  const { artifactId } = useParams({ from: "/artifacts/$artifactId" });
  const query = useQuery(artifactQuery(artifactId));
  if (query.isPending) return <PageLoading />;
  if (query.isError) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  return <Content page={query.data} />;
}

function Content({ page }: { page: ArtifactMessage }) {
  const { artifact, producer } = page;
  return (
    <Page
      title={artifact.name}
      above={
        producer === null ? (
          "Artifact"
        ) : (
          <>
            Artifact of{" "}
            <TextLink to="/runs/$runId" params={{ runId: producer.task.run_id }}>
              {producer.task.run_name}
            </TextLink>
          </>
        )
      }
      beside={
        <Badge variant="light" color="gray" tt="none">
          {typeName(artifact.type)}
        </Badge>
      }
      actions={
        <>
          <ButtonLink to="/lineage" search={{ artifact: artifact.id }} variant="default" leftSection={<IconBinaryTree size={16} />}>
            Lineage
          </ButtonLink>
          {page.download_url !== null && (
            <Button component="a" href={address(page.download_url)} variant="default" leftSection={<IconDownload size={16} />}>
              Download
            </Button>
          )}
        </>
      }
    >
      <div className={classes.columns}>
        <section className={classes.preview} aria-label="Content">
          <Shown artifactId={artifact.id} name={artifact.name} />
        </section>
        <aside className={classes.side} aria-label="About it">
          <ArtifactFacts artifact={artifact} />
          <Uses title="Made by" uses={producer === null ? [] : [producer]} none="Nothing that is still recorded." />
          <Uses title="Read by" uses={page.consumers} none="No task has read it." />
          {page.reused_by.length > 0 && <Uses title="Reused by" uses={page.reused_by} none="" />}
          {page.truncated && <p className={classes.soft}>There are more than are shown.</p>}
        </aside>
      </div>
    </Page>
  );
}

function Shown({ artifactId, name }: { artifactId: string; name: string }) {
  const query = useQuery(previewQuery(artifactId));
  if (query.isPending) return <PageLoading />;
  if (query.isError) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  return <Preview content={query.data.content} name={name} />;
}

function Uses({ title, uses, none }: { title: string; uses: readonly ArtifactUse[]; none: string }) {
  return (
    <section aria-label={title}>
      <h3 className={classes.heading}>{title}</h3>
      {uses.length === 0 ? (
        <p className={classes.soft}>{none}</p>
      ) : (
        <ul className={classes.uses}>
          {uses.map(({ task, port }) => (
            <li key={`${task.id} ${port}`} className={classes.use}>
              <StateIcon state={task.state} outcome={task.reused ? "reused" : undefined} />
              <span className={classes.task}>
                <TextLink to="/runs/$runId" params={{ runId: task.run_id }} search={{ task: task.key }} title={task.key}>
                  {task.name}
                </TextLink>
                <span className={classes.soft}>
                  {port}, run {task.run_name}
                </span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
