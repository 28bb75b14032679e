"""What happens to a task with work of its own: attempts, reuse, import. Each function records it in its run. No I/O."""

from __future__ import annotations

from collections.abc import Mapping

from wherry.engine import driver, requests
from wherry.engine.fingerprint import full_key
from wherry.engine.live_task import LiveTask, Phase
from wherry.engine.owned_run import OwnedRun, input_failure
from wherry.engine.publish import OutputError, Report, publish
from wherry.engine.task_rows import told_of
from wherry.ir.executor_io import RuntimeArtifact
from wherry.model.artifacts import Artifact, LinkKind
from wherry.model.identity import ArtifactId, AttemptId, Json, Micros
from wherry.model.outcomes import Failure, FailureReason, Fault, Reused, Succeeded
from wherry.model.runs import ArtifactInput, Attempt, AttemptEnd, CacheEntry, RunEventKind, TaskOutputs
from wherry.model.states import AttemptState, RuntimeState
from wherry.ports import AttemptCancelled, AttemptFailed, AttemptSucceeded, LaunchRequest, StoredContent


def start(run: OwnedRun, live: LiveTask, now: Micros) -> LaunchRequest | None:
    """Record the intent of an attempt. None if no request can be made: the task has failed."""
    attempt_id = run.ids.attempt_id()
    number = live.tries + 1
    try:
        launch = request(run, live, attempt_id, number)
    except driver.InputError as error:
        run.end_live(live, input_failure(error), now)
        return None
    live.tries = number
    live.phase = Phase.RUNNING
    live.attempt = Attempt(
        id=attempt_id,
        run_id=run.id,
        generation=run.run.generation,
        task=live.key,
        number=number,
        token=run.token,
        state=AttemptState.STARTING,
        created_at=now,
    )
    run.changes.attempts_created.append(live.attempt)
    kind = RunEventKind.ATTEMPT_STARTED
    if run.rows.get(live.key) is None:
        run.create_row(live, now, started_at=now)
        kind = RunEventKind.TASK_STARTED
    else:
        run.rows.move(live.key, RuntimeState.RUNNING)
    run.changes.event(kind, now, live.key, {"attempt": attempt_id, "number": number})
    return launch


def request(run: OwnedRun, live: LiveTask, attempt_id: AttemptId, number: int) -> LaunchRequest:
    """The request for an attempt; the same for the same attempt. Raises InputError."""
    told = requests.executor_input(live.plan, live.inputs, run.artifacts, run.uris(live, attempt_id))
    return requests.launch_request(
        live.plan,
        live.key,
        told,
        run.facts(live.place),
        run_id=run.id,
        attempt_id=attempt_id,
        number=number,
        workspace=run.workspace,
    )


def succeed(
    run: OwnedRun,
    live: LiveTask,
    ended: AttemptSucceeded,
    report: Report,
    contents: Mapping[str, StoredContent | None],
    now: Micros,
) -> tuple[Artifact, ...]:
    """An attempt's result is in: publish it. Returns the artifacts that it made."""
    _end_attempt(run, live, AttemptState.SUCCEEDED, ended)
    made = publish(
        live.plan,
        report,
        contents,
        key=live.key,
        run_id=run.id,
        generation=run.run.generation,
        namespace=run.run.namespace,
        now=now,
        new_id=run.ids.artifact_id,
    )
    _add_artifacts(run, made.artifacts)
    run.changes.links += made.links
    for registration in made.registrations:
        run.changes.registrations.append(registration)
        body: dict[str, Json] = {"name": registration.name, "artifact_id": registration.artifact_id}
        run.changes.event(RunEventKind.MODEL_REGISTERED, now, live.key, body)
    _offer_for_reuse(run, live, ended.attempt_id, made.outputs, now)
    run.end_live(live, Succeeded(), now, outputs=made.outputs, started_at=ended.started_at)
    return made.artifacts


def bad_output(run: OwnedRun, live: LiveTask, ended: AttemptSucceeded, error: OutputError, now: Micros) -> None:
    """What an attempt made is not what its component declares: that is a failure of the user's code."""
    failure = Failure(fault=Fault.USER, reason=FailureReason.BAD_OUTPUT, message=error.message, hint=error.hint)
    fail(run, live, _failed(ended, failure), now)


def unpublished(run: OwnedRun, live: LiveTask, ended: AttemptSucceeded, message: str, now: Micros) -> None:
    """What an attempt made could not be stored."""
    failure = Failure(fault=Fault.INFRASTRUCTURE, reason=FailureReason.PUBLISH, message=message)
    fail(run, live, _failed(ended, failure), now)


def lost(run: OwnedRun, live: LiveTask, reason: FailureReason, message: str, now: Micros) -> None:
    """An attempt did not start, or vanished without a result."""
    assert live.attempt is not None  # noqa: S101  callers hold the task by its attempt
    failure = Failure(fault=Fault.INFRASTRUCTURE, reason=reason, message=message)
    fail(run, live, AttemptFailed(attempt_id=live.attempt.id, started_at=None, ended_at=now, failure=failure), now)


