"""What the lists of the pages can be asked: plain query parameters to a `ListQuery`."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from wherry.errors import InvalidArgumentError
from wherry.model.identity import Micros
from wherry.model.listing import MAX_PAGE_SIZE, Direction, ListQuery, Moment, Operation, Page, Predicate
from wherry.model.states import StorageState
from wherry.server.call import Call
from wherry.server.page_tokens import Criteria, read_token, write_token
from wherry.server.route_table import Parameter

BASE: Final = "/apis/wherry/v1"
_MAX_DIGITS: Final = 18

TOKEN: Final = Parameter(
    name="page_token", description="`next_page_token` of the page before; the other parameters must be the same."
)
SIZE: Final = Parameter(
    name="page_size",
    description="Rows at most.",
    schema={"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": 20},
)
NAME: Final = Parameter(name="name", description="Has this in its name; ASCII letters in either case.")


class Archived(enum.Enum):
    """Which of both to list."""

    NO = "no"
    ONLY = "only"
    ALL = "all"


ARCHIVED: Final = Parameter(
    name="archived",
    description="Whether to list archived ones.",
    schema={"type": "string", "enum": [one.value for one in Archived], "default": "no"},
)


def sorting(keys: Iterable[str]) -> Parameter:
    """The parameter that says how a list is sorted."""
    values = [f"{key} {direction.value}" for key in keys for direction in Direction]
    return Parameter(
        name="sort",
        description="What comes first.",
        schema={"type": "string", "enum": values, "default": "created_at desc"},
    )


def texts(call: Call, name: str) -> tuple[str, ...]:
    """All values of a repeated parameter that are not empty."""
    return tuple(one for one in call.request.query_params.getlist(name) if one)


def whole(call: Call, name: str, *, default: int, least: int, most: int) -> int:
    """A parameter that is a whole number within bounds. Raises InvalidArgumentError."""
    text = call.query.get(name, "")
    if not text:
        return default
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS else -1
    if not least <= number <= most:
        raise InvalidArgumentError(f"{name} is '{text[:32]}'", hint=f"A whole number from {least} to {most}.")
    return number


def moment(call: Call, name: str) -> Micros | None:
    """A parameter that is a time in microseconds. Raises InvalidArgumentError."""
    if not call.query.get(name):
        return None
    return Micros(whole(call, name, default=0, least=0, most=(1 << 62)))


def choice(call: Call, name: str, kind: type[enum.Enum], default: enum.Enum) -> Any:
    """A parameter that is one of an enum's values. Raises InvalidArgumentError."""
    text = call.query.get(name, "")
    try:
        return kind(text) if text else default
    except ValueError:
        raise InvalidArgumentError(
            f"{name} is '{text[:32]}'", hint=f"One of {', '.join(str(one.value) for one in kind)}."
        ) from None


def archived_filter(call: Call) -> tuple[Predicate, ...]:
    """What the parameter ``archived`` asks for."""
    match choice(call, "archived", Archived, Archived.NO):
        case Archived.ONLY:
            return (_equals("storage_state", StorageState.ARCHIVED.value),)
        case Archived.NO:
            return (_equals("storage_state", StorageState.AVAILABLE.value),)
        case _:
            return ()


def name_filter(call: Call, key: str) -> tuple[Predicate, ...]:
    """What the parameter ``name`` asks for."""
    text = call.query.get("name", "")
    return (Predicate(key=key, operation=Operation.IS_SUBSTRING, value=text),) if text else ()


def created_filter(call: Call) -> tuple[Predicate, ...]:
    """What ``created_from`` and ``created_before`` ask for."""
    since, before = moment(call, "created_from"), moment(call, "created_before")
    found = []
    if since is not None:
        found.append(Predicate(key="created_at", operation=Operation.GREATER_THAN_EQUALS, value=Moment(since)))
    if before is not None:
        found.append(Predicate(key="created_at", operation=Operation.LESS_THAN, value=Moment(before)))
    return tuple(found)


def _equals(key: str, value: str) -> Predicate:
    return Predicate(key=key, operation=Operation.EQUALS, value=value)


class PageQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A list call that has been read."""

    query: ListQuery
    criteria: Criteria
    secret: bytes

    def next_token(self, page: Page[Any]) -> str:
        """The token of the page after; empty if that is the last."""
        return "" if page.next is None else write_token(self.criteria, page.next, secret=self.secret)


def page_query(
    call: Call, resource: str, *, filters: tuple[Predicate, ...], sort_keys: Iterable[str], scope: str = ""
) -> PageQuery:
    """Read the paging and sorting of a list call.

    Args:
        call: the call.
        resource: name of the list.
        filters: what has been read of it already.
        sort_keys: what it may be sorted by.
        scope: what else it is of; a token of another scope is refused.

    Raises:
        InvalidArgumentError: one of its parameters is wrong; it is named.
    """
    sort = call.query.get("sort") or "created_at desc"
    key, _, word = sort.partition(" ")
    if key not in set(sort_keys) or word not in {one.value for one in Direction}:
        raise InvalidArgumentError(
            f"sort is '{sort[:64]}'", hint=f"One of {', '.join(sort_keys)}, and `asc` or `desc` behind it."
        )
    described = msgspec.json.encode(filters).decode()
    criteria = Criteria(resource=f"pages/{resource}/{scope}", sort_by=sort, filter=described)
    token = call.query.get("page_token", "")
    position = read_token(token, criteria, secret=call.settings.secret)[1] if token else None
    return PageQuery(
        query=ListQuery(
            filters=filters,
            sort_by=key,
            direction=Direction(word),
            page_size=whole(call, "page_size", default=20, least=1, most=MAX_PAGE_SIZE),
            after=position,
        ),
        criteria=criteria,
        secret=call.settings.secret,
    )
