"""The loop: takes what happened, lets the runs decide, commits once, and only then acts.

One turn: everything that is queued is applied; tasks that are due are resolved and looked up in the cache, chains of
hits within the same turn; free slots are filled; the changes of all runs are committed in ONE transaction; then
results are acknowledged and attempts launched. Whatever the process dies between is repaired from the rows.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Final, TypeAlias, TypeVar, assert_never

import msgspec

from wherry.engine import attempts, driver, requests
from wherry.engine.cache import CacheLookup
from wherry.engine.changes import with_versions
from wherry.engine.failpoints import AFTER_COMMIT, BEFORE_LAUNCH, Failpoints
from wherry.engine.fingerprint import Normalise
from wherry.engine.followers import Followers, Notice, TaskProgress
from wherry.engine.generations import kept_rows
from wherry.engine.handover import modified_input
from wherry.engine.hasher import Hasher
from wherry.engine.live_task import LiveTask, Phase
from wherry.engine.owned_run import OwnedRun
from wherry.engine.patience import patiently
from wherry.engine.plan import ImporterWork
from wherry.engine.planning import plan_run
from wherry.engine.publish import OutputError, Report, read_report
from wherry.engine.ready import ReadyTasks
from wherry.errors import (
    FailedPreconditionError,
    LauncherError,
    ObjectStoreError,
    StaleOwnerError,
    StoreUnavailableError,
    WherryBugError,
)
from wherry.ir.digest import decode_package
from wherry.model.artifacts import Artifact
from wherry.model.identity import ArtifactId, AttemptId, Micros, RunId
from wherry.model.outcomes import Failure, FailureReason, Fault
from wherry.model.runs import Run, RunChanges, RunEventKind, RunRequestKind, RunSnapshot
from wherry.model.states import RuntimeState
from wherry.ports import (
    AttemptCancelled,
    AttemptEvent,
    AttemptFailed,
    AttemptProgress,
    AttemptStarted,
    AttemptSucceeded,
    AttemptWarning,
    Clock,
    IdSource,
    Launcher,
    LaunchRequest,
    NewRun,
    ObjectStore,
    Owner,
    Recovery,
    RunStore,
    StoredContent,
)
from wherry.settings import EngineSettings

__all__ = ["Engine", "Notice", "TaskProgress"]

log = logging.getLogger(__name__)

_T = TypeVar("_T")

MAX_RESOLVED: Final = 1000
"""Tasks that one turn resolves at most, over all runs: a wide loop does not hold up the others' results."""

MAX_CLAIMED: Final = 100
"""Runs that one turn claims at most."""


_LAST_TURN: Final = 10.0
"""Seconds that `Engine.stop` gives the turn at hand. After that it is cut off, as by a crash."""


class _DigestKnown(msgspec.Struct, frozen=True):
    """The hasher is through with an artifact."""

    artifact: ArtifactId
    digest: str | None


class _Requested(msgspec.Struct, frozen=True):
    """Something was asked of a run."""

    run: RunId


class _RetryDue(msgspec.Struct, frozen=True):
    """A pause between two attempts is over, or may be."""


class _LaunchFailed(msgspec.Struct, frozen=True):
    """A launcher refused an attempt."""

    attempt_id: AttemptId
    message: str


_Queued: TypeAlias = AttemptEvent | _DigestKnown | _Requested | _RetryDue | _LaunchFailed


class _Turn:
    """What is to be done once a turn is committed."""

    def __init__(self) -> None:
        self.launches: list[tuple[OwnedRun, LiveTask, LaunchRequest]] = []
        self.acknowledge: list[AttemptId] = []
        self.stop: list[AttemptId] = []
        self.hash: list[Artifact] = []
        self.progress: list[TaskProgress] = []
        self.explain: list[tuple[OwnedRun, LiveTask]] = []


