"""The JSON of the KFP API, both ways: protobuf's JSON mapping as KFP's gateway sets it up.

Out: snake_case, enums by name, what is unset left out, 64-bit integers as text, times in RFC 3339 and UTC.
In: snake_case or camelCase, numbers as numbers or text, null as unset; a field nobody knows is refused by name.
"""

from __future__ import annotations

import datetime as dt
import enum
import types
import typing
from functools import cache
from typing import Any, Final, TypeVar, Union

import msgspec

from wherry.errors import InvalidArgumentError
from wherry.model.identity import Micros

_SECOND: Final = 1_000_000
_MILLISECOND: Final = 1000
EPOCH: Final = "1970-01-01T00:00:00Z"
"""What KFP writes for the end of a run that has not ended."""


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of everything that is sent. A field with its default is left out."""


M = TypeVar("M", bound=Message)
_Raws = dict[str, msgspec.Raw]


class UnknownFields(enum.Enum):
    """What to do about a field that a message does not have."""

    REFUSE = "refuse"  # a request: the caller meant something that would not happen
    IGNORE = "ignore"  # an answer: the server is newer, or KFP's own


def encode(message: Message) -> bytes:
    """The message as JSON."""
    return msgspec.json.encode(message)


def decode(
    raw: bytes | bytearray | msgspec.Raw,
    kind: type[M],
    *,
    path: str = "",
    unknown: UnknownFields = UnknownFields.REFUSE,
) -> M:
    """Read a message.

    Fields of type `msgspec.Raw` are not looked into, so a large specification costs a scan and no more.

    Args:
        raw: JSON.
        kind: The message's class.
        path: Where it stands, for errors.
        unknown: What to do about other fields.

    Raises:
        InvalidArgumentError: no JSON object, an unknown field, or a value of the wrong type; the path is named.
    """
    try:
        fields = msgspec.json.decode(raw or b"{}", type=_Raws)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidArgumentError(f"{path or 'the request body'} is no JSON object: {error}") from error
    known = _known(kind)
    values: dict[str, Any] = {}
    for key, value in fields.items():
        place = f"{path}.{key}" if path else key
        found = known.get(key)
        if found is None and unknown is UnknownFields.IGNORE:
            continue
        if found is None:
            raise InvalidArgumentError(
                f'unknown field "{key}"' + (f' in "{path}"' if path else ""),
                hint=f"Known are {', '.join(_names(kind))}.",
            )
        if bytes(value) != b"null":
            name, inner = found
            values[name] = _value(value, inner, place, unknown)
    try:
        return kind(**values)
    except TypeError as error:
        raise InvalidArgumentError(f"{path or 'the request body'}: {error}") from error


def _value(raw: msgspec.Raw, kind: Any, path: str, unknown: UnknownFields) -> Any:
    if kind is msgspec.Raw:
        return raw.copy()
    if isinstance(kind, type) and issubclass(kind, Message):
        return decode(raw, kind, path=path, unknown=unknown)
    inner = _element(kind)
    try:
        if inner is not None and typing.get_origin(kind) is dict:
            return {
                key: decode(value, inner, path=f"{path}.{key}", unknown=unknown)
                for key, value in msgspec.json.decode(raw, type=_Raws).items()
            }
        if inner is not None:
            many = msgspec.json.decode(raw, type=list[msgspec.Raw])
            return tuple(
                decode(value, inner, path=f"{path}[{index}]", unknown=unknown) for index, value in enumerate(many)
            )
        return msgspec.json.decode(raw, type=kind, strict=False)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidArgumentError(f'field "{path}" cannot be read: {error}') from error


def _element(kind: Any) -> type[Message] | None:
    """The message type inside ``tuple[X, ...]`` or ``dict[str, X]``; None for anything else."""
    if typing.get_origin(kind) not in {tuple, dict}:
        return None
    arguments = typing.get_args(kind)
    inner = arguments[0] if typing.get_origin(kind) is tuple else arguments[1]
    return inner if isinstance(inner, type) and issubclass(inner, Message) else None


@cache
def _known(kind: type[Message]) -> dict[str, tuple[str, Any]]:
    """Field by each of its spellings: (attribute, type without None)."""
    hints = typing.get_type_hints(kind)
    known: dict[str, tuple[str, Any]] = {}
    for field in msgspec.structs.fields(kind):
        inner = _without_none(hints[field.name])
        known[field.encode_name] = known[camel(field.name)] = (field.name, inner)
    return known


@cache
def _names(kind: type[Message]) -> tuple[str, ...]:
    return tuple(field.encode_name for field in msgspec.structs.fields(kind))


def _without_none(kind: Any) -> Any:
    if typing.get_origin(kind) in {Union, types.UnionType}:
        rest = [one for one in typing.get_args(kind) if one is not type(None)]
        if len(rest) == 1:
            return rest[0]
    return kind


def camel(name: str) -> str:
    """``display_name`` as ``displayName``."""
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)


def timestamp(at: Micros) -> str:
    """RFC 3339 in UTC: ``2026-08-22T10:00:00Z``, with 3 or 6 digits of a second where they are not zero."""
    seconds, micros = divmod(at, _SECOND)
    text = dt.datetime.fromtimestamp(seconds, tz=dt.UTC).strftime("%Y-%m-%dT%H:%M:%S")
    if not micros:
        return text + "Z"
    return f"{text}.{micros // _MILLISECOND:03d}Z" if micros % _MILLISECOND == 0 else f"{text}.{micros:06d}Z"


def micros(text: str, *, what: str) -> Micros:
    """The moment that an RFC 3339 text names.

    Args:
        text: with an offset or Z.
        what: the field's name, for the error.

    Raises:
        InvalidArgumentError: it names none.
    """
    try:
        # A time without an offset cannot be subtracted from one with: a TypeError.
        delta = dt.datetime.fromisoformat(text) - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    except (ValueError, OverflowError, TypeError) as error:
        raise InvalidArgumentError(
            f"{what} '{text[:64]}' is no RFC 3339 time", hint="Like 2026-08-22T10:00:00Z."
        ) from error
    return Micros((delta.days * 86400 + delta.seconds) * _SECOND + delta.microseconds)
