"""An event loop whose time passes only where nothing else is to be done: an hour's pause takes no time."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from wherry.model.identity import Micros
from wherry.testing.records import SOON

_T = TypeVar("_T")

_FOR_THREADS: Final = 0.002
"""Seconds of real time in which a thread's answer may come before virtual time goes on."""


class _Selector(selectors.SelectSelector):
    """Lets time pass instead of waiting."""

    passed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            return super().select(None)
        if timeout <= 0:
            return super().select(0)
        events = super().select(_FOR_THREADS)
        if not events:
            self.passed += timeout
        return events


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """`asyncio` loop with its own time, from 0 s."""

    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        """Seconds that have passed in it."""
        return self._virtual.passed


class LoopClock:
    """`wherry.ports.Clock` that shows the time of the running loop, counted from a moment in November 2023."""

    def now(self) -> Micros:
        """The moment it is in the running loop."""
        return Micros(SOON + round(asyncio.get_running_loop().time() * 1_000_000))


def run_virtually(main: Coroutine[Any, Any, _T]) -> _T:
    """Run a coroutine to its end in virtual time."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main)
