"""KFP's filter language: a JSON text to predicates. What the keys mean is checked by `wherry.model.listing`."""

from __future__ import annotations

from typing import Final

import msgspec

from wherry.api.dialect import Message, decode, micros
from wherry.errors import InvalidArgumentError
from wherry.model.identity import Json
from wherry.model.listing import Moment, Operation, Predicate, PredicateValue

#: Predicate.Operation by number, as kfp.Client sends it. There is no 4.
_BY_NUMBER: Final = {
    1: Operation.EQUALS,
    2: Operation.NOT_EQUALS,
    3: Operation.GREATER_THAN,
    5: Operation.GREATER_THAN_EQUALS,
    6: Operation.LESS_THAN,
    7: Operation.LESS_THAN_EQUALS,
    8: Operation.IN,
    9: Operation.IS_SUBSTRING,
}


class _Ints(Message, frozen=True, kw_only=True):
    values: tuple[int, ...] = ()


class _Strings(Message, frozen=True, kw_only=True):
    values: tuple[str, ...] = ()


class _Predicate(Message, frozen=True, kw_only=True):
    operation: Json = None
    key: str = ""
    int_value: int | None = None
    long_value: int | None = None
    string_value: str | None = None
    timestamp_value: str | None = None
    int_values: _Ints | None = None
    long_values: _Ints | None = None
    string_values: _Strings | None = None


class _Filter(Message, frozen=True, kw_only=True):
    predicates: tuple[_Predicate, ...] = ()


def parse_filter(text: str) -> tuple[Predicate, ...]:
    """The predicates of a ``filter`` parameter; none for an empty text.

    Raises:
        InvalidArgumentError: it is no filter; the place is named.
    """
    if not text:
        return ()
    found = decode(text.encode("utf-8", "surrogateescape"), _Filter, path="filter")
    return tuple(_predicate(one, f"filter.predicates[{index}]") for index, one in enumerate(found.predicates))


def _predicate(one: _Predicate, path: str) -> Predicate:
    if not one.key:
        raise InvalidArgumentError(f'"{path}" has no key', hint="Such as display_name.")
    return Predicate(key=one.key, operation=_operation(one.operation, path), value=_value(one, path))


def _operation(given: Json, path: str) -> Operation:
    found = None
    if isinstance(given, int) and not isinstance(given, bool):
        found = _BY_NUMBER.get(given)
    elif isinstance(given, str):
        found = Operation.__members__.get(given)
    if found is None:
        raise InvalidArgumentError(
            f'"{path}.operation" is {msgspec.json.encode(given).decode()[:64]}, which is no operation',
            hint=f"One of {', '.join(Operation.__members__)}.",
        )
    return found


def _value(one: _Predicate, path: str) -> PredicateValue:
    scalars = (one.int_value, one.long_value, one.string_value)
    given: list[PredicateValue] = [scalar for scalar in scalars if scalar is not None]
    if one.timestamp_value is not None:
        given.append(Moment(micros(one.timestamp_value, what=f'"{path}.timestamp_value"')))
    given.extend(many.values for many in (one.int_values, one.long_values) if many is not None)
    if one.string_values is not None:
        given.append(one.string_values.values)
    if len(given) != 1:
        raise InvalidArgumentError(
            f'"{path}" has {len(given) or "no"} values, and a predicate has one',
            hint="Such as string_value, long_value, timestamp_value or string_values.",
        )
    return given[0]
