"""The task host's loop: files that became readable, moments that came, and one flush of everything at the end of a turn."""

from __future__ import annotations

import heapq
import itertools
import selectors
import time
from collections.abc import Callable
from typing import Protocol


class Watched(Protocol):
    """Anything with a descriptor."""

    def fileno(self) -> int: ...  # noqa: D102  as of files


class Poller:
    """Calls back, in one thread. A callback never blocks."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._last: dict[Callable[[], None], None] = {}
        self.running = True

    def watch(self, file: Watched, call: Callable[[], None], *, write: Callable[[], None] | None = None) -> None:
        """Call ``call`` when ``file`` is readable, ``write`` when it is writable. Again: changes what is watched for."""
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if write else 0)
        if file.fileno() in self._selector.get_map():
            self._selector.modify(file, events, (call, write))
        else:
            self._selector.register(file, events, (call, write))

    def forget(self, file: Watched) -> None:
        """Watch no longer. Before the file is closed."""
        self._selector.unregister(file)

    def after(self, seconds: float, call: Callable[[], None]) -> None:
        """Call once, so much later. It cannot be withdrawn: the callee looks whether it still matters."""
        heapq.heappush(self._timers, (time.monotonic() + seconds, next(self._order), call))

    def at_end_of_turn(self, call: Callable[[], None]) -> None:
        """Call once, when everything that is ready has been handled."""
        self._last[call] = None

    def run(self) -> None:
        """Until ``running`` is false."""
        while self.running:
            for key, events in self._selector.select(self._patience()):
                call, write = key.data
                # An earlier callback of this turn may have closed the file.
                if events & selectors.EVENT_READ and self._selector.get_map().get(key.fd) is key:
                    call()
                if events & selectors.EVENT_WRITE and write and self._selector.get_map().get(key.fd) is key:
                    write()
            while self._timers and self._timers[0][0] <= time.monotonic():
                heapq.heappop(self._timers)[2]()
            while self._last:
                calls, self._last = self._last, {}
                for last in calls:
                    last()

    def _patience(self) -> float | None:
        return max(0.0, self._timers[0][0] - time.monotonic()) if self._timers else None
