import { Loader, UnstyledButton } from "@mantine/core";
import { IconBox, IconChartDots, IconChevronRight, IconFile, IconFileText, IconTable } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { previewQuery } from "@/api/artifacts";
import type { TaskPage } from "@/api/runPage";
import type { ArtifactDetail } from "@/api/types";
import { TextLink } from "@/components/links";
import { Preview } from "@/components/preview/Preview";
import { bytes } from "@/formats/numbers";
import { typeName } from "@/formats/values";
import { portName } from "../portName";
import classes from "./Panel.module.css";

const ICONS: Readonly<Record<string, typeof IconFile>> = {
  "system.Dataset": IconTable,
  "system.Model": IconBox,
  "system.Metrics": IconChartDots,
  "system.ClassificationMetrics": IconChartDots,
  "system.SlicedClassificationMetrics": IconChartDots,
  "system.Markdown": IconFileText,
  "system.HTML": IconFileText,
};

/** The artifacts of some ports: each leads to its page and its lineage, and can be looked into. */
export function ArtifactCards({ ports }: { readonly ports: TaskPage["inputs"]["artifacts"] }) {
  return (
    <ul className={classes.artifacts}>
      {ports.flatMap((port) =>
        port.artifacts.map((artifact, index) => (
          <li key={`${port.name} ${artifact.id}`}>
            <Card port={port.is_list ? `${port.name}[${index}]` : port.name} artifact={artifact} />
          </li>
        )),
      )}
    </ul>
  );
}

function Card({ port, artifact }: { readonly port: string; readonly artifact: ArtifactDetail }) {
  const [isOpen, setOpen] = useState(false);
  const Icon = ICONS[artifact.type] ?? IconFile;
  const canPreview = artifact.preview !== "none" && artifact.preview !== "binary";
  return (
    <div className={classes.artifact}>
      <div className={classes.artifactLine}>
        <Icon size={17} aria-hidden className={classes.artifactIcon} />
        <div className={classes.artifactNames}>
          <TextLink to="/artifacts/$artifactId" params={{ artifactId: artifact.id }} fw={550} title={artifact.uri}>
            {portName(port)}
          </TextLink>
          <span>
            {typeName(artifact.type)}
            {artifact.size !== null && `, ${bytes(artifact.size)}`}
            {artifact.models.map(({ name, version }) => (
              <TextLink key={name} to="/models/$name" params={{ name }} className={classes.model}>
                {name} v{version}
              </TextLink>
            ))}
          </span>
        </div>
        <TextLink to="/lineage" search={{ artifact: artifact.id }} size="sm" aria-label={`Lineage of ${port}`}>
          Lineage
        </TextLink>
        {canPreview && (
          <UnstyledButton className={classes.look} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            {isOpen ? "Hide" : "Preview"}
            <IconChevronRight size={15} aria-hidden data-open={isOpen || undefined} />
          </UnstyledButton>
        )}
      </div>
      {isOpen && <Opened artifact={artifact} />}
    </div>
  );
}

function Opened({ artifact }: { readonly artifact: ArtifactDetail }) {
  const { data, error } = useQuery(previewQuery(artifact.id));
  if (error !== null) return <p className={classes.quiet}>{error.message}</p>;
  if (data === undefined) return <Loader size="xs" type="dots" />;
  return (
    <div className={classes.artifactBody}>
      <Preview content={data.content} name={artifact.name} />
    </div>
  );
}
