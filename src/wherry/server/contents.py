"""What lies at an artifact's place: found, and read within limits. Blocking; callers use a thread."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from wherry.errors import FailedPreconditionError, NotFoundError, PermissionDeniedError
from wherry.model.artifacts import Artifact

_MAX_FILES: Final = 200
_MAX_VISITED: Final = 10_000


def place_of(artifact: Artifact, root: Path) -> Path:
    """The file or folder of an artifact. An importer may name any path: only what is below the root is shown.

    Raises:
        FailedPreconditionError: it lies on no path of this machine.
        PermissionDeniedError: it lies outside the root.
        NotFoundError: nothing is there.
    """
    path = Path(artifact.uri)
    if not path.is_absolute():
        raise FailedPreconditionError(f"artifact '{artifact.name}' lies at '{artifact.uri[:256]}', not on this machine")
    real = path.resolve()
    if not real.is_relative_to(root.resolve()):
        raise PermissionDeniedError(f"artifact '{artifact.name}' lies outside the state folder, and is not sent")
    if not real.is_dir() and not real.is_file():
        raise NotFoundError(f"artifact '{artifact.name}' is recorded, but nothing is left at its place")
    return real


def file_of(artifact: Artifact, root: Path) -> Path:
    """The file of an artifact. Raises what `place_of` does, and FailedPreconditionError if it is a folder."""
    real = place_of(artifact, root)
    if real.is_dir():
        raise FailedPreconditionError(
            f"artifact '{artifact.name}' is a folder", hint="Only files can be downloaded yet."
        )
    return real


def beginning(path: Path, *, limit: int) -> tuple[bytes, int]:
    """The first bytes of a file, and how many it has in all."""
    with path.open("rb") as file:
        return file.read(limit), os.fstat(file.fileno()).st_size


def files_below(folder: Path) -> tuple[list[tuple[str, int]], bool]:
    """Files of a folder with their sizes, in the order of their names, and whether there are more than are listed."""
    found: list[tuple[str, int]] = []
    for path, size in _walk(folder):
        if len(found) == _MAX_VISITED:
            return sorted(found)[:_MAX_FILES], True
        found.append((str(path.relative_to(folder)), size))
    found.sort()
    return found[:_MAX_FILES], len(found) > _MAX_FILES


def _walk(folder: Path) -> Iterator[tuple[Path, int]]:
    """Regular files alone: a link may lead anywhere."""
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place, name)
            status = path.lstat()
            if stat.S_ISREG(status.st_mode):
                yield path, status.st_size
