import type { ArtifactDetail } from "@/api/types";
import { Ago } from "@/components/Ago";
import { CopyIcon } from "@/components/Copyable";
import { Facts } from "@/components/Facts";
import { TextLink } from "@/components/links";
import { bytes } from "@/formats/numbers";
import { inline, typeName } from "@/formats/values";
import classes from "./ArtifactFacts.module.css";

/** What is known of an artifact. */
export function ArtifactFacts({ artifact }: { artifact: ArtifactDetail }) {
  const metadata = Object.entries(artifact.metadata);
  return (
    <>
      <Facts
        facts={[
          ["Type", typeName(artifact.type)],
          artifact.models.length === 0
            ? undefined
            : [
                "Registered as",
                artifact.models.map(({ name, version, aliases }) => (
                  <TextLink key={`${name}@${version}`} to="/models/$name" params={{ name }}>
                    {name} v{version}
                    {aliases.length > 0 && ` (${aliases.join(", ")})`}
                  </TextLink>
                )),
              ],
          artifact.size === null ? undefined : ["Size", bytes(artifact.size)],
          ["Made", <Ago key="made" moment={artifact.created_at} />],
          ["Where", <Copied key="where" text={artifact.uri} label="Copy the place" />],
          artifact.digest === null ? undefined : ["Digest", <Copied key="digest" text={artifact.digest} label="Copy the digest" />],
        ]}
      />
      {metadata.length > 0 && (
        <>
          <h3 className={classes.heading}>Metadata</h3>
          <table className={classes.table}>
            <tbody>
              {metadata.map(([name, value]) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td>{inline(value)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </>
  );
}

function Copied({ text, label }: { text: string; label: string }) {
  return (
    <span className={classes.copied}>
      <code>{text}</code>
      <CopyIcon text={text} label={label} />
    </span>
  );
}
