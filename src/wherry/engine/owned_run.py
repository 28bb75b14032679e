"""One run that this engine owns: its schedule, what its tasks can read, and the rows that follow from what happens.

No I/O: the loop asks the world and tells the run what came of it; the run's changes are written by the loop. It can
be thrown away at any moment and loaded again from its rows. What happens to attempts is in `wherry.engine.attempts`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

import msgspec

from wherry.engine import driver, retry
from wherry.engine.changes import Changes
from wherry.engine.driver import ScopeValues
from wherry.engine.fingerprint import Fingerprint, FixedParts, Normalise, fingerprint, fixed_parts, full_key
from wherry.engine.live_task import LiveTask, Phase, Uris
from wherry.engine.plan import DagWork, ImporterWork, RunPlan
from wherry.engine.planning import plan_run
from wherry.engine.schedule import (
    Begin,
    Cancel,
    Drop,
    Due,
    End,
    EndDag,
    Ended,
    EndIteration,
    Entered,
    Event,
    Place,
    Schedule,
    Skip,
    Stop,
)
from wherry.engine.task_rows import NO_INPUTS, NO_OUTPUTS, TaskRows, state_of
from wherry.errors import FailedPreconditionError
from wherry.ir.digest import decode_package
from wherry.ir.placeholders import RunFacts
from wherry.ir.types import root_inputs
from wherry.model.artifacts import Artifact, LinkKind
from wherry.model.identity import ROOT, ArtifactId, AttemptId, Json, Micros, TaskKey, iteration
from wherry.model.outcomes import (
    Cancelled,
    ConditionFalse,
    Failure,
    FailureReason,
    Fault,
    Succeeded,
    TaskOutcome,
    UpstreamUnavailable,
    has_outputs,
)
from wherry.model.runs import (
    SEMANTICS,
    Attempt,
    CachePolicy,
    RunError,
    RunEventKind,
    RunSnapshot,
    RunUpdate,
    TaskInputs,
    TaskKind,
    TaskOutputs,
    TaskRecord,
)
from wherry.model.states import RuntimeState
from wherry.ports import IdSource
from wherry.runtime.uris import WORKSPACE_MOUNT_PATH

_MICROS = 1_000_000

_WORKSPACE = "_workspace"
"""Name of a workspace beside the folders of a run's tasks, which kfp never calls so."""


