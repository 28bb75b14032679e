"""Tables in memory: changes that happen together or not at all, and pages of what is in them."""

from __future__ import annotations

import contextlib
import enum
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, TypeVar

from wherry.errors import WherryBugError
from wherry.model import listing
from wherry.model.listing import Condition, Direction, KeysetPosition, Listable, ListQuery, Operation, Page

K = TypeVar("K")
V = TypeVar("V")

_ABSENT: Final = object()

#: IS_SUBSTRING matches ASCII letters in either case, and no others, as SQLite's LIKE does.
_LOWER: Final = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}

Attribute = Callable[[V, str], Any]
"""Item and attribute's name -> value."""


class MemoryTables:
    """Dictionaries that remember what they held before."""

    def __init__(self) -> None:
        self._undo: list[tuple[dict[Any, Any], Any, Any]] = []

    @contextlib.contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        self._undo.clear()
        try:
            yield
        except BaseException:
            for table, key, before in reversed(self._undo):
                if before is _ABSENT:
                    del table[key]
                else:
                    table[key] = before
            raise

    def _put(self, table: dict[K, V], key: K, value: V) -> None:
        self._undo.append((table, key, table.get(key, _ABSENT)))
        table[key] = value

    def _insert(self, table: dict[K, V], key: K, value: V) -> None:
        if key in table:
            raise WherryBugError(f"{key} is taken")
        self._put(table, key, value)


def attribute_of(item: Any, name: str) -> Any:
    """An item's value as a list compares it: enums by value, what is not set as 0 (of times) or as nothing."""
    value = getattr(item, name)
    if isinstance(value, enum.Enum):
        return value.value
    if value is None:
        return 0 if name.endswith("_at") else ""
    return value


def page_of(
    items: Iterable[V],
    query: ListQuery,
    listable: Listable,
    *,
    key: str = "id",
    attribute: Attribute[V] = attribute_of,
) -> Page[V]:
    """A filtered and sorted page. Raises InvalidArgumentError."""
    selection = listing.select(query, listable)
    found = [
        item
        for item in items
        if all(_holds(each, attribute(item, each.field.attribute)) for each in selection.conditions)
        and all(getattr(item, "tags", {}).get(each.tag) == each.value for each in selection.tags)
    ]

    def position(item: V) -> tuple[Any, ...]:
        return attribute(item, selection.sort.attribute), attribute(item, key)

    descending = selection.direction is Direction.DESCENDING
    found.sort(key=position, reverse=descending)
    shown = found
    if selection.after is not None:
        # An id that is a number stands in the position as text; but then it is the value too.
        value = selection.after.value
        last = (value, value if selection.sort.attribute == key else selection.after.id)
        shown = [item for item in found if (position(item) < last if descending else position(item) > last)]
    following = None
    if len(shown) > selection.limit:
        sorted_by, identity = position(shown[selection.limit - 1])
        following = KeysetPosition(value=sorted_by, id=str(identity))
    return Page(items=tuple(shown[: selection.limit]), next=following, total_size=len(found))


def _holds(condition: Condition, value: Any) -> bool:
    wanted: Any = condition.value
    match condition.operation:
        case Operation.EQUALS:
            return bool(value == wanted)
        case Operation.NOT_EQUALS:
            return bool(value != wanted)
        case Operation.GREATER_THAN:
            return bool(value > wanted)
        case Operation.GREATER_THAN_EQUALS:
            return bool(value >= wanted)
        case Operation.LESS_THAN:
            return bool(value < wanted)
        case Operation.LESS_THAN_EQUALS:
            return bool(value <= wanted)
        case Operation.IN:
            return value in wanted
        case Operation.IS_SUBSTRING:
            return lower(wanted) in lower(value)


def lower(text: str) -> str:
    """ASCII letters small, others as they are."""
    return text.translate(_LOWER)
