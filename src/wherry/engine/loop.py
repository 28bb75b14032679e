"""The loop: takes what happened, lets the runs decide, commits once, and only then acts.

One turn: everything that is queued is applied; tasks that are due are resolved and looked up in the cache, chains of
hits within the same turn; free slots are filled; the changes of all runs are committed in ONE transaction; then
results are acknowledged and attempts launched. Whatever the process dies between is repaired from the rows.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

import msgspec

from wherry.engine import attempts
from wherry.engine.cache import CacheLookup
from wherry.engine.claiming import Claiming
from wherry.engine.committing import Committing
from wherry.engine.contents import Contents
from wherry.engine.failpoints import AFTER_COMMIT, BEFORE_LAUNCH, Failpoints
from wherry.engine.fingerprint import Normalise
from wherry.engine.followers import Followers, Notice, TaskProgress
from wherry.engine.generations import kept_rows
from wherry.engine.hasher import Hasher
from wherry.engine.holdings import Holdings
from wherry.engine.live_task import LiveTask
from wherry.engine.owned_run import OwnedRun
from wherry.engine.patience import patiently
from wherry.engine.planning import plan_run
from wherry.engine.publishing import Publishing, Success
from wherry.engine.quarantine import Quarantine
from wherry.engine.resolving import Resolving
from wherry.engine.starting import Starting
from wherry.engine.turn import DigestKnown, LaunchFailed, Queued, Requested, RetryDue, Turn
from wherry.errors import LauncherError, NotRetriableError, StoreUnavailableError
from wherry.ir.digest import decode_package
from wherry.model.identity import ArtifactId, AttemptId, Micros, RunId
from wherry.model.outcomes import FailureReason
from wherry.model.runs import Run, RunEventKind, RunRequestKind, RunSnapshot
from wherry.model.states import RuntimeState
from wherry.ports import (
    AttemptCancelled,
    AttemptFailed,
    AttemptProgress,
    AttemptStarted,
    AttemptSucceeded,
    AttemptWarning,
    Clock,
    IdSource,
    Launcher,
    NewRun,
    ObjectStore,
    Owner,
    RunStore,
)
from wherry.settings import EngineSettings

__all__ = ["Engine", "Notice", "TaskProgress"]

log = logging.getLogger(__name__)

_LAST_TURN: Final = 10.0
"""Seconds that `Engine.stop` gives the turn at hand. After that it is cut off, as by a crash."""


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
        contents = Contents(objects)
        self._cache = CacheLookup(store, contents)
        self._hasher = Hasher(objects.digest, self._digest_known)
        self._quarantine = Quarantine(
            store=store, launcher=launcher, followers=self._followers, clock=clock, look=self.look
        )
        self._holdings = Holdings(on_crash=self._quarantine.crashed, on_forget=self._cache.forget)
        self._committing = Committing(store=store, holdings=self._holdings)
        self._starting = Starting(
            holdings=self._holdings,
            contents=contents,
            clock=clock,
            slots=settings.max_parallel_tasks,
            put=self._put,
        )
        self._claiming = Claiming(
            store=store,
            launcher=launcher,
            holdings=self._holdings,
            cache=self._cache,
            starting=self._starting,
            own=self._own,
            on_unreadable=self._quarantine.crashed,
        )
        self._publishing = Publishing(
            holdings=self._holdings, contents=contents, cache=self._cache, starting=self._starting
        )
        self._resolving = Resolving(holdings=self._holdings, contents=contents, cache=self._cache)
        self._queue: deque[Queued] = deque()
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
        self._put(Requested(run_id))

    async def retry(self, run_id: RunId, *, by: str = "") -> Run:
        """Open the next generation of a run that ended: what succeeded is kept, the rest runs again.

        Raises:
            NotRetriableError: the run has not ended, or it succeeded.
        """
        snapshot = await self._store.snapshot(run_id)
        if snapshot.run.state is RuntimeState.SUCCEEDED:
            raise NotRetriableError(
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
        while self._holdings.attempts or self._queue:
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
        await self._quarantine.stop()
        self._starting.stop()
        await self._launcher.close()

    # -- queues -------------------------------------------------------------------------------------------------------

    def _put(self, item: Queued) -> None:
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
                loop.call_soon_threadsafe(self._put, DigestKnown(artifact, digest))

    async def _renew(self) -> None:
        """Extend leases, look for work that others have left, and forget runs that others have taken."""
        while True:
            await asyncio.sleep(self._settings.lease_seconds / 3)
            owned = list(self._holdings.runs)
            try:
                held = await self._store.renew(self._owned_by, owned) if owned else frozenset()
            except StoreUnavailableError as error:
                log.warning("engine.lease.unavailable", extra={"error": str(error)})
                continue
            for run_id in owned:
                if run_id not in held and run_id in self._holdings.runs and not self._holdings.runs[run_id].ended:
                    self._holdings.forget(self._holdings.runs[run_id])
            self.look()

    def _own(self, snapshot: RunSnapshot, token: int) -> OwnedRun:
        return OwnedRun(
            snapshot,
            token=token,
            ids=self._ids,
            uri=self._objects.uri,
            normalise=self._normalise,
            infrastructure_retries=self._settings.infrastructure_retries,
        )

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
            if not self._holdings.attempts and not self._queue:
                self._idle.set()

    async def _turn(self) -> None:
        turn = Turn()
        now = self._clock.now()
        if self._claim:
            self._claim = False
            if await self._claiming.claim(self._owned_by, turn, now):
                self.look()
        if self._queue:
            await self._take_queue(turn, now)
        if await self._resolving.resolve(turn, now):
            self._wake.set()  # go on in the next turn
        if not self._draining:
            await self._starting.fill_slots(turn, now)
        self._take_stops(turn)
        committed = await self._committing.commit()
        if committed:
            self._failpoints.reach(AFTER_COMMIT)
        await self._act(turn)
        self._followers.tell(turn.progress)
        for change in committed:
            self._followers.tell(change.events)
        for run in list(self._holdings.touched.values()):
            if run.ended:
                self._holdings.forget(run)
            elif not run.due:
                self._holdings.touched.pop(run.id, None)
        await self._explain(turn)

    # -- what is queued -----------------------------------------------------------------------------------------------

    async def _take_queue(self, turn: Turn, now: Micros) -> None:
        taken = list(self._queue)
        self._queue.clear()
        succeeded: list[Success] = []
        for item in taken:
            match item:
                case AttemptSucceeded():
                    found = self._ending(item.attempt_id, turn)
                    if found is not None:
                        succeeded.append((*found, item))
                case AttemptFailed() | AttemptCancelled() | LaunchFailed():
                    found = self._ending(item.attempt_id, turn)
                    if found is not None:
                        self._take_end(*found, item, now)
                case AttemptWarning() | AttemptProgress():
                    self._take_notice(item, turn, now)
                case AttemptStarted():
                    if item.attempt_id in self._holdings.attempts:
                        self._holdings.attempts[item.attempt_id][1].handle = item.handle
                case RetryDue():
                    self._starting.end_pauses(now)
                case DigestKnown():
                    await self._take_digest(item)
                case Requested():
                    await self._take_request(item.run, now)
        if succeeded:
            await self._publishing.publish(succeeded, turn, now)

    def _take_notice(self, item: AttemptWarning | AttemptProgress, turn: Turn, now: Micros) -> None:
        """What the author should know is recorded; what is of interest while it lasts is passed on."""
        found = self._holdings.attempts.get(item.attempt_id)
        if found is None:
            return
        run, live = found
        self._holdings.touched[run.id] = run
        if isinstance(item, AttemptWarning):
            run.changes.event(RunEventKind.WARNING, now, live.key, {"message": item.message})
        else:
            turn.progress.append(TaskProgress(run_id=run.id, task=live.key, message=item.message))

    def _ending(self, attempt_id: AttemptId, turn: Turn) -> tuple[OwnedRun, LiveTask] | None:
        """The task of an attempt that has ended. An old result is acknowledged once more, and is nobody's."""
        found = self._holdings.attempts.pop(attempt_id, None)
        if found is not None or any(attempt_id in run.over for run in self._holdings.runs.values()):
            turn.acknowledge.append(attempt_id)
        return found

    def _take_end(
        self, run: OwnedRun, live: LiveTask, item: AttemptFailed | AttemptCancelled | LaunchFailed, now: Micros
    ) -> None:
        with self._holdings.setting_aside(run):
            match item:
                case AttemptFailed():
                    attempts.fail(run, live, item, now)
                case AttemptCancelled():
                    attempts.stopped(run, live, item, now)
                case LaunchFailed():
                    attempts.lost(run, live, FailureReason.LAUNCH, item.message, now)
            self._starting.after_failure(run, live)

    async def _take_digest(self, item: DigestKnown) -> None:
        if item.digest is not None:
            digest = item.digest
            await patiently(lambda: self._store.set_digest(item.artifact, digest))
            for run in self._holdings.runs.values():
                known = run.artifacts.get(item.artifact)
                if known is not None:
                    run.artifacts[item.artifact] = msgspec.structs.replace(known, digest=digest)
        self._cache.digest_done(item.artifact)

    async def _take_request(self, run_id: RunId, now: Micros) -> None:
        run = self._holdings.runs.get(run_id)
        if run is None or run.ended:
            return  # whoever claims it finds the request among its rows
        asked = (await patiently(lambda: self._store.pending_requests([run_id]))).get(run_id)
        if asked is not None:
            with self._holdings.setting_aside(run):
                run.cancel(asked[2], asked[0], now)

    async def _explain(self, turn: Turn) -> None:
        """Say why tasks that have just been started were not reused; while they run, it costs nobody time."""
        for run, live in turn.explain:
            if self._holdings.has(run):
                await self._cache.explain(run, live)

    # -- committing and acting ----------------------------------------------------------------------------------------

    def _take_stops(self, turn: Turn) -> None:
        """Attempts that the runs of this turn no longer want."""
        for run in self._holdings.touched.values():
            if run.due:
                self._wake.set()
            turn.stop += [live.attempt.id for live in run.stops if live.attempt is not None]
            run.stops.clear()

    async def _act(self, turn: Turn) -> None:
        for attempt_id in turn.acknowledge:
            with contextlib.suppress(LauncherError):  # then it is told once more, and acknowledged once more
                await self._launcher.acknowledge(attempt_id)
        for run, live, request in turn.launches:
            if not self._holdings.has(run) or live.attempt is None:
                continue  # not committed
            self._failpoints.reach(BEFORE_LAUNCH)
            try:
                await self._launcher.launch(request)
            except LauncherError as error:
                self._put(LaunchFailed(request.attempt_id, error.message))
        for attempt_id in turn.stop:
            if attempt_id in self._holdings.attempts:
                with contextlib.suppress(LauncherError):
                    await self._launcher.cancel(attempt_id)
        for artifact in turn.hash:
            self._hasher.add(artifact.id, artifact.uri)
