import type { TaskPage } from "@/api/runPage";
import { Parameters } from "../Parameters";
import { Section } from "./Overview";
import classes from "./Panel.module.css";

interface CodeViewProps {
  readonly page: TaskPage;
  readonly code: NonNullable<TaskPage["code"]>;
}

/** What did the work, and where. */
export function CodeView({ page, code }: CodeViewProps) {
  const { environment, resources, retry } = page;
  const limits = resources === null ? [] : resourceRows(resources);
  const variables = Object.entries(code.environment_variables);
  return (
    <div className={classes.sections}>
      {code.source !== "" && (
        <Section title={code.function === "" ? "Source" : `Source of ${code.function}`}>
          <pre className={classes.code} tabIndex={0}>
            {code.source.trim()}
          </pre>
        </Section>
      )}
      {code.command.length > 0 && (
        <Section title="Command">
          <pre className={classes.code} tabIndex={0}>
            {code.command.join("\n")}
          </pre>
        </Section>
      )}
      <Section title="Environment">
        <Rows
          rows={[
            ["Image", code.image],
            ["Python", environment?.python ?? ""],
            ["Asks for", environment?.requirements.join("\n") ?? ""],
          ]}
        />
        {environment !== null && environment.note !== "" && <p className={classes.quiet}>{environment.note}</p>}
        {environment !== null && environment.lock.length > 0 && (
          <details className={classes.details}>
            <summary>{environment.lock.length} packages were installed</summary>
            <pre className={classes.code}>{environment.lock.join("\n")}</pre>
          </details>
        )}
      </Section>
      {variables.length > 0 && (
        <Section title="Variables">
          <Parameters parameters={variables.map(([name, value]) => ({ name, type: "string", value, note: "" }))} />
        </Section>
      )}
      {limits.length > 0 && (
        <Section title="Resources">
          <Rows rows={limits} />
        </Section>
      )}
      {retry !== null && (
        <Section title="Retries">
          <Rows
            rows={[
              ["At most", String(retry.max_retries)],
              ["After", retry.backoff],
            ]}
          />
        </Section>
      )}
    </div>
  );
}

type Row = readonly [label: string, value: string];

function resourceRows(resources: NonNullable<TaskPage["resources"]>): Row[] {
  const accelerator = [resources.accelerator_count, resources.accelerator_type].filter((part) => part !== "").join(" × ");
  const rows: Row[] = [
    ["CPU limit", resources.cpu_limit],
    ["CPU request", resources.cpu_request],
    ["Memory limit", resources.memory_limit],
    ["Memory request", resources.memory_request],
    ["Accelerator", accelerator],
  ];
  return rows.filter(([, value]) => value !== "");
}

function Rows({ rows }: { readonly rows: readonly Row[] }) {
  return (
    <dl className={classes.rows}>
      {rows
        .filter(([, value]) => value !== "")
        .map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
