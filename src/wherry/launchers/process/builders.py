"""Threads in which environments are built. Nobody waits for them when the process ends."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

_T = TypeVar("_T")


class Builders:
    """Runs blocking calls, each in a thread of its own, so many at once. The others wait for their turn.

    The threads are daemons, unlike those of `concurrent.futures`: a person who interrupts wherry does not wait for a
    download. What is left of an unfinished build is cleared away by the next start.

    Args:
        limit: calls at once. At least 1.
    """

    def __init__(self, limit: int) -> None:
        self._turns = threading.Semaphore(limit)

    def run(self, call: Callable[[], _T]) -> asyncio.Future[_T]:
        """Start ``call``; the future gets its result or what it raises. Cancelling the future does not stop it."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[_T] = loop.create_future()

        def settle(result: _T | None, error: BaseException | None) -> None:
            if future.cancelled():
                return
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)  # type: ignore[arg-type]  # None only if the call returns None

        def work() -> None:
            result, raised = None, None
            with self._turns:
                try:
                    result = call()
                except BaseException as error:  # noqa: BLE001  handed to whoever waits for it
                    raised = error
            with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile: nobody waits
                loop.call_soon_threadsafe(settle, result, raised)

        threading.Thread(target=work, daemon=True, name="wherry-environment").start()
        return future
