"""Times that may be missing."""

from __future__ import annotations

from wherry.api.dialect import timestamp
from wherry.model.identity import Micros


def moment(at: Micros | None) -> str | None:
    """RFC 3339, or None for none."""
    return None if at is None else timestamp(at)
