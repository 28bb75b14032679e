"""Starts attempts: fills free slots with what is ready, and minds the pauses between the attempts of a task."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from wherry.engine import attempts
from wherry.engine.contents import Contents
from wherry.engine.handover import modified_input
from wherry.engine.holdings import Holdings
from wherry.engine.live_task import LiveTask, Phase
from wherry.engine.owned_run import OwnedRun
from wherry.engine.turn import RetryDue, Turn
from wherry.model.identity import Micros
from wherry.ports import Clock, StoredContent


class Starting:
    """Decides which attempts this turn launches.

    Args:
        holdings: of the engine.
        contents: what lies in the object store.
        clock: wall time.
        slots: attempts in flight at once, over all runs.
        put: puts something into the engine's queue.
    """

    def __init__(
        self, *, holdings: Holdings, contents: Contents, clock: Clock, slots: int, put: Callable[[RetryDue], None]
    ) -> None:
        self._holdings = holdings
        self._contents = contents
        self._clock = clock
        self._slots = slots
        self._put = put
        self._timer: asyncio.TimerHandle | None = None

    async def fill_slots(self, turn: Turn, now: Micros) -> None:
        """Start what is ready while there are slots, one task of each run in turn."""
        free = self._slots - len(self._holdings.attempts)
        chosen = self._holdings.ready.take(free) if free > 0 else []
        if not chosen:
            return
        uris = {
            run.artifacts[one].uri
            for run, live in chosen
            for port in live.inputs.artifacts.values()
            for one in port.artifact_ids
            if run.artifacts[one].size is not None
        }
        contents = await self._contents.look_at(list(uris))
        for run, live in chosen:
            if self._holdings.has(run) and live.key in run.live:
                with self._holdings.setting_aside(run):
                    self._start(run, live, contents, turn, now)

    def _start(
        self, run: OwnedRun, live: LiveTask, contents: Mapping[str, StoredContent | None], turn: Turn, now: Micros
    ) -> None:
        changed = modified_input(run, live, contents)
        if changed is not None:
            run.end_live(live, changed, now)
            return
        request = attempts.start(run, live, now)
        if request is not None:
            self._holdings.attempts[request.attempt_id] = (run, live)
            turn.launches.append((run, live, request))

    # -- pauses -------------------------------------------------------------------------------------------------------

    def after_failure(self, run: OwnedRun, live: LiveTask) -> None:
        """An attempt did not succeed: if the task has another, it starts when its pause is over."""
        if live.phase is Phase.BACKOFF and live.key in run.live:
            self.later(run, live)

    def later(self, run: OwnedRun, live: LiveTask) -> None:
        """Start the task's next attempt when it is due."""
        until = live.retry_at if live.retry_at is not None else self._clock.now()
        self._holdings.ready.pause(run, live, until)
        self._set_timer()

    def end_pauses(self, now: Micros) -> None:
        """Tasks whose pause is over become ready."""
        self._holdings.ready.end_pauses(now)
        self._set_timer()

    def stop(self) -> None:
        """Wait for no pause any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _set_timer(self) -> None:
        self.stop()
        due = self._holdings.ready.next_due
        if due is not None:
            wait = max(0.0, (due - self._clock.now()) / 1_000_000)
            self._timer = asyncio.get_running_loop().call_later(wait, self._put, RetryDue())
