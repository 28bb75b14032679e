"""Time that stands still until told to move."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from wherry.model.identity import Micros

_FIRST: Final = Micros(1_700_000_000_000_000)


class FakeClock:
    """`wherry.ports.Clock` for tests."""

    def __init__(self, now: Micros = _FIRST) -> None:
        """``now`` is the first moment; by default one in November 2023."""
        self._now = now

    def now(self) -> Micros:
        """The moment it was set to."""
        return self._now

    def advance(self, by: timedelta) -> Micros:
        """Move on, and return the new moment. Backwards too, as clocks do."""
        self._now = Micros(self._now + by // timedelta(microseconds=1))
        return self._now
