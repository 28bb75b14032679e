"""Takes up runs that nobody holds, new ones and those that an earlier owner left in the middle."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final, assert_never

from wherry.engine import attempts
from wherry.engine.cache import CacheLookup
from wherry.engine.holdings import Holdings
from wherry.engine.live_task import LiveTask
from wherry.engine.owned_run import OwnedRun
from wherry.engine.patience import patiently
from wherry.engine.starting import Starting
from wherry.engine.turn import Turn
from wherry.model.identity import Micros, RunId
from wherry.model.outcomes import FailureReason
from wherry.model.runs import RunSnapshot
from wherry.ports import AttemptCancelled, Launcher, Owner, Recovery, RunStore

log = logging.getLogger(__name__)

MAX_CLAIMED: Final = 100
"""Runs that one turn claims at most."""


class Claiming:
    """Runs from their rows into the hands of this engine.

    Args:
        store: where runs are recorded.
        launcher: asked what became of attempts.
        holdings: of the engine.
        cache: is told whose digests are missing.
        starting: is told of tasks that wait for their next attempt.
        own: makes an `OwnedRun` of a run's rows, under a fencing token.
        on_unreadable: told of a run whose rows this version cannot take up.
    """

    def __init__(
        self,
        *,
        store: RunStore,
        launcher: Launcher,
        holdings: Holdings,
        cache: CacheLookup,
        starting: Starting,
        own: Callable[[RunSnapshot, int], OwnedRun],
        on_unreadable: Callable[[RunId, Exception], None],
    ) -> None:
        self._store = store
        self._launcher = launcher
        self._holdings = holdings
        self._cache = cache
        self._starting = starting
        self._own = own
        self._on_unreadable = on_unreadable

    async def claim(self, owner: Owner, turn: Turn, now: Micros) -> bool:
        """Take up what nobody holds. Returns whether there may be more."""
        snapshots = await patiently(lambda: self._store.claim_runs(owner, limit=MAX_CLAIMED))
        for snapshot in snapshots:
            await self._take_up(snapshot, owner, turn, now)
        return len(snapshots) == MAX_CLAIMED

    async def _take_up(self, snapshot: RunSnapshot, owner: Owner, turn: Turn, now: Micros) -> None:
        try:
            run = self._own(snapshot, owner.token)
        except Exception as error:
            log.exception("engine.run.unreadable", extra={"run_id": snapshot.run.id})
            self._on_unreadable(snapshot.run.id, error)
            return
        self._holdings.runs[run.id] = run
        with self._holdings.setting_aside(run):
            run.begin(now)
            for request in snapshot.requests:
                run.cancel(request.by, request.id, now)
            for live in run.adopted:
                await self._adopt(run, live, turn, now)
            run.adopted.clear()
            undigested = [one for one in snapshot.artifacts if one.digest is None and one.size is not None]
            self._cache.digest_later(undigested)
            turn.hash += undigested

    async def _adopt(self, run: OwnedRun, live: LiveTask, turn: Turn, now: Micros) -> None:
        """Find what became of a task that an earlier owner started."""
        attempt = live.attempt
        if attempt is None:
            self._starting.later(run, live)
            return
        self._holdings.attempts[attempt.id] = (run, live)
        match await patiently(lambda: self._launcher.recover(attempt.id, attempt.handle)):
            case Recovery.FOUND:
                pass
            case Recovery.NEVER_LAUNCHED if live.stopping:
                ended = AttemptCancelled(attempt_id=attempt.id, started_at=None, ended_at=now)
                del self._holdings.attempts[attempt.id]
                attempts.stopped(run, live, ended, now)
                return
            case Recovery.NEVER_LAUNCHED:
                turn.launches.append((run, live, attempts.request(run, live, attempt.id, attempt.number)))
            case Recovery.LOST:
                del self._holdings.attempts[attempt.id]
                message = f"task '{live.plan.name}' was running and is gone: the host it ran under died"
                attempts.lost(run, live, FailureReason.LOST, message, now)
                self._starting.after_failure(run, live)
                return
            case never:
                assert_never(never)
        if live.stopping and live not in run.stops:
            run.stops.append(live)
