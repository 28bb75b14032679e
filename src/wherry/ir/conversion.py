"""Plain Python values to the structs of the IR, and where it went wrong if it did.

protojson, which KFP reads its specifications with, is more forgiving than a strict decoder: a field may be named in
snake_case, ``null`` means an absent field, and numbers may stand in quotes. Specifications that need none of this are
converted at full speed; the others once more, leniently.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final, TypeVar

import msgspec
from msgspec import inspect

from wherry.errors import SpecError, WherryBugError
from wherry.ir.findings import nearest
from wherry.ir.paths import render_path
from wherry.ir.spec import AcceleratorConfig, Json

T = TypeVar("T")


def convert(raw: Json, to: type[T]) -> T:
    """``raw`` as ``to``.

    Raises:
        SpecError: With the path of the first value that does not fit.
    """
    try:
        return msgspec.convert(raw, to)
    except msgspec.ValidationError:
        pass
    lenient = _lenient(raw, inspect.type_info(to))
    try:
        return msgspec.convert(lenient, to)
    except msgspec.ValidationError as error:
        message = str(error).partition(" - at ")[0]
        path, kind = _locate(lenient, inspect.type_info(to), [])
        words, hint = _in_words(message, kind)
        raise SpecError(words, path=render_path(path), hint=hint) from error


_WORDS: Final = {
    "object": "a mapping", "array": "a list", "str": "text", "int": "a whole number", "float": "a number",
    "bool": "true or false", "null": "null",
}  # fmt: skip


def _in_words(message: str, kind: inspect.Type) -> tuple[str, str]:
    """What msgspec says, in the words of an author, and a hint."""
    quoted = re.findall(r"[`'](.*?)[`']", message)
    match kind, quoted:
        case inspect.StructType(), [name] if "unknown field" in message:
            return f"the field '{name}' is unknown", nearest(name, _names(kind), what="fields")
        case inspect.StructType(), [name] if "missing" in message:
            return f"the field '{name}' is missing", ""
        case inspect.EnumType(), [value]:
            return f"'{value}' is unknown", nearest(value, (one.value for one in kind.cls), what="values")
        case _, [wanted, found] if message.startswith("Expected"):
            # A field that may be absent is not asked for as null.
            wants = [_WORDS.get(one, one) for one in wanted.split(" | ") if one != "null"]
            return f"expected {' or '.join(wants)}, got {_WORDS.get(found, found)}", ""
        case _:
            return message[:1].lower() + message[1:], ""


def _names(kind: inspect.StructType) -> list[str]:
    return [field.encode_name for field in kind.fields]


# -- where a value does not fit ---------------------------------------------------------------------------------------


def _locate(raw: Json, kind: inspect.Type, path: list[str | int]) -> tuple[list[str | int], inspect.Type]:
    """The path to the deepest value that is to blame, and its type. Only called for what is known not to fit."""
    for key, value, inner in _children(raw, kind):
        if not _fits(value, inner):
            return _locate(value, inner, [*path, key])
    return path, _without_null(kind)


def _children(raw: Json, kind: inspect.Type) -> list[tuple[str | int, Json, inspect.Type]]:
    kind = _without_null(kind)
    if isinstance(raw, dict):
        if isinstance(kind, inspect.StructType):
            fields = {field.encode_name: field.type for field in kind.fields}
            return [(key, value, fields[key]) for key, value in raw.items() if key in fields]
        if isinstance(kind, inspect.DictType):
            return [(key, value, kind.value_type) for key, value in raw.items()]
    if isinstance(raw, list) and isinstance(kind, inspect.VarTupleType):
        return [(index, value, kind.item_type) for index, value in enumerate(raw)]
    return []


def _without_null(kind: inspect.Type) -> inspect.Type:
    """The one type that a nullable field holds when it is set."""
    if isinstance(kind, inspect.UnionType):
        kinds = [one for one in kind.types if not isinstance(one, inspect.NoneType)]
        return kinds[0] if len(kinds) == 1 else kind
    return kind


def _fits(raw: Json, kind: inspect.Type) -> bool:
    if raw is None and isinstance(kind, inspect.UnionType):
        return kind.includes_none
    try:
        msgspec.convert(raw, _python_type(_without_null(kind)))
    except msgspec.ValidationError:
        return False
    return True


_SCALARS: Final[dict[type[inspect.Type], Any]] = {
    inspect.StrType: str,
    inspect.IntType: int,
    inspect.FloatType: float,
    inspect.BoolType: bool,
}


def _python_type(kind: inspect.Type) -> Any:
    match kind:
        case inspect.StructType() | inspect.EnumType():
            return kind.cls
        case inspect.DictType():
            return dict[str, _python_type(kind.value_type)]  # type: ignore[misc]  # built from data
        case inspect.VarTupleType():
            return tuple[_python_type(kind.item_type), ...]  # type: ignore[misc]  # built from data
        case _:
            return _SCALARS.get(type(kind), Any)


# -- protojson's liberties --------------------------------------------------------------------------------------------

_INTEGER: Final = re.compile(r"-?(0|[1-9][0-9]{0,18})")
_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")


def _lenient(raw: Json, kind: inspect.Type) -> Json:
    kind = _without_null(kind)
    match kind:
        case inspect.StructType() if isinstance(raw, dict):
            return _lenient_struct(raw, kind)
        case inspect.DictType() if isinstance(raw, dict):
            return {key: _lenient(value, kind.value_type) for key, value in raw.items()}
        case inspect.VarTupleType() if isinstance(raw, list):
            return [_lenient(value, kind.item_type) for value in raw]
        case inspect.IntType() if isinstance(raw, str) and _INTEGER.fullmatch(raw):
            return int(raw)
        case inspect.FloatType() if isinstance(raw, str) and _NUMBER.fullmatch(raw):
            return float(raw)
        case _:
            return raw


def _lenient_struct(raw: dict[str, Json], kind: inspect.StructType) -> dict[str, Json]:
    fields = _fields(kind.cls)
    result: dict[str, Json] = {}
    for key, value in raw.items():
        field = fields.get(key)
        if field is None:
            result[key] = value
        elif value is not None or isinstance(field.type, inspect.AnyType):
            result[field.encode_name] = _lenient(value, field.type)
    if kind.cls is AcceleratorConfig and isinstance(result.get("count"), int):
        result["count"] = str(result["count"])  # int64 in the proto: a number or its text
    return result


@cache
def _fields(struct: type) -> dict[str, inspect.Field]:
    """Fields by both their names, camelCase and snake_case."""
    match inspect.type_info(struct):
        case inspect.StructType() as info:
            return {name: field for field in info.fields for name in (field.name, field.encode_name)}
        case other:
            raise WherryBugError(f"{other} is not a struct")
