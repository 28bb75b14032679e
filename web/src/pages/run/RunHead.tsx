import { ActionIcon, Button, Menu, Modal, Popover, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconAdjustments, IconCopy, IconDots, IconGitBranch, IconPlayerStop, IconRefresh, IconRepeat } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import { type Connection, type RunPageMessage, useRetry, useTerminate } from "@/api/runPage";
import { Ago } from "@/components/Ago";
import { Elapsed } from "@/components/Elapsed";
import { ButtonLink, TextLink } from "@/components/links";
import { StateBadge } from "@/components/StateBadge";
import { metric } from "@/formats/numbers";
import { isFinal } from "@/theme/states";
import { Parameters } from "./Parameters";
import { outcomeOf } from "./outcome";
import classes from "./Run.module.css";
import type { RunTasks } from "./runTasks";

interface RunHeadProps {
  readonly page: RunPageMessage;
  readonly tasks: RunTasks;
  readonly connection: Connection;
}

/** What happened, in a sentence, and what can be done. */
export function RunHead({ page, tasks, connection }: RunHeadProps) {
  const { run } = page;
  useEffect(() => {
    document.title = `${run.name} · Wherry`;
  }, [run.name]);
  const failed = run.state === "FAILED" || run.state === "CANCELED" ? tasks.firstFailed() : undefined;
  return (
    <header className={classes.head}>
      <div className={classes.crumbs}>
        <Link to="/runs">Runs</Link>
        <span aria-hidden>/</span>
        <PipelineLink run={run} />
        {run.experiment.name !== null && (
          <>
            <span aria-hidden>/</span>
            <TextLink to="/runs" search={{ experiment: run.experiment.id }} c="inherit" title="Runs of this experiment">
              {run.experiment.name}
            </TextLink>
          </>
        )}
      </div>
      <div className={classes.titleLine}>
        <h1 className={classes.title} title={run.name}>
          {run.name}
        </h1>
        <StateBadge state={run.state} />
        {connection === "broken" && !isFinal(run.state) && <span className={classes.broken}>Not live: trying to connect</span>}
        <Actions page={page} />
      </div>
      <p className={classes.outcome} data-state={run.state} role={failed === undefined ? undefined : "status"}>
        <span>{outcomeOf(run)}</span>
        {failed !== undefined && (
          <span className={classes.ways}>
            <Link from="/runs/$runId" to="." search={(before) => ({ ...before, task: failed.key, tab: undefined })}>
              Show {failed.display_name}
            </Link>
            {failed.attempt_count > 0 && (
              <Link from="/runs/$runId" to="." search={(before) => ({ ...before, task: failed.key, tab: "log" })}>
                Read its log
              </Link>
            )}
          </span>
        )}
      </p>
      <div className={classes.factsLine}>
        <dl className={classes.facts}>
          <div>
            <dt>Duration</dt>
            <dd>
              <Elapsed from={run.started_at} to={run.finished_at} />
            </dd>
          </div>
          <div>
            <dt>Started</dt>
            <dd>
              <Ago moment={run.started_at ?? run.created_at} />
            </dd>
          </div>
          {run.created_by !== "" && (
            <div>
              <dt>By</dt>
              <dd>{run.created_by}</dd>
            </div>
          )}
          {run.generation > 1 && (
            <div>
              <dt>Generation</dt>
              <dd title="Each retry opens the next">{run.generation}</dd>
            </div>
          )}
          {/* The last tasks measure what matters. */}
          {Object.entries(run.metrics)
            .slice(-4)
            .map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{metric(value)}</dd>
              </div>
            ))}
        </dl>
        <ParametersButton page={page} />
      </div>
    </header>
  );
}

function PipelineLink({ run }: { readonly run: RunPageMessage["run"] }) {
  const { id, display_name, name, version_id, version_name } = run.pipeline;
  const label = display_name ?? name;
  if (id === null || display_name === null) return <span title="The specification came with the run">{label}</span>;
  return (
    <TextLink to="/pipelines/$pipelineId" params={{ pipelineId: id }} search={version_id === null ? {} : { version: version_id }} c="inherit">
      {version_name === null || version_name === label ? label : `${label} ${version_name}`}
    </TextLink>
  );
}

function ParametersButton({ page }: { readonly page: RunPageMessage }) {
  const { parameters } = page.run;
  if (parameters.length === 0) return null;
  const given = parameters.filter(({ is_default }) => !is_default).length;
  return (
    <Popover position="bottom-start" width={460} shadow="md" withinPortal>
      <Popover.Target>
        <Button className={classes.parametersButton} variant="subtle" size="compact-sm" leftSection={<IconAdjustments size={15} aria-hidden />}>
          {parameters.length} {parameters.length === 1 ? "parameter" : "parameters"}
          {given > 0 && `, ${String(given)} given`}
        </Button>
      </Popover.Target>
      <Popover.Dropdown className={classes.parametersBox}>
        <Parameters
          parameters={parameters.map(({ name, type, value, is_default }) => ({ name, type, value, note: is_default ? "default" : "" }))}
        />
      </Popover.Dropdown>
    </Popover>
  );
}

function Actions({ page }: { readonly page: RunPageMessage }) {
  const { run } = page;
  const terminate = useTerminate(run.id);
  const retry = useRetry(run.id);
  const [asking, { open, close }] = useDisclosure(false);
  const over = isFinal(run.state);
  const refused = (error: Error) => {
    notifications.show({ color: "red", title: "The server refused", message: error.message });
  };
  return (
    <div className={classes.actions}>
      {!over && (
        <Button
          variant="default"
          color="red"
          size="xs"
          leftSection={<IconPlayerStop size={15} aria-hidden />}
          disabled={run.state === "CANCELING"}
          onClick={open}
        >
          {run.state === "CANCELING" ? "Canceling" : "Cancel"}
        </Button>
      )}
      {(run.state === "FAILED" || run.state === "CANCELED") && (
        <Tooltip label="Run what did not succeed again; what did is kept" multiline w={220}>
          <Button
            variant="filled"
            size="xs"
            leftSection={<IconRefresh size={15} aria-hidden />}
            loading={retry.isPending}
            onClick={() => retry.mutate(undefined, { onError: refused })}
          >
            Retry
          </Button>
        </Tooltip>
      )}
      <ButtonLink to="/runs/new" search={{ clone: run.id }} variant="default" size="xs" leftSection={<IconRepeat size={15} aria-hidden />}>
        Clone
      </ButtonLink>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon variant="default" size={30} aria-label="More">
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconGitBranch size={15} />}
            renderRoot={(props) => <Link {...props} to="/lineage" search={{ run: run.id }} />}
          >
            Lineage of this run
          </Menu.Item>
          <Menu.Item leftSection={<IconCopy size={15} />} onClick={() => void navigator.clipboard.writeText(run.id)}>
            Copy the run's id
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal opened={asking} onClose={close} title="Cancel this run?" centered size="sm">
        <p className={classes.question}>What is under way is stopped, and what waits does not start. Exit tasks still run.</p>
        <div className={classes.answers}>
          <Button variant="default" onClick={close} data-autofocus>
            Let it run
          </Button>
          <Button
            color="red"
            loading={terminate.isPending}
            onClick={() => terminate.mutate(undefined, { onError: refused, onSettled: close })}
          >
            Cancel the run
          </Button>
        </div>
      </Modal>
    </div>
  );
}
