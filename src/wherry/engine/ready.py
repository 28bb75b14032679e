"""Tasks that wait for a slot or for the time of their next attempt, over all runs. No I/O, and no clock of its own."""

from __future__ import annotations

import heapq
import itertools
from collections import deque

from wherry.engine.live_task import LiveTask, Phase
from wherry.engine.owned_run import OwnedRun
from wherry.model.identity import Micros, RunId


class ReadyTasks:
    """A queue per run, and a heap of pauses. Tasks that were stopped since are passed over."""

    def __init__(self) -> None:
        self._queues: dict[RunId, tuple[OwnedRun, deque[LiveTask]]] = {}
        self._pauses: list[tuple[Micros, int, OwnedRun, LiveTask]] = []
        self._order = itertools.count()

    def add(self, run: OwnedRun, live: LiveTask) -> None:
        """A task may start as soon as there is a slot."""
        live.phase = Phase.READY
        self._queues.setdefault(run.id, (run, deque()))[1].append(live)

    def pause(self, run: OwnedRun, live: LiveTask, until: Micros) -> None:
        """A task may start again at a time."""
        heapq.heappush(self._pauses, (until, next(self._order), run, live))

    @property
    def next_due(self) -> Micros | None:
        """When the next pause is over; None if there is none."""
        return self._pauses[0][0] if self._pauses else None

    def end_pauses(self, now: Micros) -> None:
        """Tasks whose pause is over become ready."""
        while self._pauses and self._pauses[0][0] <= now:
            _, _, run, live = heapq.heappop(self._pauses)
            if live.phase is Phase.BACKOFF and run.live.get(live.key) is live:
                self.add(run, live)

    def take(self, slots: int) -> list[tuple[OwnedRun, LiveTask]]:
        """The next tasks to start, at most ``slots``: one of each run in turn."""
        chosen: list[tuple[OwnedRun, LiveTask]] = []
        while self._queues and len(chosen) < slots:
            for run_id, (run, queue) in list(self._queues.items()):
                live = _next(run, queue)
                if live is not None:
                    chosen.append((run, live))
                # Taken out and put back behind the others, so that turns are taken over many calls too.
                del self._queues[run_id]
                if queue:
                    self._queues[run_id] = (run, queue)
                if len(chosen) == slots:
                    break
        return chosen

    def forget(self, run: OwnedRun) -> None:
        """A run is over, or somebody else's."""
        known = self._queues.get(run.id)
        if known is not None and known[0] is run:
            del self._queues[run.id]
        self._pauses = [one for one in self._pauses if one[2] is not run]
        heapq.heapify(self._pauses)


def _next(run: OwnedRun, queue: deque[LiveTask]) -> LiveTask | None:
    while queue:
        live = queue.popleft()
        if run.live.get(live.key) is live and not live.stopping:
            return live
    return None
