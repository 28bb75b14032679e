import { Alert, Button, Select, Tabs, Textarea, TextInput } from "@mantine/core";
import { IconAlertTriangle, IconDownload, IconPlayerPlay } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState, type SubmitEvent } from "react";
import { BASE } from "@/api/client";
import { experimentsQuery } from "@/api/pipelines";
import { useStartRun, type NewRun } from "@/api/runs";
import type { Structure } from "@/api/types";
import { CodeBlock } from "@/components/Copyable";
import { saveText } from "@/components/saveText";
import classes from "./NewRun.module.css";
import { ParameterField } from "./ParameterField";
import { initialTexts, readAll } from "./parameters";
import { asCommand, asPython } from "./recipes";

/** What a run is started of. */
export interface Subject {
  /** First name of the run. */
  name: string;
  structure: Structure;
  yaml: string;
  /** Parameters that an earlier run was given. */
  given: Readonly<Record<string, unknown>>;
  /** Empty: the default. */
  experimentId: string;
  source: NewRun["source"];
}

/** The form of a run, made from the signature of its pipeline. */
export function RunForm({ subject }: { subject: Subject }) {
  const parameters = subject.structure.signature.input_parameters;
  const [texts, setTexts] = useState(() => initialTexts(parameters, subject.given));
  const [name, setName] = useState(subject.name);
  const [description, setDescription] = useState("");
  const [chosenExperiment, setExperiment] = useState(subject.experimentId);
  const [tried, setTried] = useState(false);
  const experiments = useQuery(experimentsQuery);
  const navigate = useNavigate();
  const start = useStartRun();

  const { values, wrong } = useMemo(() => readAll(parameters, texts), [parameters, texts]);
  const experimentId =
    chosenExperiment !== "" ? chosenExperiment : (experiments.data?.experiments.find((one) => one.is_default)?.id ?? "");
  const nameError = name.trim() === "" ? "A name is needed." : undefined;

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setTried(true);
    if (Object.keys(wrong).length > 0 || nameError !== undefined) return;
    start.mutate(
      { name: name.trim(), description, experimentId, parameters: values, source: subject.source },
      { onSuccess: (runId) => void navigate({ to: "/runs/$runId", params: { runId } }) },
    );
  };

  const file = `${subject.structure.name}.yaml`;
  const recipe = {
    host: BASE,
    name,
    experimentId,
    file,
    ...("spec" in subject.source ? {} : { registered: subject.source }),
    values,
  };
  return (
    <form className={classes.form} onSubmit={submit} noValidate aria-label="New run">
      <div className={classes.fields}>
        <section className={classes.section} aria-label="Run">
          <TextInput label="Name" value={name} onChange={(event) => setName(event.currentTarget.value)} error={tried && nameError} withAsterisk />
          <Select
            label="Experiment"
            data={experiments.data?.experiments.map((one) => ({ value: one.id, label: one.name })) ?? []}
            value={experimentId === "" ? null : experimentId}
            onChange={(id) => setExperiment(id ?? "")}
            allowDeselect={false}
            searchable
          />
          <Textarea
            className={classes.wide}
            label="Description"
            value={description}
            onChange={(event) => setDescription(event.currentTarget.value)}
            autosize
            maxRows={6}
          />
        </section>
        <section className={classes.parameters} aria-labelledby="parameters">
          <h2 id="parameters" className={classes.heading}>
            Parameters
          </h2>
          {parameters.length === 0 && <p className={classes.note}>This pipeline takes no parameters.</p>}
          {parameters.map((parameter) => (
            <ParameterField
              key={parameter.name}
              parameter={parameter}
              text={texts[parameter.name] ?? ""}
              error={tried || isTyped(parameter, texts) ? wrong[parameter.name] : undefined}
              change={(text) => setTexts((old) => ({ ...old, [parameter.name]: text }))}
            />
          ))}
        </section>
        {start.isError && (
          <Alert color="red" icon={<IconAlertTriangle size={18} />} title="The run was not started" role="alert">
            {start.error.message}
          </Alert>
        )}
        <div className={classes.actions}>
          <Button type="submit" leftSection={<IconPlayerPlay size={16} />} loading={start.isPending}>
            Start run
          </Button>
          {tried && Object.keys(wrong).length > 0 && <span role="alert">Some parameters need another value.</span>}
        </div>
      </div>
      <aside className={classes.recipes} aria-label="The same from elsewhere">
        <Tabs defaultValue="python" keepMounted={false}>
          <Tabs.List>
            <Tabs.Tab value="python">Python</Tabs.Tab>
            <Tabs.Tab value="cli">CLI</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="python" pt="sm">
            <CodeBlock code={asPython(recipe)} label="as Python" />
          </Tabs.Panel>
          <Tabs.Panel value="cli" pt="sm">
            <CodeBlock code={asCommand(recipe)} label="as a command" />
          </Tabs.Panel>
        </Tabs>
        <Button variant="subtle" size="compact-sm" mt="sm" leftSection={<IconDownload size={15} />} onClick={() => saveText(file, subject.yaml)}>
          {file}
        </Button>
      </aside>
    </form>
  );
}

/** Whether something wrong may be said before the first try: an empty field is not yet a mistake. */
function isTyped({ name }: { name: string }, texts: Readonly<Record<string, string>>): boolean {
  return (texts[name] ?? "") !== "";
}
