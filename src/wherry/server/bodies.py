"""Bodies of requests as messages. Large ones are taken apart in a process of their own.

Decoding holds the interpreter, in a thread too: the loop would stand still for seconds with 32 MiB of short keys. Only
what carries a specification may be that large, and only the specification is. Also a program: a body on standard
input, its small part and its specifications on standard output.
"""

from __future__ import annotations

import importlib
import sys
import typing
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from wherry.api.dialect import Message, decode, encode
from wherry.errors import InvalidArgumentError, TooLargeError
from wherry.server.children import limit, run_child

SMALL: Final = 512 * 1024
"""Bytes that are decoded in this process, whatever they are: 20 ms at most."""


class _Parts(msgspec.Struct, frozen=True, kw_only=True, tag="parts"):
    """A message that has been taken apart."""

    message: bytes
    """The message as JSON, without its raw fields."""
    raws: dict[str, bytes]
    """What its raw fields hold, by path."""


class _Refused(msgspec.Struct, frozen=True, kw_only=True, tag="refused"):
    """Why it is no message."""

    message: str
    hint: str


async def read_body(raw: bytes, kind: type[Message]) -> Message:
    """The message that a body holds.

    Raises:
        InvalidArgumentError: it holds none, or more beside its specification than is taken.
        TooLargeError: it is larger than messages of its kind are.
    """
    if len(raw) <= SMALL:
        return decode(raw, kind)
    if not _raw_paths(kind):
        raise TooLargeError(f"the request is larger than {SMALL:,} bytes")
    answer = await run_child(__name__, f"{kind.__module__}:{kind.__qualname__}", raw, what="the request body")
    found = msgspec.msgpack.decode(answer, type=_Parts | _Refused)
    if isinstance(found, _Refused):
        raise InvalidArgumentError(found.message, hint=found.hint)
    message = decode(found.message, kind)
    for path, content in found.raws.items():
        message = _with(message, path.split("."), msgspec.Raw(content))
    return message


def _taken_apart(raw: bytes, kind: type[Message]) -> _Parts | _Refused:
    try:
        message = decode(raw, kind)
    except InvalidArgumentError as error:
        return _Refused(message=error.message, hint=error.hint)
    raws = {}
    for path in _raw_paths(kind):
        found = _at(message, path.split("."))
        if found is not None:
            raws[path] = bytes(found)
            message = _with(message, path.split("."), None)
    small = encode(message)
    if len(small) > SMALL:
        return _Refused(
            message=f"the request holds more than {SMALL:,} bytes beside its {' and '.join(_raw_paths(kind))}",
            hint="Pass large values as artifacts.",
        )
    return _Parts(message=small, raws=raws)


def _raw_paths(kind: type[Message]) -> tuple[str, ...]:
    return tuple(_walk(kind, ""))


def _walk(kind: type[Message], above: str) -> Iterator[str]:
    hints = typing.get_type_hints(kind)
    for field in msgspec.structs.fields(kind):
        for one in typing.get_args(hints[field.name]) or (hints[field.name],):
            if one is msgspec.Raw:
                yield above + field.name
            elif isinstance(one, type) and issubclass(one, Message):
                yield from _walk(one, f"{above}{field.name}.")


def _at(message: Any, path: list[str]) -> msgspec.Raw | None:
    for name in path:
        message = None if message is None else getattr(message, name)
    return typing.cast("msgspec.Raw | None", message)


def _with(message: Message, path: list[str], value: msgspec.Raw | None) -> Message:
    name, *rest = path
    inner = _with(getattr(message, name), rest, value) if rest else value
    return msgspec.structs.replace(message, **{name: inner})


def _main() -> None:
    limit()
    module, _, name = sys.argv[1].partition(":")
    kind: type[Message] = getattr(importlib.import_module(module), name)
    sys.stdout.buffer.write(msgspec.msgpack.encode(_taken_apart(sys.stdin.buffer.read(), kind)))


if __name__ == "__main__":
    _main()
