"""Specifications that come from outside: read and checked, large ones in a process of their own.

The event loop is never held up by one, and what a hostile text can do to the parser it does to that process.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from typing import Final

import msgspec

from wherry.errors import InvalidArgumentError, SpecError
from wherry.ir.digest import decode_package
from wherry.ir.spec import PipelineSpec
from wherry.server.package_outline import Outline, Refused, outline_of, read_package

SMALL: Final = 256 * 1024
"""Bytes that are read in this process: a few milliseconds."""

_SECONDS: Final = 60.0
_AT_ONCE: Final = 2

_children = asyncio.Semaphore(_AT_ONCE)


async def parse(text: bytes, *, source: str) -> Outline:
    """Read and check a package file.

    Args:
        text: YAML or JSON.
        source: what it is called in errors.

    Raises:
        SpecError: it is none, or breaks a rule; the place is named.
        InvalidArgumentError: reading it took more time or memory than is given to one.
    """
    if len(text) <= SMALL:
        return read_package(text, source=source)
    async with _children:
        return await _in_child(text, source)


async def _in_child(text: bytes, source: str) -> Outline:
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        "-m",
        "wherry.server.package_outline",
        source,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        answer, _ = await asyncio.wait_for(child.communicate(text), _SECONDS)
    except TimeoutError:
        raise InvalidArgumentError(f"'{source}' takes longer than {_SECONDS:.0f} s to read") from None
    finally:
        if child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()
    if child.returncode != 0:
        raise InvalidArgumentError(f"'{source}' cannot be read within the memory that is given to one specification")
    found = msgspec.msgpack.decode(answer, type=Outline | Refused)
    if isinstance(found, Refused):
        raise SpecError(found.message, hint=found.hint)
    return found


def outline_of_stored(encoded: bytes) -> Outline:
    """The outline of a specification that has been stored."""
    return outline_of(decode_package(encoded), encoded)


def inputs_only(outline: Outline) -> PipelineSpec:
    """A PipelineSpec that has the interface of the pipeline and nothing of its inside."""
    return msgspec.json.decode(outline.interface, type=PipelineSpec)


_Documents = dict[str, msgspec.Raw]


def wire_spec(encoded: bytes) -> msgspec.Raw:
    """A stored specification as the API sends it: the spec itself, or wrapped if it has platform settings."""
    documents = msgspec.json.decode(encoded, type=_Documents)
    platform = documents.get("platform")
    if platform is None or bytes(platform) == b"null":
        return documents["spec"].copy()
    return msgspec.Raw(msgspec.json.encode({"pipeline_spec": documents["spec"], "platform_spec": platform}))
