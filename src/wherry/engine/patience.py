"""Waits for a database or a launcher that does not answer: no run suffers for an outage."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from wherry.errors import InfrastructureError

log = logging.getLogger(__name__)

_T = TypeVar("_T")

_FIRST_PAUSE: Final = 0.05
_LONGEST_PAUSE: Final = 5.0
"""Seconds between two tries, at most."""


async def patiently(call: Callable[[], Awaitable[_T]]) -> _T:
    """Call until it answers. Any error but InfrastructureError passes through."""
    pause = _FIRST_PAUSE
    while True:
        try:
            return await call()
        except InfrastructureError as error:
            log.warning("engine.unavailable", extra={"error": str(error), "pause": pause})
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
