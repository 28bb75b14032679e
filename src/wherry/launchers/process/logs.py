"""Reads logs of attempts."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


def read_log(attempt: Path, *, from_byte: int, limit: int) -> bytes:
    """Bytes of an attempt's log.

    Args:
        attempt: its folder.
        from_byte: offset of the first. Offsets stay what they are while the task runs.
        limit: at most so many.

    Returns:
        Empty at the end of what there is, or if there is no log. A log that outgrew its limit and still grows ends
        where its middle was given up.
    """
    with contextlib.suppress(FileNotFoundError, NotADirectoryError), (attempt / "log").open("rb") as file:
        with contextlib.suppress(OSError):  # beyond the end, or no such question on this file system
            limit = min(limit, os.lseek(file.fileno(), from_byte, os.SEEK_HOLE) - from_byte)
        file.seek(from_byte)
        return file.read(limit)
    return b""