def fail(run: OwnedRun, live: LiveTask, ended: AttemptFailed, now: Micros) -> None:
    """An attempt ended without a result: the task tries again, or has failed."""
    failure = ended.failure
    _end_attempt(run, live, AttemptState.FAILED, ended, failure)
    live.failures = live.failures.count(failure.fault)
    if live.stopping and failure.fault is Fault.INFRASTRUCTURE:
        # It was to be stopped, and is gone: that is what was asked for.
        run.end_live(live, run.cancelled(), now, started_at=ended.started_at)
        return
    again = None if live.stopping else run.retry_at(live, failure, ended.ended_at)
    if again is None:
        run.end_live(live, failure, now, started_at=ended.started_at)
        return
    live.phase = Phase.BACKOFF
    live.retry_at = again
    run.rows.move(live.key, RuntimeState.PENDING)
    body = {"attempt": ended.attempt_id, "number": live.tries, "retry_at": again, **told_of(failure)}
    run.changes.event(RunEventKind.ATTEMPT_ENDED, now, live.key, body)


def stopped(run: OwnedRun, live: LiveTask, ended: AttemptCancelled, now: Micros) -> None:
    """An attempt was stopped: by us, or by somebody behind our back, which counts as lost."""
    if live.stopping:
        _end_attempt(run, live, AttemptState.CANCELED, ended)
        run.end_live(live, run.cancelled(), now, started_at=ended.started_at)
        return
    failure = Failure(
        fault=Fault.INFRASTRUCTURE,
        reason=FailureReason.LOST,
        message=f"task '{live.plan.name}' was stopped, and not by its run",
    )
    fail(run, live, _failed(ended, failure), now)


def reuse(
    run: OwnedRun, live: LiveTask, entry: CacheEntry, artifacts: Mapping[ArtifactId, Artifact], now: Micros
) -> None:
    """An earlier execution stands in: its outputs are this task's outputs."""
    for port in entry.outputs.artifacts.values():
        for one in port.artifact_ids:
            run.artifacts[one] = artifacts[one]
    run.rows.link(live.key, LinkKind.OUTPUT, entry.outputs.artifacts)
    live.note = ""
    outcome = Reused(run_id=entry.run_id, task=entry.task, attempt_id=entry.attempt_id)
    run.end_live(live, outcome, now, outputs=entry.outputs)


def import_artifact(
    run: OwnedRun, live: LiveTask, named: RuntimeArtifact, content: StoredContent | None, now: Micros
) -> None:
    """Do an importer's work: record the artifact that it names."""
    port = next(iter(live.plan.output_artifacts), "artifact")
    artifact = Artifact(
        id=run.ids.artifact_id(),
        namespace=run.run.namespace,
        type=(named.type.schema_title if named.type else None) or "system.Artifact",
        schema_version=(named.type.schema_version if named.type else None) or "",
        name=named.name,
        uri=named.uri,
        metadata=named.metadata,
        created_at=now,
        size=content.size if content else None,
        mtime=content.mtime if content else None,
    )
    _add_artifacts(run, (artifact,))
    outputs = TaskOutputs(artifacts={port: ArtifactInput(artifact_ids=(artifact.id,))})
    run.rows.link(live.key, LinkKind.OUTPUT, outputs.artifacts)
    _offer_for_reuse(run, live, AttemptId(""), outputs, now)
    run.end_live(live, Succeeded(), now, outputs=outputs, started_at=now)


def _failed(ended: AttemptSucceeded | AttemptCancelled, failure: Failure) -> AttemptFailed:
    return AttemptFailed(
        attempt_id=ended.attempt_id, started_at=ended.started_at, ended_at=ended.ended_at, failure=failure
    )


def _end_attempt(
    run: OwnedRun,
    live: LiveTask,
    state: AttemptState,
    ended: AttemptSucceeded | AttemptFailed | AttemptCancelled,
    failure: Failure | None = None,
) -> None:
    run.changes.attempts_ended.append(
        AttemptEnd(
            id=ended.attempt_id,
            state=state,
            ended_at=ended.ended_at,
            started_at=ended.started_at,
            failure=failure,
            handle=live.handle,
        )
    )
    run.over.add(ended.attempt_id)
    live.attempt = live.handle = None


def _add_artifacts(run: OwnedRun, artifacts: tuple[Artifact, ...]) -> None:
    run.changes.artifacts += artifacts
    for artifact in artifacts:
        run.artifacts[artifact.id] = artifact


def _offer_for_reuse(run: OwnedRun, live: LiveTask, attempt_id: AttemptId, outputs: TaskOutputs, now: Micros) -> None:
    base = live.fingerprint
    if base is None:
        return
    run.changes.cache_entries.append(
        CacheEntry(
            namespace=run.run.namespace,
            base_key=base.base_key,
            fingerprint=full_key(base, run.artifacts),
            component=live.plan.component,
            run_id=run.id,
            generation=run.run.generation,
            task=live.key,
            attempt_id=attempt_id,
            created_at=now,
            artifact_inputs=base.inputs,
            outputs=outputs,
            fingerprint_parts=base.parts,
        )
    )
