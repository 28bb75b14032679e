import type { ArtifactDetail } from "@/api/types";
import { TextLink } from "@/components/links";
import { shortDigest } from "@/formats/values";
import classes from "./models.module.css";

/** The data sets that something was made from. */
export function DatasetLinks({ datasets, most = 20 }: { datasets: readonly ArtifactDetail[]; most?: number }) {
  if (datasets.length === 0) return <span className={classes.soft}>not recorded</span>;
  return (
    <span className={classes.datasets}>
      {datasets.slice(0, most).map((dataset) => (
        <TextLink key={dataset.id} to="/artifacts/$artifactId" params={{ artifactId: dataset.id }} title={dataset.uri}>
          {dataset.name}
          {dataset.digest !== null && <code className={classes.digest}>{shortDigest(dataset.digest)}</code>}
        </TextLink>
      ))}
      {datasets.length > most && <span className={classes.soft}>+{datasets.length - most}</span>}
    </span>
  );
}
