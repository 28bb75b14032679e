import type { ArtifactDetail } from "@/api/types";
import { TextLink } from "@/components/links";
import { bytes } from "@/formats/numbers";
import { inline, shortDigest } from "@/formats/values";
import classes from "./models.module.css";

/** The data sets that something was made from, each with what is known of it. */
export function DatasetList({ datasets }: { datasets: readonly ArtifactDetail[] }) {
  if (datasets.length === 0) return <span className={classes.soft}>not recorded</span>;
  return (
    <ul className={classes.list}>
      {datasets.map((dataset) => (
        <li key={dataset.id}>
          <TextLink to="/artifacts/$artifactId" params={{ artifactId: dataset.id }} fw={550}>
            {dataset.name}
          </TextLink>{" "}
          <span className={classes.soft}>
            {dataset.size !== null && bytes(dataset.size)}
            {dataset.digest !== null && (
              <>
                , sha256 <code>{shortDigest(dataset.digest)}</code>
              </>
            )}
            {told(dataset).map(([name, value]) => (
              <span key={name}>
                {" "}
                · {name} {value}
              </span>
            ))}
          </span>
        </li>
      ))}
    </ul>
  );
}

const TOLD = 3;
const LONGEST = 80;

/** The first entries of its metadata that are short and no digest. */
function told({ metadata, digest }: ArtifactDetail): [string, string][] {
  return Object.entries(metadata)
    .map(([name, value]): [string, string] => [name, inline(value)])
    .filter(([, value]) => value.length <= LONGEST && !(digest?.endsWith(value) ?? false))
    .slice(0, TOLD);
}