class OwnedRun:
    """A run in the hands of this engine.

    Args:
        snapshot: its rows.
        token: fencing token of this engine.
        ids: fresh identifiers.
        uri: `ObjectStore.uri`.
        normalise: names the parts of an executor that the cache compares.
        infrastructure_retries: attempts a task may lose to infrastructure.

    Raises:
        SpecError: the stored spec cannot be planned.
        FailedPreconditionError: it was planned under rules that this version does not know.
    """

    def __init__(
        self,
        snapshot: RunSnapshot,
        *,
        token: int,
        ids: IdSource,
        uri: Callable[..., str],
        normalise: Normalise,
        infrastructure_retries: int,
    ) -> None:
        if snapshot.run.semantics != SEMANTICS:
            raise FailedPreconditionError(
                f"run '{snapshot.run.id}' was planned under rules {snapshot.run.semantics}, this version has "
                f"rules {SEMANTICS}",
                hint="Finish it with the version that started it, or start it again.",
            )
        package = decode_package(snapshot.spec)
        self.run = snapshot.run
        self.id = snapshot.run.id
        self.token = token
        self.ids = ids
        self.plan: RunPlan = plan_run(package)
        dropped = frozenset(one.key for one in snapshot.tasks if isinstance(one.outcome, Cancelled))
        is_cancelling = self.run.state is RuntimeState.CANCELING
        self.schedule = Schedule(self.plan, resumes_cancelled=dropped if is_cancelling else None)
        self.changes = Changes(self.id, self.run.generation, token, snapshot.last_seq)
        self.rows = TaskRows(self.run, self.changes, ids)
        self._uri = uri
        self._normalise = normalise
        self._infrastructure_retries = infrastructure_retries
        self._root_inputs = TaskInputs(parameters=root_inputs(package.spec, self.run.parameters))
        self._recorded = {record.key: record for record in snapshot.tasks}
        self._begun_iterations = _begun_iterations(snapshot.tasks)
        self._attempts: dict[TaskKey, list[Attempt]] = {}
        for attempt in snapshot.attempts:
            self._attempts.setdefault(attempt.task, []).append(attempt)
        self._scopes: dict[TaskKey, ScopeValues] = {}
        self._iterations: dict[TaskKey, list[TaskOutputs]] = {}
        self._failures: dict[TaskKey, Failure] = {}
        self._fixed_parts: dict[tuple[str, str], FixedParts] = {}
        self._events: deque[Event] = deque()
        self._cancelled_by = _cancelled_by(snapshot.tasks)
        self._times = (_datetime(self.run.created_at), _datetime(self.run.scheduled_at))
        self.over: set[AttemptId] = {attempt.id for attempt in snapshot.attempts if attempt.state.is_final}
        """Attempts that have ended: what launchers still say of them is old."""
        self.artifacts: dict[ArtifactId, Artifact] = {one.id: one for one in snapshot.artifacts}
        self.live: dict[TaskKey, LiveTask] = {}
        self.due: deque[TaskKey] = deque()
        """Tasks to resolve."""
        self.adopted: list[LiveTask] = []
        """Tasks that an earlier owner left behind, running or waiting for their next attempt."""
        self.stops: list[LiveTask] = []
        """Tasks whose attempt is to be stopped."""
        self.ended = False

    # -- beginning and cancelling -------------------------------------------------------------------------------------

    def begin(self, now: Micros) -> None:
        """Start the run, or replay its rows: whatever they do not answer is in `due` and `adopted` afterwards."""
        if self.run.state is RuntimeState.PENDING:
            self._move_run(RuntimeState.RUNNING, now)
            self.changes.event(RunEventKind.RUN_STARTED, now, body={"generation": self.run.generation})
        root = self._recorded.pop(ROOT, None)
        if root is None:
            self.rows.create_root(self._root_row(now))
        else:
            self.rows.adopt(root)
        self._scopes[ROOT] = ScopeValues(self.plan.root, self._root_inputs)
        self.feed(Begin(), now)
        if self.run.state is RuntimeState.CANCELING:
            self.feed(Cancel(), now)

    def _root_row(self, now: Micros) -> TaskRecord:
        return TaskRecord(
            run_id=self.id,
            generation=self.run.generation,
            key=ROOT,
            id=self.ids.task_id(),
            parent=None,
            name=self.plan.pipeline,
            display_name=self.run.display_name,
            component=self.plan.pipeline,
            kind=TaskKind.ROOT,
            state=RuntimeState.RUNNING,
            created_at=now,
            started_at=now,
            inputs=self._root_inputs,
        )

    def _move_run(self, state: RuntimeState, now: Micros, error: RunError | None = None) -> None:
        started_at = self.run.started_at or now
        finished_at = now if state.is_final else None
        self.run = msgspec.structs.replace(
            self.run, state=state, started_at=started_at, finished_at=finished_at, error=error
        )
        self.changes.run = RunUpdate(state=state, started_at=started_at, finished_at=finished_at, error=error)

    def cancel(self, by: str, request_id: int, now: Micros) -> None:
        """Somebody asked for the run to be cancelled."""
        self.changes.requests_handled.append(request_id)
        if self.run.state is not RuntimeState.RUNNING:
            self.changes.event(RunEventKind.WARNING, now, body={"message": f"{by} asked to cancel the run once more"})
            return
        self._cancelled_by = by
        self._move_run(RuntimeState.CANCELING, now)
        self.changes.event(RunEventKind.RUN_CANCELING, now, body={"by": by})
        for record in self.rows.active():
            if record.key == ROOT or not self.schedule.place(record.key).shielded:
                self.rows.move(record.key, RuntimeState.CANCELING)
        self.feed(Cancel(), now)

    def cancelled(self) -> Cancelled:
        """The outcome of a task that the cancelling of the run ended."""
        return Cancelled(by=self._cancelled_by)

    # -- the schedule's decisions -------------------------------------------------------------------------------------

    def feed(self, event: Event, now: Micros) -> None:
        """Apply an event, and everything that rows and decisions answer at once."""
        self._events.append(event)
        while self._events:
            for decision in self.schedule.apply(self._events.popleft()):
                match decision:
                    case Due(task=task):
                        self._become_due(task)
                    case Skip(task=task, because=because):
                        self._end_unstarted(task, UpstreamUnavailable(task=because), now)
                    case Drop(task=task):
                        self._end_unstarted(task, self.cancelled(), now)
                    case Stop(task=task):
                        self._stop(task, now)
                    case EndIteration(loop=loop, index=index, end=end):
                        scope = self._scopes.pop(iteration(loop, index))
                        if end is End.OUTPUTS:
                            self._iterations[loop][index] = driver.dag_outputs(scope)
                    case EndDag():
                        self._end_dag(decision, now)

    def _become_due(self, task: TaskKey) -> None:
        row = self._recorded.pop(task, None)
        if row is None:
            self.due.append(task)
            return
        place = self.schedule.place(task)
        if row.outcome is not None:
            self._remember_end(place, task, row.outcome, row.outputs)
            self._events.append(Ended(task, _end_of(row.outcome)))
            return
        self.rows.adopt(row)
        if isinstance(place.plan.work, DagWork):
            self._enter(task, place, row.inputs, self._begun_iterations.get(task, 0))
        else:
            self._resume(task, place, row)

    def _resume(self, task: TaskKey, place: Place, row: TaskRecord) -> None:
        """A task of an earlier owner that has a row and has not ended."""
        live = self.live[task] = LiveTask(task, place, row.inputs)
        live.note = row.cache_note
        live.fingerprint = self._fingerprint(live) if row.base_key is not None else None
        live.stopping = row.state is RuntimeState.CANCELING
        for attempt in self._attempts.pop(task, ()):
            live.tries = max(live.tries, attempt.number)
            if not attempt.state.is_final:
                live.attempt = attempt
            if attempt.failure is not None:
                live.failures = live.failures.count(attempt.failure.fault)
                live.retry_at = self.retry_at(live, attempt.failure, attempt.ended_at or row.created_at)
        live.phase = Phase.RUNNING if live.attempt is not None else Phase.BACKOFF
        live.retry_at = live.retry_at or row.created_at
        self.adopted.append(live)

    def _end_unstarted(self, task: TaskKey, outcome: TaskOutcome, now: Micros) -> None:
        place = self.schedule.place(task)
        if self._recorded.pop(task, None) is None:
            self.rows.create(task, place, state_of(outcome), now, outcome=outcome, ended_at=now)
        self._remember_end(place, task, outcome, NO_OUTPUTS)

    def _stop(self, task: TaskKey, now: Micros) -> None:
        live = self.live.get(task)
        if live is not None and live.attempt is not None:
            live.stopping = True
            self.stops.append(live)
            return
        if live is not None:
            self._end_live(live, self.cancelled(), now)
        else:  # due, and not resolved yet
            self._end_unstarted(task, self.cancelled(), now)
        self._events.append(Ended(task, End.CANCELLED))

    def _remember_end(self, place: Place, key: TaskKey, outcome: TaskOutcome, outputs: TaskOutputs) -> None:
        """Let others of the same scope read it."""
        self._scopes[place.scope].record(place.plan.index, outcome, outputs)
        if isinstance(outcome, Failure):
            self._failures[key] = outcome
        self.rows.made_by(key, outputs)

    # -- DAGs, loops, the run -----------------------------------------------------------------------------------------

    def _enter(self, key: TaskKey, place: Place, inputs: TaskInputs, begun: int = 0) -> None:
        """Open the scopes of a DAG task. Raises InputError if it is a loop without items."""
        task = place.plan
        assert isinstance(task.work, DagWork)  # noqa: S101  callers have looked
        dag = self.plan.dags[task.work.dag]
        if task.loop is None:
            self._scopes[key] = ScopeValues(dag, inputs)
            self._events.append(Entered(key))
            return
        items = driver.loop_items(task, inputs)
        self._iterations[key] = [NO_OUTPUTS] * len(items)
        for index, item in enumerate(items):
            self._scopes[iteration(key, index)] = ScopeValues(dag, driver.iteration_inputs(task, inputs, item))
        self._events.append(Entered(key, len(items), begun))

    def _end_dag(self, decision: EndDag, now: Micros) -> None:
        key = decision.task
        outcome: TaskOutcome
        outputs = NO_OUTPUTS
        match decision.end:
            case End.FAILED:
                outcome = self._child_failure(decision.failed)
            case End.CANCELLED:
                outcome = self.cancelled()
            case _:
                outcome = Succeeded()
                outputs = self._collect(key)
        self._scopes.pop(key, None)
        for index in range(len(self._iterations.pop(key, ()))):
            self._scopes.pop(iteration(key, index), None)
        self.rows.end(key, outcome, now, outputs=outputs)
        if key == ROOT:
            self._end_run(outcome, now)
        else:
            self._remember_end(self.schedule.place(key), key, outcome, outputs)

    def _collect(self, key: TaskKey) -> TaskOutputs:
        iterations = self._iterations.get(key)
        if iterations is None:
            return driver.dag_outputs(self._scopes[key])
        work = self.schedule.place(key).plan.work
        assert isinstance(work, DagWork)  # noqa: S101  a loop's body is a DAG
        return driver.loop_outputs(self.plan.dags[work.dag], iterations)

    def _child_failure(self, failed: TaskKey | None) -> Failure:
        """A DAG fails as the first task inside it did, of which it tells."""
        inner = self._failures.get(failed) if failed is not None else None
        if inner is not None and inner.reason is FailureReason.CHILD:
            return inner
        label = str(failed).removeprefix(f"{ROOT}/")
        cause = inner.message.partition("\n")[0] if inner is not None else "for an unknown reason"
        return Failure(
            fault=inner.fault if inner is not None else Fault.WHERRY,
            reason=FailureReason.CHILD,
            message=f"task '{label}' failed: {cause}",
            task=failed,
        )

    def _end_run(self, outcome: TaskOutcome, now: Micros) -> None:
        error = None
        if isinstance(outcome, Succeeded):
            state = RuntimeState.SUCCEEDED
        elif self.run.state is RuntimeState.CANCELING:
            state = RuntimeState.CANCELED
            error = RunError(message=f"The run was cancelled by {self._cancelled_by}.")
        else:
            state = RuntimeState.FAILED
            task = outcome.task if isinstance(outcome, Failure) else None
            error = RunError(message=getattr(outcome, "message", "A task was stopped."), task=task)
        self._move_run(state, now, error)
        body: dict[str, Json] = {"state": state.value}
        if error is not None:
            body["error"] = error.message
        self.changes.event(RunEventKind.RUN_ENDED, now, body=body)
        self.ended = True

    # -- resolving a task that is due ---------------------------------------------------------------------------------

    def resolve(self, task: TaskKey, now: Micros) -> LiveTask | None:
        """Resolve a task's inputs and condition.

        Returns:
            The task if it is one to look up in the cache or to start; None if it was entered or has ended.
        """
        if not self.schedule.is_due(task):
            return None  # stopped since
        place = self.schedule.place(task)
        plan = place.plan
        inputs = NO_INPUTS
        try:
            inputs = driver.resolve_inputs(plan, self._scopes[place.scope], lambda: self.facts(place))
            if not driver.condition_holds(plan, inputs):
                self._end_due(task, place, ConditionFalse(condition=plan.condition), inputs, now)
                return None
            if isinstance(plan.work, DagWork):
                self._enter(task, place, inputs)
                self._start_dag(task, place, inputs, now)
                return None
        except driver.InputError as error:
            self._end_due(task, place, input_failure(error), inputs, now)
            return None
        live = self.live[task] = LiveTask(task, place, inputs)
        reimports = isinstance(plan.work, ImporterWork) and plan.work.spec.reimport
        if plan.caching.enable_cache and not reimports:
            live.fingerprint = self._fingerprint(live)
        return live

    def _start_dag(self, task: TaskKey, place: Place, inputs: TaskInputs, now: Micros) -> None:
        count = len(self._iterations[task]) if place.plan.loop is not None else None
        self.rows.create(task, place, RuntimeState.RUNNING, now, started_at=now, inputs=inputs, iteration_count=count)
        self.changes.event(RunEventKind.TASK_STARTED, now, task, {} if count is None else {"iterations": count})
        self.feed(self._events.pop(), now)

    def _end_due(self, task: TaskKey, place: Place, outcome: TaskOutcome, inputs: TaskInputs, now: Micros) -> None:
        """A task has ended in the driver."""
        self.rows.create(task, place, state_of(outcome), now, outcome=outcome, inputs=inputs, ended_at=now)
        self._remember_end(place, task, outcome, NO_OUTPUTS)
        self.feed(Ended(task, _end_of(outcome)), now)

    @property
    def may_reuse(self) -> bool:
        """Whether tasks of this run may be reused."""
        return self.run.cache is CachePolicy.AS_COMPILED

    def _fingerprint(self, live: LiveTask) -> Fingerprint:
        plan = live.plan
        known = (plan.component, plan.caching.cache_key)
        fixed = self._fixed_parts.get(known)
        if fixed is None:
            fixed = fixed_parts(plan, pipeline=self.plan.pipeline, normalise=self._normalise)
            self._fixed_parts[known] = fixed
        return fingerprint(fixed, live.inputs, self.artifacts)

    def facts(self, place: Place) -> RunFacts:
        """What placeholders stand for in a task."""
        return RunFacts(
            run_id=self.id,
            run_display_name=self.run.display_name,
            run_resource_name=self.id,
            task_name=place.plan.name,
            parent_id=self.rows[place.parent or ROOT].id,
            created_at=self._times[0],
            scheduled_at=self._times[1],
            pipeline_root=self.run.pipeline_root,
            workspace_path=self.workspace or WORKSPACE_MOUNT_PATH,
        )

    @property
    def workspace(self) -> str:
        """The folder that the tasks of this run share; empty if they share none, or artifacts lie on no file system."""
        run = self.run
        if not self.plan.has_workspace or not run.pipeline_root.startswith("/"):
            return ""
        return self._uri(run.pipeline_root, run.pipeline, run.id, _WORKSPACE)

    def uris(self, live: LiveTask, attempt_id: AttemptId) -> Uris:
        """Where an attempt's outputs go."""
        run = self.run
        return Uris(self._uri, run.pipeline_root, run.pipeline, run.id, live.plan.name, attempt_id)

    def retry_at(self, live: LiveTask, failure: Failure, ended_at: Micros) -> Micros | None:
        """When a task that lost an attempt tries again; None if it does not."""
        return retry.retry_at(
            live.plan.retry,
            live.failures,
            fault=failure.fault,
            reason=failure.reason,
            ended_at=ended_at,
            infrastructure_retries=self._infrastructure_retries,
        )

    # -- tasks with work of their own ---------------------------------------------------------------------------------

    def create_row(
        self,
        live: LiveTask,
        now: Micros,
        *,
        outcome: TaskOutcome | None = None,
        outputs: TaskOutputs = NO_OUTPUTS,
        started_at: Micros | None = None,
    ) -> None:
        """The row of a live task appears, RUNNING or, with an outcome, ended; and with it what the task reads."""
        base = live.fingerprint
        self.rows.create(
            live.key,
            live.place,
            RuntimeState.RUNNING if outcome is None else state_of(outcome),
            now,
            inputs=live.inputs,
            outputs=outputs,
            outcome=outcome,
            started_at=started_at,
            ended_at=None if outcome is None else now,
            base=base,
            full_key=full_key(base, self.artifacts) if base is not None else None,
            note=live.note,
        )
        if live.inputs.artifacts:
            self.rows.link(live.key, LinkKind.INPUT, live.inputs.artifacts)

    def end_live(
        self,
        live: LiveTask,
        outcome: TaskOutcome,
        now: Micros,
        *,
        outputs: TaskOutputs = NO_OUTPUTS,
        started_at: Micros | None = None,
    ) -> None:
        """A live task has ended; others go on."""
        self._end_live(live, outcome, now, outputs=outputs, started_at=started_at)
        self.feed(Ended(live.key, _end_of(outcome)), now)

    def _end_live(
        self,
        live: LiveTask,
        outcome: TaskOutcome,
        now: Micros,
        *,
        outputs: TaskOutputs = NO_OUTPUTS,
        started_at: Micros | None = None,
    ) -> None:
        del self.live[live.key]
        if self.rows.get(live.key) is None:
            self.create_row(live, now, outcome=outcome, outputs=outputs, started_at=started_at)
        else:
            self.rows.end(live.key, outcome, now, outputs=outputs, started_at=started_at, note=live.note)
        self._remember_end(live.place, live.key, outcome, outputs)


def input_failure(error: driver.InputError) -> Failure:
    """The outcome of a task whose inputs cannot be resolved."""
    return Failure(fault=Fault.USER, reason=FailureReason.INPUTS, message=error.message, hint=error.hint)


def _begun_iterations(records: Iterable[TaskRecord]) -> dict[TaskKey, int]:
    """Loop -> number behind the last iteration that has a row."""
    begun: dict[TaskKey, int] = {}
    for record in records:
        if record.parent is not None and record.iteration_index is not None:
            begun[record.parent] = max(begun.get(record.parent, 0), record.iteration_index + 1)
    return begun


def _cancelled_by(records: Iterable[TaskRecord]) -> str:
    """Who cancelled a run, as far as its rows tell."""
    found = (record.outcome.by for record in records if isinstance(record.outcome, Cancelled))
    return next(found, "an earlier request")


def _end_of(outcome: TaskOutcome) -> End:
    if has_outputs(outcome):
        return End.OUTPUTS
    if isinstance(outcome, Failure):
        return End.FAILED
    return End.CANCELLED if isinstance(outcome, Cancelled) else End.NOT_TRIGGERED


def _datetime(at: Micros) -> datetime:
    return datetime.fromtimestamp(at / _MICROS, tz=UTC)
