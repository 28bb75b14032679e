"""The pipeline file inside a .zip or .tar.gz: one regular member, read as a stream, never written to disk."""

from __future__ import annotations

import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from typing import IO, Final

from wherry.errors import InvalidArgumentError

_GZIP: Final = b"\x1f\x8b"
_ZIP: Final = b"PK\x03\x04"
_EMPTY_ZIP: Final = b"PK\x05\x06"
_ZIP_ENTRY: Final = b"PK\x01\x02"
"""Begins every entry of a directory, and comes up elsewhere by chance or where an archive holds another."""
_MAX_MEMBERS: Final = 64
_MAX_ENTRIES: Final = 4096
_MAX_RATIO: Final = 200
_FREE: Final = 1 << 20
"""Bytes that may come out of an archive whatever its size: small texts compress well."""
_CHUNK: Final = 1 << 16
_BROKEN: Final = (
    tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error,
    OSError, EOFError, ValueError, LookupError, ArithmeticError, RuntimeError, AttributeError,
)  # fmt: skip
"""What zipfile and tarfile are seen to raise on archives that lie (tests/unit/server/test_archives.py makes some)."""
_SUFFIXES: Final = (".yaml", ".yml", ".json")


def unpack(content: bytes, *, source: str, limit: int) -> bytes:
    """The pipeline file: ``content`` itself, or the one file in it if it is an archive.

    Told by content, not by name.

    Args:
        content: what was uploaded.
        source: what it is called in errors.
        limit: bytes that may come out.

    Raises:
        InvalidArgumentError: a broken archive, no or several files in it, or more in it than is taken.
    """
    limit = min(limit, max(_FREE, _MAX_RATIO * len(content)))
    try:
        if content.startswith(_GZIP):
            return _from_tar(content, source, limit)
        if content.startswith((_ZIP, _EMPTY_ZIP)):
            return _from_zip(content, source, limit)
    except _BROKEN as error:
        raise InvalidArgumentError(f"'{source}' is an archive that cannot be read: {error}") from error
    return content


def _from_tar(content: bytes, source: str, limit: int) -> bytes:
    found: bytes | None = None
    # A stream is read forwards once; what it unpacks to is counted, headers and skipped members included.
    raw = _Counted(io.BytesIO(content), source, limit + _FREE)
    with tarfile.open(fileobj=raw, mode="r|") as archive:
        for number, member in enumerate(archive):
            if number >= _MAX_MEMBERS:
                raise _too_many(source)
            if member.isdir():
                continue
            if not member.isreg():
                raise InvalidArgumentError(f"'{source}' holds '{member.name[:128]}', which is no regular file")
            file = archive.extractfile(member)
            if file is None or not _is_pipeline(member.name):
                continue
            if found is not None:
                raise _several(source)
            found = _read(file, source, limit)
    # Up to the checksum at its end: an upload that was cut off is no upload.
    while raw.read():
        pass
    return _one(found, source)


def _from_zip(content: bytes, source: str, limit: int) -> bytes:
    # The directory is read whole when an archive is opened, and what it says of its own length may be wrong.
    if content.count(_ZIP_ENTRY) > _MAX_ENTRIES:
        raise _too_many(source)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [one for one in archive.infolist() if not one.is_dir()]
        if len(members) > _MAX_MEMBERS:
            raise _too_many(source)
        chosen = [one for one in members if _is_pipeline(one.filename)]
        if len(chosen) > 1:
            raise _several(source)
        if not chosen:
            return _one(None, source)
        if chosen[0].flag_bits & 1:
            raise InvalidArgumentError(f"'{source}' is encrypted")
        with archive.open(chosen[0]) as file:
            return _read(file, source, limit)


def _is_pipeline(name: str) -> bool:
    return name.lower().endswith(_SUFFIXES)


def _read(file: IO[bytes], source: str, limit: int) -> bytes:
    parts = bytearray()
    while chunk := file.read(_CHUNK):
        parts += chunk
        if len(parts) > limit:
            raise InvalidArgumentError(f"'{source}' unpacks to more than {limit:,} bytes")
    return bytes(parts)


def _one(found: bytes | None, source: str) -> bytes:
    if found is None:
        raise InvalidArgumentError(f"'{source}' holds no pipeline file", hint="A .yaml, .yml or .json file.")
    return found


def _too_many(source: str) -> InvalidArgumentError:
    return InvalidArgumentError(f"'{source}' holds more than {_MAX_MEMBERS} members")


def _several(source: str) -> InvalidArgumentError:
    return InvalidArgumentError(f"'{source}' holds several pipeline files", hint="Put one into it.")


class _Counted(io.RawIOBase):
    """The unpacked bytes of a gzip stream, up to a limit."""

    def __init__(self, raw: io.BytesIO, source: str, limit: int) -> None:
        self._raw = raw
        self._source = source
        self._left = limit
        self._inflate = zlib.decompressobj(wbits=31)

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, at most ``size``; empty at the end."""
        size = _CHUNK if size < 0 else size
        while not self._inflate.eof:
            pending = self._inflate.unconsumed_tail or self._raw.read(_CHUNK)
            if not pending:
                raise EOFError("it ends too early")
            out = self._inflate.decompress(pending, size)
            self._left -= len(out)
            if self._left < 0:
                raise InvalidArgumentError(f"'{self._source}' unpacks to more than is taken")
            if out:
                return out
        return b""