class _SettingAside:
    """One of the named edges that catch everything: a run that crashes the engine is set aside, others go on."""

    __slots__ = ("_crashed", "_run")

    def __init__(self, crashed: Callable[[OwnedRun, Exception], None], run: OwnedRun) -> None:
        self._crashed = crashed
        self._run = run

    def __enter__(self) -> None:
        """Nothing is needed."""

    def __exit__(self, kind: object, error: BaseException | None, where: object) -> bool:
        """Swallow errors, and nothing that ends the process."""
        if not isinstance(error, Exception):
            return False
        self._crashed(self._run, error)
        return True


class Engine:
    """Runs everything that it owns.

    Args:
        store: where runs are recorded.
        launcher: where attempts run.
        objects: where artifacts lie.
        clock: wall time.
        ids: fresh identifiers.
        settings: limits.
        normalise: names the parts of an executor that the cache compares.
        name: this engine, for people.
    """

    def __init__(
        self,
        *,
        store: RunStore,
        launcher: Launcher,
        objects: ObjectStore,
        clock: Clock,
        ids: IdSource,
        settings: EngineSettings,
        normalise: Normalise,
        name: str = "wherry",
    ) -> None:
        self._store = store
        self._launcher = launcher
        self._objects = objects
        self._clock = clock
        self._ids = ids
        self._settings = settings
        self._normalise = normalise
        self._name = name
        self._failpoints = Failpoints(settings.failpoint)
        self._followers = Followers()
        self._cache = CacheLookup(store, objects)
        self._hasher = Hasher(objects.digest, self._digest_known)
        self._runs: dict[RunId, OwnedRun] = {}
        self._touched: dict[RunId, OwnedRun] = {}
        """Runs that this turn changes: a turn costs nothing for the others."""
        self._attempts: dict[AttemptId, tuple[OwnedRun, LiveTask]] = {}
        self._ready = ReadyTasks()
        self._timer: asyncio.TimerHandle | None = None
        self._queue: deque[_Queued] = deque()
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._claim = False
        self._draining = False
        self._stopping = False
        self._owner: Owner | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    # -- what others call ---------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Take a fencing token, connect to the launcher, and pick up every run that nobody holds."""
        self._loop = asyncio.get_running_loop()
        self._owner = await self._store.open_owner(self._name)
        await self._launcher.start(token=self._owner.token)
        self._claim = True
        self._wake.set()
        self._tasks = [
            asyncio.create_task(self._guard(self._turns), name="wherry-engine"),
            asyncio.create_task(self._guard(self._listen), name="wherry-launcher-events"),
            asyncio.create_task(self._guard(self._renew), name="wherry-leases"),
        ]

    async def submit(self, new: NewRun) -> Run:
        """Record a run and take it up. Durable when this returns."""
        run = await self._store.create_run(new)
        self.look()
        return run

    def look(self) -> None:
        """There may be runs to claim."""
        self._claim = True
        self._wake.set()

    def follow(self, run_id: RunId) -> AsyncIterator[Notice]:
        """What happens to a run from now on, in the turn in which it is committed, until the run has ended.

        Yields nothing if it has ended already. Raises what killed the engine, if something did.
        """
        return self._followers.follow(run_id, self._store.get_run)

    async def request_cancel(self, run_id: RunId, *, by: str) -> None:
        """Ask for a run to be cancelled: durable when this returns. Its exit tasks still run.

        A run that has ended stays as it is.
        """
        await self._store.request(run_id, RunRequestKind.CANCEL, by=by, now=self._clock.now())
        self._put(_Requested(run_id))

    async def retry(self, run_id: RunId, *, by: str = "") -> Run:
        """Open the next generation of a run that ended: what succeeded is kept, the rest runs again.

        Raises:
            FailedPreconditionError: the run has not ended, or it succeeded.
        """
        snapshot = await self._store.snapshot(run_id)
        if snapshot.run.state is RuntimeState.SUCCEEDED:
            raise FailedPreconditionError(
                f"run '{run_id}' has succeeded: there is nothing to retry",
                hint="Run its pipeline again to have everything done anew.",
            )
        plan = plan_run(decode_package(snapshot.spec))
        kept = kept_rows(plan, snapshot.tasks, self._ids.task_id) if snapshot.run.state.is_final else ()
        run = await self._store.open_generation(
            run_id, seen=snapshot.run.generation, kept=kept, by=by or snapshot.run.created_by, now=self._clock.now()
        )
        self.look()
        return run

    async def drain(self) -> None:
        """Start no further attempts, and wait for those in flight; what they make is published."""
        self._draining = True
        self._wake.set()
        while self._attempts or self._queue:
            self._idle.clear()
            await self._idle.wait()

    async def stop(self) -> None:
        """Stop deciding. Attempts go on; the next start finds them."""
        self._stopping = True
        self._wake.set()
        self._hasher.stop()
        if self._tasks:
            await asyncio.wait(self._tasks[:1], timeout=_LAST_TURN)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._timer is not None:
            self._timer.cancel()
        await self._launcher.close()

    # -- queues -------------------------------------------------------------------------------------------------------

    def _put(self, item: _Queued) -> None:
        self._queue.append(item)
        self._wake.set()

    async def _listen(self) -> None:
        async for event in self._launcher.events():
            self._put(event)

    def _digest_known(self, artifact: ArtifactId, digest: str | None) -> None:
        """Called in the hasher's thread."""
        loop = self._loop
        if loop is not None and not loop.is_closed() and not self._stopping:
            with contextlib.suppress(RuntimeError):  # closed in between
                loop.call_soon_threadsafe(self._put, _DigestKnown(artifact, digest))

    async def _renew(self) -> None:
        """Extend leases, look for work that others have left, and forget runs that others have taken."""
        while True:
            await asyncio.sleep(self._settings.lease_seconds / 3)
            owned = list(self._runs)
            try:
                held = await self._store.renew(self._owned_by, owned) if owned else frozenset()
            except StoreUnavailableError as error:
                log.warning("engine.lease.unavailable", extra={"error": str(error)})
                continue
            for run_id in owned:
                if run_id not in held and run_id in self._runs and not self._runs[run_id].ended:
                    self._forget(self._runs[run_id])
            self.look()

    @property
    def _owned_by(self) -> Owner:
        assert self._owner is not None  # noqa: S101  set by `start`, before anything else runs
        return self._owner

    async def _guard(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            log.exception("engine.died")
            self._followers.fail(error)
            raise

    # -- turns --------------------------------------------------------------------------------------------------------

    async def _turns(self) -> None:
        while not self._stopping:
            await self._wake.wait()
            self._wake.clear()
            await self._turn()
            if not self._attempts and not self._queue:
                self._idle.set()

    async def _turn(self) -> None:
        turn = _Turn()
        now = self._clock.now()
        if self._claim:
            await self._claim_runs(turn, now)
        if self._queue:
            await self._take_queue(turn, now)
        await self._resolve(turn, now)
        await self._fill_slots(turn, now)
        committed = await self._commit(turn)
        if committed:
            self._failpoints.reach(AFTER_COMMIT)
        await self._act(turn)
        self._followers.tell(turn.progress)
        for change in committed:
            self._followers.tell(change.events)
        for run in list(self._touched.values()):
            if run.ended:
                self._forget(run)
            elif not run.due:
                self._touched.pop(run.id, None)
        await self._explain(turn)

    def _setting_aside(self, run: OwnedRun) -> _SettingAside:
        """Whatever goes wrong in a ``with`` of it is that run's crash, and nobody else's."""
        self._touched[run.id] = run
        return _SettingAside(self._crashed, run)

    def _crashed(self, run: OwnedRun, error: Exception) -> None:
        log.error("engine.run.crashed", extra={"run_id": run.id}, exc_info=error)
        self._forget(run)
        self._tasks.append(asyncio.ensure_future(self._count_crash(run.id, error)))

    async def _count_crash(self, run_id: RunId, error: Exception) -> None:
        now = self._clock.now()
        text = f"{type(error).__name__}: {error}"
        await patiently(lambda: self._store.count_crash(run_id, error=text, now=now))
        run = await self._store.get_run(run_id)
        if run.state.is_final:
            await self._stop_leftovers(run_id)
            self._followers.tell([one for one in await self._store.events(run_id) if one.at >= now])
        self.look()

    async def _stop_leftovers(self, run_id: RunId) -> None:
        """A quarantined run leaves no attempt running."""
        for attempt in await self._store.attempts(run_id):
            if not attempt.state.is_final:
                with contextlib.suppress(LauncherError):
                    await self._launcher.cancel(attempt.id)

    def _forget(self, run: OwnedRun) -> None:
        """Drop what is in memory of a run. Its rows say everything."""
        if self._runs.get(run.id) is not run:
            return
        del self._runs[run.id]
        self._touched.pop(run.id, None)
        self._ready.forget(run)
        for live in run.live.values():
            if live.attempt is not None:
                self._attempts.pop(live.attempt.id, None)
        self._cache.forget(run)

    # -- taking up runs -----------------------------------------------------------------------------------------------

    async def _claim_runs(self, turn: _Turn, now: Micros) -> None:
        self._claim = False
        snapshots = await patiently(lambda: self._store.claim_runs(self._owned_by, limit=MAX_CLAIMED))
        if len(snapshots) == MAX_CLAIMED:
            self.look()
        for snapshot in snapshots:
            await self._take_up(snapshot, turn, now)

    async def _take_up(self, snapshot: RunSnapshot, turn: _Turn, now: Micros) -> None:
        try:
            run = OwnedRun(
                snapshot,
                token=self._owned_by.token,
                ids=self._ids,
                uri=self._objects.uri,
                normalise=self._normalise,
                infrastructure_retries=self._settings.infrastructure_retries,
            )
        except Exception as error:
            log.exception("engine.run.unreadable", extra={"run_id": snapshot.run.id})
            self._tasks.append(asyncio.ensure_future(self._count_crash(snapshot.run.id, error)))
            return
        self._runs[run.id] = run
        with self._setting_aside(run):
            run.begin(now)
            for request in snapshot.requests:
                run.cancel(request.by, request.id, now)
            for live in run.adopted:
                await self._adopt(run, live, turn, now)
            run.adopted.clear()
            self._cache.digest_later(one for one in snapshot.artifacts if one.digest is None and one.size is not None)
            turn.hash += [one for one in snapshot.artifacts if one.digest is None and one.size is not None]

    async def _adopt(self, run: OwnedRun, live: LiveTask, turn: _Turn, now: Micros) -> None:
        """Find what became of a task that an earlier owner started."""
        attempt = live.attempt
        if attempt is None:
            self._later(run, live)
            return
        self._attempts[attempt.id] = (run, live)
        match await patiently(lambda: self._launcher.recover(attempt.id, attempt.handle)):
            case Recovery.FOUND:
                pass
            case Recovery.NEVER_LAUNCHED if live.stopping:
                ended = AttemptCancelled(attempt_id=attempt.id, started_at=None, ended_at=now)
                self._release(attempt.id)
                attempts.stopped(run, live, ended, now)
                return
            case Recovery.NEVER_LAUNCHED:
                turn.launches.append((run, live, attempts.request(run, live, attempt.id, attempt.number)))
            case Recovery.LOST:
                self._release(attempt.id)
                message = f"task '{live.plan.name}' was running and is gone: the host it ran under died"
                attempts.lost(run, live, FailureReason.LOST, message, now)
                self._after_failure(run, live)
                return
            case never:
                assert_never(never)
        if live.stopping and live not in run.stops:
            run.stops.append(live)

    # -- what is queued -----------------------------------------------------------------------------------------------

    async def _take_queue(self, turn: _Turn, now: Micros) -> None:
        taken = list(self._queue)
        self._queue.clear()
        succeeded: list[tuple[OwnedRun, LiveTask, AttemptSucceeded]] = []
        for item in taken:
            match item:
                case AttemptSucceeded():
                    found = self._ending(item.attempt_id, turn)
                    if found is not None:
                        succeeded.append((*found, item))
                case AttemptFailed() | AttemptCancelled() | _LaunchFailed():
                    found = self._ending(item.attempt_id, turn)
                    if found is not None:
                        self._take_end(*found, item, now)
                case AttemptWarning() | AttemptProgress():
                    self._take_notice(item, turn, now)
                case AttemptStarted():
                    if item.attempt_id in self._attempts:
                        self._attempts[item.attempt_id][1].handle = item.handle
                case _RetryDue():
                    self._ready.end_pauses(now)
                    self._set_timer()
                case _DigestKnown():
                    await self._take_digest(item)
                case _Requested():
                    await self._take_request(item.run, now)
        if succeeded:
            await self._publish(succeeded, turn, now)

    def _take_notice(self, item: AttemptWarning | AttemptProgress, turn: _Turn, now: Micros) -> None:
        """What the author should know is recorded; what is of interest while it lasts is passed on."""
        found = self._attempts.get(item.attempt_id)
        if found is None:
            return
        run, live = found
        self._touched[run.id] = run
        if isinstance(item, AttemptWarning):
            run.changes.event(RunEventKind.WARNING, now, live.key, {"message": item.message})
        else:
            turn.progress.append(TaskProgress(run_id=run.id, task=live.key, message=item.message))

    def _ending(self, attempt_id: AttemptId, turn: _Turn) -> tuple[OwnedRun, LiveTask] | None:
        """The task of an attempt that has ended. An old result is acknowledged once more, and is nobody's."""
        found = self._attempts.pop(attempt_id, None)
        if found is not None or any(attempt_id in run.over for run in self._runs.values()):
            turn.acknowledge.append(attempt_id)
        return found

    def _take_end(
        self, run: OwnedRun, live: LiveTask, item: AttemptFailed | AttemptCancelled | _LaunchFailed, now: Micros
    ) -> None:
        with self._setting_aside(run):
            match item:
                case AttemptFailed():
                    attempts.fail(run, live, item, now)
                case AttemptCancelled():
                    attempts.stopped(run, live, item, now)
                case _LaunchFailed():
                    attempts.lost(run, live, FailureReason.LAUNCH, item.message, now)
            self._after_failure(run, live)

    def _after_failure(self, run: OwnedRun, live: LiveTask) -> None:
        if live.phase is Phase.BACKOFF and live.key in run.live:
            self._later(run, live)

    async def _take_digest(self, item: _DigestKnown) -> None:
        if item.digest is not None:
            digest = item.digest
            await patiently(lambda: self._store.set_digest(item.artifact, digest))
            for run in self._runs.values():
                known = run.artifacts.get(item.artifact)
                if known is not None:
                    run.artifacts[item.artifact] = msgspec.structs.replace(known, digest=digest)
        self._cache.digest_done(item.artifact)

    async def _take_request(self, run_id: RunId, now: Micros) -> None:
        run = self._runs.get(run_id)
        if run is None or run.ended:
            return  # whoever claims it finds the request among its rows
        asked = (await patiently(lambda: self._store.pending_requests([run_id]))).get(run_id)
        if asked is not None:
            with self._setting_aside(run):
                run.cancel(asked[2], asked[0], now)

    # -- publishing ---------------------------------------------------------------------------------------------------

    async def _publish(
        self, succeeded: Sequence[tuple[OwnedRun, LiveTask, AttemptSucceeded]], turn: _Turn, now: Micros
    ) -> None:
        """Check and seal what attempts made, and record it."""
        reports: list[Report | OutputError] = []
        for run, live, ended in succeeded:
            planned = requests.planned_artifacts(live.plan, run.uris(live, ended.attempt_id))
            try:
                reports.append(read_report(live.plan, ended.executor_output, planned))
            except OutputError as error:
                reports.append(error)
        uris = [one.uri for report in reports if isinstance(report, Report) for one in report.artifacts]
        contents = await _in_thread(self._seal, uris) if uris else {}
        for (run, live, ended), report in zip(succeeded, reports, strict=True):
            if self._runs.get(run.id) is not run:
                continue  # it crashed in this turn
            with self._setting_aside(run):
                if isinstance(report, OutputError):
                    attempts.bad_output(run, live, ended, report, now)
                    self._after_failure(run, live)
                    continue
                broken = [
                    one for one in map(contents.get, (one.uri for one in report.artifacts)) if isinstance(one, str)
                ]
                if broken:
                    attempts.unpublished(run, live, ended, broken[0], now)
                    self._after_failure(run, live)
                    continue
                found = {uri: one for uri, one in contents.items() if not isinstance(one, str)}
                made = attempts.succeed(run, live, ended, report, found, now)
                there = [one for one in made if one.size is not None]
                self._cache.digest_later(there)
                turn.hash += there

    def _seal(self, uris: Sequence[str]) -> Mapping[str, StoredContent | str | None]:
        """Seal what lies at each URI. A text says why one could not be."""
        sealed: dict[str, StoredContent | str | None] = {}
        for uri in uris:
            try:
                sealed[uri] = self._objects.seal(uri)
            except ObjectStoreError as error:
                sealed[uri] = error.message
        return sealed

    # -- resolving and looking up -------------------------------------------------------------------------------------

    async def _resolve(self, turn: _Turn, now: Micros) -> None:
        """Resolve what is due, and look it up, until nothing more is due: a chain of hits is one turn."""
        budget = MAX_RESOLVED
        while budget > 0:
            wanted: list[tuple[OwnedRun, LiveTask]] = self._cache.take_answerable()
            for run in list(self._touched.values()):
                with self._setting_aside(run):
                    while run.due and budget > 0:
                        budget -= 1
                        live = run.resolve(run.due.popleft(), now)
                        if live is not None:
                            wanted.append((run, live))
            if not wanted:
                return
            await self._look_up(wanted, turn, now)
        self._wake.set()  # go on in the next turn

    async def _look_up(self, wanted: Sequence[tuple[OwnedRun, LiveTask]], turn: _Turn, now: Micros) -> None:
        asking = [(run, live) for run, live in wanted if live.fingerprint is not None and run.may_reuse]
        hits = await self._cache.look_up(asking) if asking else {}
        importers: list[tuple[OwnedRun, LiveTask]] = []
        for run, live in wanted:
            if live.key not in run.live or self._runs.get(run.id) is not run:
                continue  # stopped, or crashed
            hit = hits.get(id(live))
            with self._setting_aside(run):
                if hit is not None:
                    attempts.reuse(run, live, hit.entry, hit.artifacts, now)
                elif self._cache.is_waiting(live):
                    continue
                elif isinstance(live.plan.work, ImporterWork):
                    importers.append((run, live))
                else:
                    if live.fingerprint is not None and not run.may_reuse:
                        live.note = "the run was started without reuse"
                    elif live.fingerprint is not None and not live.note:
                        turn.explain.append((run, live))
                    self._ready.add(run, live)
        if importers:
            await self._import(importers, now)

    async def _import(self, importers: Sequence[tuple[OwnedRun, LiveTask]], now: Micros) -> None:
        for run, live in importers:
            with self._setting_aside(run):
                try:
                    named = requests.imported_artifact(live.plan, live.inputs, run.facts(live.place))
                except driver.InputError as error:
                    run.end_live(live, _input_failure(error), now)
                    continue
                contents = await _in_thread(self._look_at, [named.uri])
                attempts.import_artifact(run, live, named, contents[named.uri], now)

    def _look_at(self, uris: Sequence[str]) -> Mapping[str, StoredContent | None]:
        """What lies at each URI; None also where no look is possible: an importer may name anything."""
        found: dict[str, StoredContent | None] = {}
        for uri in uris:
            found[uri] = None
            with contextlib.suppress(ObjectStoreError, ValueError, OSError):
                found[uri] = self._objects.stat(uri)
        return found

    async def _explain(self, turn: _Turn) -> None:
        """Say why tasks that have just been started were not reused; while they run, it costs nobody time."""
        for run, live in turn.explain:
            if self._runs.get(run.id) is run:
                await self._cache.explain(run, live)

    # -- starting attempts --------------------------------------------------------------------------------------------

    def _later(self, run: OwnedRun, live: LiveTask) -> None:
        """Start the task's next attempt when it is due."""
        self._ready.pause(run, live, live.retry_at if live.retry_at is not None else self._clock.now())
        self._set_timer()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = self._ready.next_due
        if due is not None and self._loop is not None:
            wait = max(0.0, (due - self._clock.now()) / 1_000_000)
            self._timer = self._loop.call_later(wait, self._put, _RetryDue())

    async def _fill_slots(self, turn: _Turn, now: Micros) -> None:
        """Start what is ready while there are slots, one task of each run in turn."""
        free = self._settings.max_parallel_tasks - len(self._attempts)
        if free <= 0 or self._draining:
            return
        chosen = self._ready.take(free)
        if not chosen:
            return
        uris = {
            run.artifacts[one].uri
            for run, live in chosen
            for port in live.inputs.artifacts.values()
            for one in port.artifact_ids
            if run.artifacts[one].size is not None
        }
        contents = await _in_thread(self._look_at, list(uris)) if uris else {}
        for run, live in chosen:
            if self._runs.get(run.id) is not run or live.key not in run.live:
                continue
            with self._setting_aside(run):
                self._start(run, live, contents, turn, now)

    def _start(
        self,
        run: OwnedRun,
        live: LiveTask,
        contents: Mapping[str, StoredContent | None],
        turn: _Turn,
        now: Micros,
    ) -> None:
        changed = modified_input(run, live, contents)
        if changed is not None:
            run.end_live(live, changed, now)
            return
        request = attempts.start(run, live, now)
        if request is not None:
            self._attempts[request.attempt_id] = (run, live)
            turn.launches.append((run, live, request))

    def _release(self, attempt_id: AttemptId) -> None:
        self._attempts.pop(attempt_id, None)

    # -- committing and acting ----------------------------------------------------------------------------------------

    async def _commit(self, turn: _Turn) -> list[RunChanges]:
        """Write the turn. A run whose changes are refused is forgotten; the others' are written."""
        if any(run.due for run in self._touched.values()):
            self._wake.set()
        for run in self._touched.values():
            for live in run.stops:
                if live.attempt is not None:
                    turn.stop.append(live.attempt.id)
            run.stops.clear()
        taken = [(run, change) for run in self._touched.values() if (change := run.changes.take()) is not None]
        changes = [change for _, change in taken]
        if not changes:
            return []
        try:
            versions = await patiently(lambda: self._store.commit(changes))
        except (StaleOwnerError, WherryBugError) as error:
            if len(taken) == 1:
                self._refused(taken[0][0], error)
                return []
        else:
            return [with_versions(change, versions) for change in changes] if versions else changes
        written = []
        for run, change in taken:
            try:
                versions = await patiently(functools.partial(self._store.commit, [change]))
                written.append(with_versions(change, versions))
            except (StaleOwnerError, WherryBugError) as error:
                self._refused(run, error)
        return written

    def _refused(self, run: OwnedRun, error: StaleOwnerError | WherryBugError) -> None:
        if isinstance(error, StaleOwnerError):
            log.warning("engine.run.taken", extra={"run_id": run.id, "error": str(error)})
            self._forget(run)
        else:
            self._crashed(run, error)

    async def _act(self, turn: _Turn) -> None:
        for attempt_id in turn.acknowledge:
            with contextlib.suppress(LauncherError):  # then it is told once more, and acknowledged once more
                await self._launcher.acknowledge(attempt_id)
        for run, live, request in turn.launches:
            if self._runs.get(run.id) is not run or live.attempt is None:
                continue  # not committed
            self._failpoints.reach(BEFORE_LAUNCH)
            try:
                await self._launcher.launch(request)
            except LauncherError as error:
                self._put(_LaunchFailed(request.attempt_id, error.message))
        for attempt_id in turn.stop:
            if attempt_id in self._attempts:
                with contextlib.suppress(LauncherError):
                    await self._launcher.cancel(attempt_id)
        for artifact in turn.hash:
            self._hasher.add(artifact.id, artifact.uri)


def _input_failure(error: driver.InputError) -> Failure:
    return Failure(fault=Fault.USER, reason=FailureReason.INPUTS, message=error.message, hint=error.hint)


async def _in_thread(function: Callable[[Sequence[str]], _T], uris: Sequence[str]) -> _T:
    return await asyncio.to_thread(function, uris)
