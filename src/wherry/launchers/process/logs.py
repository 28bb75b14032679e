"""Reads logs of attempts."""

from __future__ import annotations

import contextlib
from pathlib import Path


def read_log(attempt: Path, *, from_byte: int, limit: int) -> bytes:
    """Bytes of an attempt's log.

    Args:
        attempt: its folder.
        from_byte: offset of the first. Offsets stay what they are while the task runs.
        limit: at most so many.

    Returns:
        Empty at the end of what there is, or if there is no log.
    """
    with contextlib.suppress(FileNotFoundError, NotADirectoryError), (attempt / "log").open("rb") as file:
        file.seek(from_byte)
        return file.read(limit)
    return b""
