"""Artifacts in a folder of this machine. Their URIs are bare absolute paths.

kfp's ``Artifact.path`` returns a scheme it does not know verbatim, so a path is what every component can open.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from wherry.errors import InvalidArgumentError, ObjectStoreError
from wherry.model.identity import Micros
from wherry.objectstore.paths import safe_part
from wherry.ports import StoredContent

_CHUNK: Final = 1 << 20
_WRITABLE: Final = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


class LocalObjectStore:
    """`wherry.ports.ObjectStore` on the local file system.

    An artifact is a file or a directory. Symbolic links inside an artifact are followed where they stay inside it;
    one that leaves it is refused, since what it points to is no part of the artifact and may change or go away.
    """

    def uri(self, root: str, *parts: str) -> str:
        """The path of an output below a pipeline root.

        Raises:
            InvalidArgumentError: ``root`` is no absolute path, or there are no parts.
        """
        if not os.path.isabs(root) or "\0" in root:  # noqa: PTH117  a Path would drop what makes it wrong
            raise InvalidArgumentError(
                f"the pipeline root '{root}' is no absolute path", hint="A folder of this machine starts with '/'."
            )
        if not parts:
            raise InvalidArgumentError(f"an artifact below '{root}' needs a name")
        return os.path.join(os.path.normpath(root), *map(safe_part, parts))  # noqa: PTH118  the same

    def seal(self, uri: str) -> StoredContent | None:
        """Make a just-written artifact read-only and say what is there; None if nothing is."""
        found = self.stat(uri)
        if found is None:
            return None
        with _reported(uri):
            for path, status in _walk(Path(uri)):
                if not stat.S_ISLNK(status.st_mode) and status.st_mode & _WRITABLE:
                    path.chmod(stat.S_IMODE(status.st_mode) & ~_WRITABLE)
        return found

    def stat(self, uri: str) -> StoredContent | None:
        """Bytes in all and newest modification time; None if nothing is there."""
        path = Path(uri)
        size, mtime = 0, 0
        with _reported(uri):
            try:
                for each, status in _walk(path):
                    content = _inside(each, path).stat() if stat.S_ISLNK(status.st_mode) else status
                    mtime = max(mtime, content.st_mtime_ns // 1000)
                    size += content.st_size if stat.S_ISREG(content.st_mode) else 0
            except FileNotFoundError:
                if path.exists() or path.is_symlink():
                    raise
                return None
        return StoredContent(size, Micros(mtime))

    def digest(self, uri: str) -> str:
        """``sha256:<hex>``: of a file's bytes; of a directory, over the sorted paths and bytes of its files.

        Raises:
            ObjectStoreError: nothing is there, or it cannot be read.
        """
        path = Path(uri)
        with _reported(uri):
            if not path.is_dir():
                return f"sha256:{_sha256_of(_inside(path, path)).hexdigest()}"
            files = [each for each, status in _walk(path) if not stat.S_ISDIR(status.st_mode)]
            named = sorted((os.fsencode(each.relative_to(path)), each) for each in files)
            whole = hashlib.sha256()
            for name, each in named:
                # The length comes first and digests are of one length: no two directories give the same bytes.
                whole.update(len(name).to_bytes(8, "big") + name + _member_digest(each, path))
            return f"sha256:{whole.hexdigest()}"

    def read(self, uri: str, *, limit: int) -> bytes:
        """The first ``limit`` bytes of a file.

        Raises:
            ObjectStoreError: nothing is there, it is a directory, or it cannot be read.
        """
        path = Path(uri)
        with _reported(uri), _inside(path, path).open("rb") as file:
            return file.read(limit)


@contextlib.contextmanager
def _reported(uri: str) -> Iterator[None]:
    """Errors of the file system as ours, with the artifact's name."""
    try:
        yield
    except OSError as error:
        raise ObjectStoreError(f"artifact '{uri}': {error.strerror or error}") from error


def _walk(path: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """The path itself and, if it is a directory, everything in it. Links are not followed into."""
    open_ = [path]
    while open_:
        each = open_.pop()
        status = each.lstat()
        if stat.S_ISDIR(status.st_mode):
            with os.scandir(each) as entries:
                open_ += [each / entry.name for entry in entries]
        elif not (stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode)):
            # Reading a pipe or a device may never end.
            raise ObjectStoreError(
                f"artifact '{path}': '{each}' is neither a file, a directory nor a link",
                hint="Write plain files and directories.",
            )
        yield each, status


def _inside(path: Path, artifact: Path) -> Path:
    """Where ``path`` leads; refused if that is not in the artifact."""
    if not path.is_symlink():
        return path
    # A Path would raise RuntimeError for links that lead in a circle.
    target = Path(os.path.realpath(path, strict=True))
    home = artifact.parent.resolve() / artifact.name
    if target != home and home not in target.parents:
        raise ObjectStoreError(
            f"artifact '{artifact}': '{path}' is a symbolic link to '{target}', which is not part of the artifact",
            hint="Copy the file into the output instead of linking to it.",
        )
    return target


def _member_digest(member: Path, artifact: Path) -> bytes:
    """A file by its bytes; a link, whose target is a member itself, by where it leads."""
    target = _inside(member, artifact)
    if target == member:
        return _sha256_of(member).digest()
    return hashlib.sha256(b"link:" + os.fsencode(os.path.relpath(target, artifact.resolve()))).digest()


def _sha256_of(path: Path) -> hashlib._Hash:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256")
