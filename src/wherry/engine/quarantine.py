"""Counts the crashes of runs: one that crashes the engine again and again is set aside, and others go on."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

from wherry.engine.followers import Followers
from wherry.engine.patience import patiently
from wherry.errors import LauncherError
from wherry.model.identity import RunId
from wherry.ports import Clock, Launcher, RunStore

log = logging.getLogger(__name__)


class Quarantine:
    """What happens to a run whose handling raised.

    Args:
        store: where crashes are counted, and a run that had too many is failed.
        launcher: stops what such a run has left running.
        followers: told of its end.
        clock: wall time.
        look: called when the run may be claimed once more.
    """

    def __init__(
        self, *, store: RunStore, launcher: Launcher, followers: Followers, clock: Clock, look: Callable[[], None]
    ) -> None:
        self._store = store
        self._launcher = launcher
        self._followers = followers
        self._clock = clock
        self._look = look
        self._counting: set[asyncio.Task[None]] = set()

    def crashed(self, run_id: RunId, error: Exception) -> None:
        """A run's handling raised: count it, soon."""
        log.error("engine.run.crashed", extra={"run_id": run_id}, exc_info=error)
        counting = asyncio.ensure_future(self._count(run_id, error))
        self._counting.add(counting)
        counting.add_done_callback(self._counting.discard)

    async def stop(self) -> None:
        """Count no further. Whoever claims the runs next will see them crash."""
        for counting in self._counting:
            counting.cancel()
        await asyncio.gather(*self._counting, return_exceptions=True)

    async def _count(self, run_id: RunId, error: Exception) -> None:
        now = self._clock.now()
        text = f"{type(error).__name__}: {error}"
        await patiently(lambda: self._store.count_crash(run_id, error=text, now=now))
        run = await self._store.get_run(run_id)
        if run.state.is_final:
            await self._stop_leftovers(run_id)
            self._followers.tell([one for one in await self._store.events(run_id) if one.at >= now])
        self._look()

    async def _stop_leftovers(self, run_id: RunId) -> None:
        """A quarantined run leaves no attempt running."""
        for attempt in await self._store.attempts(run_id):
            if not attempt.state.is_final:
                with contextlib.suppress(LauncherError):
                    await self._launcher.cancel(attempt.id)
