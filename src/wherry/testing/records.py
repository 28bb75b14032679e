"""Small builders of records: say what matters, get the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from wherry.model.artifacts import Artifact, ArtifactLink, LinkKind
from wherry.model.experiments import Experiment
from wherry.model.identity import (
    ROOT,
    ArtifactId,
    AttemptId,
    ExperimentId,
    Json,
    Micros,
    PipelineId,
    PipelineVersionId,
    RunId,
    TaskId,
    TaskKey,
    child,
)
from wherry.model.outcomes import Reused, Succeeded, TaskOutcome
from wherry.model.pipelines import Pipeline, PipelineVersion
from wherry.model.runs import (
    ArtifactInput,
    Attempt,
    AttemptEnd,
    CacheEntry,
    CachePolicy,
    Run,
    RunChanges,
    RunEvent,
    RunEventKind,
    TaskInputs,
    TaskKind,
    TaskOutputs,
    TaskRecord,
    TaskUpdate,
)
from wherry.model.states import AttemptState, RuntimeState, StorageState
from wherry.ports import NewPipelineVersion, NewRun

NAMESPACE = "default"
SOON = Micros(1_700_000_000_000_000)


def new_run(
    run_id: str = "run-0001",
    *,
    at: int = 0,
    pipeline: str = "attrition",
    namespace: str = NAMESPACE,
    spec: bytes = b"spec",
    parameters: Mapping[str, Json] | None = None,
    key: str | None = None,
    experiment_id: ExperimentId | None = None,
) -> NewRun:
    """A pending run, created ``at`` microseconds after `SOON` by ``ann``."""
    run = Run(
        id=RunId(run_id),
        generation=1,
        namespace=namespace,
        created_by="ann",
        display_name=f"{pipeline} of {run_id}",
        pipeline=pipeline,
        spec_digest=f"sha256-of-{spec.decode()}",
        parameters=dict(parameters or {}),
        pipeline_root="/artifacts",
        cache=CachePolicy.AS_COMPILED,
        state=RuntimeState.PENDING,
        storage_state=StorageState.AVAILABLE,
        created_at=Micros(SOON + at),
        scheduled_at=Micros(SOON + at),
        experiment_id=experiment_id,
    )
    return NewRun(run=run, spec=spec, idempotency_key=key)


def task(
    run: Run,
    name: str,
    *,
    state: RuntimeState = RuntimeState.RUNNING,
    outcome: TaskOutcome | None = None,
    reads: Mapping[str, Iterable[str]] | None = None,
    writes: Mapping[str, Iterable[str]] | None = None,
) -> TaskRecord:
    """Task ``root/<name>``; ``reads`` and ``writes`` map ports to artifact ids."""
    return TaskRecord(
        run_id=run.id,
        generation=run.generation,
        key=key_of(name),
        id=TaskId(f"{run.id}-{run.generation}-{name}"),
        parent=ROOT,
        name=name,
        display_name=name.title(),
        component=f"comp-{name}",
        kind=TaskKind.RUNTIME,
        state=state,
        created_at=run.created_at,
        outcome=outcome,
        inputs=TaskInputs(artifacts=_ports(reads)),
        outputs=TaskOutputs(artifacts=_ports(writes)),
    )


def key_of(name: str) -> TaskKey:
    """Key of a task of the root DAG."""
    return child(ROOT, name)


def attempt(run: Run, name: str, token: int, *, number: int = 1, attempt_id: str = "") -> Attempt:
    """An attempt of task ``root/<name>``, recorded and not heard of yet."""
    return Attempt(
        id=AttemptId(attempt_id or f"{run.id}-{run.generation}-{name}-{number}"),
        run_id=run.id,
        generation=run.generation,
        task=key_of(name),
        number=number,
        token=token,
        state=AttemptState.STARTING,
        created_at=run.created_at,
    )


def end(of: Attempt, state: AttemptState = AttemptState.SUCCEEDED) -> AttemptEnd:
    """The end of an attempt, a second after it was created."""
    return AttemptEnd(id=of.id, state=state, started_at=of.created_at, ended_at=Micros(of.created_at + 1_000_000))


def artifact(artifact_id: str, *, at: int = 0, namespace: str = NAMESPACE, **metadata: Json) -> Artifact:
    """A dataset, created ``at`` microseconds after `SOON`."""
    return Artifact(
        id=ArtifactId(artifact_id),
        namespace=namespace,
        type="system.Dataset",
        schema_version="0.0.1",
        name=artifact_id,
        uri=f"/artifacts/{artifact_id}",
        metadata=metadata,
        created_at=Micros(SOON + at),
        size=1,
        mtime=Micros(SOON + at),
    )


def link(run: Run, name: str, kind: LinkKind, artifact_id: str, *, port: str = "data", index: int = 0) -> ArtifactLink:
    """Task ``root/<name>`` read or made an artifact."""
    return ArtifactLink(
        artifact_id=ArtifactId(artifact_id),
        run_id=run.id,
        generation=run.generation,
        task=key_of(name),
        kind=kind,
        port=port,
        index=index,
    )


def entry(run: Run, name: str, *, base_key: str = "base", attempt_id: str = "", at: int = 0) -> CacheEntry:
    """A cache entry of task ``root/<name>``."""
    return CacheEntry(
        namespace=run.namespace,
        base_key=base_key,
        fingerprint=f"f1:{base_key}",
        component=f"comp-{name}",
        run_id=run.id,
        generation=run.generation,
        task=key_of(name),
        attempt_id=AttemptId(attempt_id or f"{run.id}-{run.generation}-{name}-1"),
        created_at=Micros(SOON + at),
        outputs=TaskOutputs(parameters={"rows": 3}),
        fingerprint_parts={"executor": "aa", "parameters": "bb"},
    )


def event(run: Run, seq: int, kind: RunEventKind = RunEventKind.TASK_ENDED, **body: Json) -> RunEvent:
    """Event number ``seq`` of a run."""
    return RunEvent(run_id=run.id, seq=seq, at=SOON, kind=kind, body=body)


def execution(
    run: Run, name: str, token: int, *, reads: Iterable[str] = (), writes: Iterable[str] = ()
) -> tuple[RunChanges, RunChanges]:
    """The two turns that start and end a task which reads and makes artifacts, one port each."""
    reads, writes = tuple(reads), tuple(writes)
    ports = {f"in{index}": (each,) for index, each in enumerate(reads)}
    begun = task(run, name, reads=ports)
    tried = attempt(run, name, token)
    made = {f"out{index}": (each,) for index, each in enumerate(writes)}
    done = task(run, name, state=RuntimeState.SUCCEEDED, outcome=Succeeded(), reads=ports, writes=made)
    start = RunChanges(
        run_id=run.id,
        generation=run.generation,
        token=token,
        tasks_created=(begun,),
        attempts_created=(tried,),
        links=tuple(link(run, name, LinkKind.INPUT, each, port=f"in{index}") for index, each in enumerate(reads)),
    )
    finish = RunChanges(
        run_id=run.id,
        generation=run.generation,
        token=token,
        tasks_updated=(task_update(begun, done),),
        attempts_ended=(end(tried),),
        artifacts=tuple(artifact(each) for each in writes),
        links=tuple(link(run, name, LinkKind.OUTPUT, each, port=f"out{index}") for index, each in enumerate(writes)),
    )
    return start, finish


def reuse(
    run: Run, name: str, token: int, *, of: Run, reads: Iterable[str] = (), writes: Iterable[str] = ()
) -> RunChanges:
    """The turn in which a task reuses the one of the same name in another run."""
    reads, writes = tuple(reads), tuple(writes)
    outcome = Reused(run_id=of.id, task=key_of(name), attempt_id=attempt(of, name, 0).id)
    record = task(
        run,
        name,
        state=RuntimeState.SKIPPED,
        outcome=outcome,
        reads={f"in{index}": (each,) for index, each in enumerate(reads)},
        writes={f"out{index}": (each,) for index, each in enumerate(writes)},
    )
    inputs = tuple(link(run, name, LinkKind.INPUT, each, port=f"in{index}") for index, each in enumerate(reads))
    outputs = tuple(link(run, name, LinkKind.OUTPUT, each, port=f"out{index}") for index, each in enumerate(writes))
    return RunChanges(
        run_id=run.id, generation=run.generation, token=token, tasks_created=(record,), links=inputs + outputs
    )


def task_update(seen: TaskRecord, record: TaskRecord) -> TaskUpdate:
    """Replaces what was seen."""
    return TaskUpdate(seen=seen.state, record=record)


def _ports(ports: Mapping[str, Iterable[str]] | None) -> dict[str, ArtifactInput]:
    return {
        port: ArtifactInput(artifact_ids=tuple(ArtifactId(id_) for id_ in ids)) for port, ids in (ports or {}).items()
    }


def experiment(name: str = "churn", *, namespace: str = NAMESPACE, at: int = 0, description: str = "") -> Experiment:
    """An experiment with the id ``experiment-<name>``."""
    return Experiment(
        id=ExperimentId(f"experiment-{name}"),
        namespace=namespace,
        created_by="ann",
        display_name=name,
        created_at=Micros(SOON + at),
        description=description,
    )


def pipeline(
    name: str = "churn", *, namespace: str = NAMESPACE, at: int = 0, tags: Mapping[str, str] | None = None
) -> Pipeline:
    """A pipeline with the id ``pipeline-<name>``."""
    return Pipeline(
        id=PipelineId(f"pipeline-{name}"),
        namespace=namespace,
        created_by="ann",
        name=name,
        display_name=name.title(),
        created_at=Micros(SOON + at),
        description=f"finds {name}",
        tags=dict(tags or {}),
    )


def pipeline_version(
    name: str = "v1",
    *,
    of: str = "churn",
    at: int = 0,
    spec: bytes = b"spec",
    tags: Mapping[str, str] | None = None,
) -> NewPipelineVersion:
    """A version with the id ``version-<of>-<name>``."""
    version = PipelineVersion(
        id=PipelineVersionId(f"version-{of}-{name}"),
        pipeline_id=PipelineId(f"pipeline-{of}"),
        created_by="ann",
        name=name,
        display_name=name.upper(),
        created_at=Micros(SOON + at),
        spec_digest=f"sha256-of-{spec.decode()}",
        code_source_url="https://example.com/code",
        tags=dict(tags or {}),
    )
    return NewPipelineVersion(version=version, spec=spec)
