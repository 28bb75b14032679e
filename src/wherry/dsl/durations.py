"""Durations as authors write them."""

from __future__ import annotations

import re

from wherry.errors import PipelineTopologyError

_DURATION = re.compile(r"(\d+)\s*([a-zA-Z]+)\s*")
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


def seconds(text: str) -> int:
    """Read ``"90s"``, ``"2 minutes"``, ``"1h"``, ``"3 days"`` or ``"1w"``.

    Raises:
        PipelineTopologyError: It is no whole number with such a unit.
    """
    match = _DURATION.fullmatch(text.strip())
    if match is None or match[2][0].lower() not in _SECONDS:
        raise PipelineTopologyError(
            f"{text!r} is no duration: expected a whole number and a unit.",
            hint="Write it as '90s', '2 minutes', '1h', '3 days' or '1w'.",
        )
    return int(match[1]) * _SECONDS[match[2][0].lower()]
