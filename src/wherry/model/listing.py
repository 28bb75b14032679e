"""How lists are asked for: filter, sort, page. Pure values; a store turns them into a query, a fake into a loop.

Meaning and limits are those of KFP's ListXRequest and Filter messages. Page tokens are the server's business: here a
page is continued from a `KeysetPosition`.
"""

from __future__ import annotations

import enum
from typing import Final, Generic, TypeAlias, TypeVar

import msgspec

from wherry.errors import InvalidArgumentError
from wherry.model.identity import Micros

T = TypeVar("T")

DEFAULT_PAGE_SIZE: Final = 20
MAX_PAGE_SIZE: Final = 200
"""A larger page is cut to this."""

MAX_PREDICATES: Final = 100
"""KFP has no limit; databases do."""

MAX_TEXT: Final = 4096
"""Characters in one value of a predicate. Databases limit what a pattern may be."""

_INT64: Final = range(-(1 << 63), 1 << 63)
_MICROS: Final = 1_000_000


class Operation(enum.Enum):
    """Predicate.Operation in KFP's filter.proto."""

    EQUALS = "EQUALS"
    NOT_EQUALS = "NOT_EQUALS"
    GREATER_THAN = "GREATER_THAN"
    GREATER_THAN_EQUALS = "GREATER_THAN_EQUALS"
    LESS_THAN = "LESS_THAN"
    LESS_THAN_EQUALS = "LESS_THAN_EQUALS"
    IN = "IN"
    IS_SUBSTRING = "IS_SUBSTRING"  # of a text; ASCII letters match in either case, % and _ are letters like others


class Moment(msgspec.Struct, frozen=True):
    """A timestamp_value. Told from an integer, which on a time means seconds since 1970, as in KFP."""

    at: Micros


PredicateValue: TypeAlias = str | int | Moment | tuple[str, ...] | tuple[int, ...]


class Predicate(msgspec.Struct, frozen=True, kw_only=True):
    """``key operation value``. A list's predicates hold all at once."""

    key: str
    """As the API spells it, such as ``display_name`` or ``tags.team``."""
    operation: Operation
    value: PredicateValue


class Direction(enum.Enum):
    """Which end of a list comes first."""

    ASCENDING = "asc"
    DESCENDING = "desc"


class KeysetPosition(msgspec.Struct, frozen=True, kw_only=True):
    """The last item of a page, by what the list is sorted by: the next page begins behind it."""

    value: str | int
    """Its value of the sort key; times in microseconds, 0 for a time that is not set."""
    id: str
    """Its id, which decides between equal values."""


class ListQuery(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a filtered and sorted list."""

    filters: tuple[Predicate, ...] = ()
    sort_by: str = ""
    """Key, as the API spells it; empty means ``created_at``, or ``id`` where there is no such key."""
    direction: Direction = Direction.ASCENDING
    page_size: int = 0
    """0 means `DEFAULT_PAGE_SIZE`; more than `MAX_PAGE_SIZE` means that."""
    after: KeysetPosition | None = None
    """`Page.next` of the page before; None for the first page."""


class Page(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """Part of a list."""

    items: tuple[T, ...]
    next: KeysetPosition | None
    """Where the next page begins; None if this is the last one."""
    total_size: int
    """How many there are on all pages."""


class FieldKind(enum.Enum):
    """What is compared."""

    TEXT = "text"
    TIME = "time"
    NUMBER = "number"


class Field(msgspec.Struct, frozen=True):
    """What a key stands for."""

    attribute: str
    """Attribute of the record, which is also the column's name."""
    kind: FieldKind = FieldKind.TEXT


class Listable(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of resource, and the keys it can be filtered and sorted by."""

    name: str
    """As KFP's messages call it."""
    fields: dict[str, Field]
    tagged: bool = False
    """Whether ``tags.<key>`` can be filtered by."""
    sort_by: str = "created_at"
    """What it is sorted by unless asked."""


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """A predicate that has been checked: the value is one that the field can be compared with."""

    field: Field
    operation: Operation
    value: str | int | tuple[str | int, ...]


class TagCondition(msgspec.Struct, frozen=True, kw_only=True):
    """The resource has this tag with this value."""

    tag: str
    value: str


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """A `ListQuery` that has been checked against a kind of resource."""

    conditions: tuple[Condition, ...]
    tags: tuple[TagCondition, ...]
    sort: Field
    direction: Direction
    limit: int
    """Items on the page, 1 to `MAX_PAGE_SIZE`."""
    after: KeysetPosition | None


_ID: Final = Field("id")
_NAME: Final = Field("name")
_DISPLAY_NAME: Final = Field("display_name")
_DESCRIPTION: Final = Field("description")
_NAMESPACE: Final = Field("namespace")
_STATE: Final = Field("state")
_STORAGE_STATE: Final = Field("storage_state")
_CREATED_AT: Final = Field("created_at", FieldKind.TIME)

EXPERIMENTS: Final = Listable(
    name="Experiment",
    fields={
        "id": _ID,
        "experiment_id": _ID,
        "name": _DISPLAY_NAME,
        "display_name": _DISPLAY_NAME,
        "created_at": _CREATED_AT,
        "last_run_created_at": Field("last_run_created_at", FieldKind.TIME),
        "description": _DESCRIPTION,
        "namespace": _NAMESPACE,
        "storage_state": _STORAGE_STATE,
    },
)

PIPELINES: Final = Listable(
    name="Pipeline",
    fields={
        "id": _ID,
        "pipeline_id": _ID,
        "name": _NAME,
        "display_name": _DISPLAY_NAME,
        "created_at": _CREATED_AT,
        "description": _DESCRIPTION,
        "namespace": _NAMESPACE,
    },
    tagged=True,
)

PIPELINE_VERSIONS: Final = Listable(
    name="PipelineVersion",
    fields={
        "id": _ID,
        "pipeline_version_id": _ID,
        "name": _NAME,
        "display_name": _DISPLAY_NAME,
        "created_at": _CREATED_AT,
        "description": _DESCRIPTION,
    },
    tagged=True,
)

RUNS: Final = Listable(
    name="Run",
    fields={
        "id": _ID,
        "run_id": _ID,
        "name": _DISPLAY_NAME,
        "display_name": _DISPLAY_NAME,
        "created_at": _CREATED_AT,
        "scheduled_at": Field("scheduled_at", FieldKind.TIME),
        "finished_at": Field("finished_at", FieldKind.TIME),
        "description": _DESCRIPTION,
        "storage_state": _STORAGE_STATE,
        "status": _STATE,
        "state": _STATE,
        "namespace": _NAMESPACE,
        "experiment_id": Field("experiment_id"),
        "recurring_run_id": Field("recurring_run_id"),
    },
)

#: KFP 3.0's.
TASKS: Final = Listable(
    name="PipelineTask",
    fields={
        "id": _ID,
        "task_id": _ID,
        "name": _NAME,
        "display_name": _DISPLAY_NAME,
        "created_at": _CREATED_AT,
        "state": _STATE,
        "type": Field("kind"),
    },
)

#: KFP 3.0's.
ARTIFACTS: Final = Listable(
    name="Artifact",
    fields={
        "id": _ID,
        "artifact_id": _ID,
        "name": _NAME,
        "type": Field("type"),
        "uri": Field("uri"),
        "created_at": _CREATED_AT,
        "namespace": _NAMESPACE,
    },
)

#: KFP 3.0's.
ARTIFACT_TASKS: Final = Listable(
    name="ArtifactTask",
    fields={
        "id": Field("n", FieldKind.NUMBER),
        "artifact_id": Field("artifact_id"),
        "run_id": Field("run_id"),
        "type": Field("kind"),
        "key": Field("port"),
    },
    sort_by="id",
)


def select(query: ListQuery, listable: Listable) -> Selection:
    """Check a query against a kind of resource.

    Raises:
        InvalidArgumentError: an unknown key, a value that cannot be compared with the field, a page size below 0.
    """
    if query.page_size < 0:
        raise InvalidArgumentError(f"The page size should not be negative. Got {query.page_size}")
    if len(query.filters) > MAX_PREDICATES:
        raise InvalidArgumentError(f"a filter has {len(query.filters)} predicates; at most {MAX_PREDICATES} are taken")
    sort_by = query.sort_by or listable.sort_by
    sort = listable.fields.get(sort_by)
    if sort is None:
        raise InvalidArgumentError(
            f'Invalid sorting field: "{sort_by}" on listable type {listable.name}', hint=_keys_hint(listable)
        )
    if query.after is not None:
        _check_position(query.after, sort)
    conditions: list[Condition] = []
    tags: list[TagCondition] = []
    for predicate in query.filters:
        if listable.tagged and predicate.key.startswith("tags."):
            tags.append(_tag_condition(predicate))
        else:
            conditions.append(_condition(predicate, listable))
    return Selection(
        conditions=tuple(conditions),
        tags=tuple(tags),
        sort=sort,
        direction=query.direction,
        limit=min(query.page_size or DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE),
        after=query.after,
    )


def _condition(predicate: Predicate, listable: Listable) -> Condition:
    field = listable.fields.get(predicate.key)
    if field is None:
        raise InvalidArgumentError(
            f'no support for filtering on unrecognized field "{predicate.key}"', hint=_keys_hint(listable)
        )
    value = predicate.value
    match predicate.operation:
        case Operation.IN:
            if not isinstance(value, tuple):
                raise InvalidArgumentError(f'cannot use IN operator with scalar type on field "{predicate.key}"')
        case operation:
            if isinstance(value, tuple):
                raise InvalidArgumentError(f'cannot use {operation.value} with a list on field "{predicate.key}"')
    if predicate.operation is Operation.IS_SUBSTRING and (
        field.kind is not FieldKind.TEXT or not isinstance(value, str)
    ):
        raise InvalidArgumentError(f'IS_SUBSTRING takes a string_value and a field of text; "{predicate.key}" has not')
    return Condition(field=field, operation=predicate.operation, value=_comparable(predicate, field))


def _comparable(predicate: Predicate, field: Field) -> str | int | tuple[str | int, ...]:
    match predicate.value:
        case tuple() as values:
            return tuple(_scalar(value, predicate.key, field) for value in values)
        case value:
            return _scalar(value, predicate.key, field)


def _scalar(value: str | int | Moment, key: str, field: Field) -> str | int:
    match field.kind, value:
        case FieldKind.TEXT, str():
            return _checked_text(value, key)
        case FieldKind.TIME, Moment(at):
            return _checked_number(at, key)
        case FieldKind.TIME, int():
            return _checked_number(value * _MICROS, key)
        case FieldKind.NUMBER, int():
            return _checked_number(value, key)
        case _:
            wanted = {FieldKind.TEXT: "text", FieldKind.TIME: "a time", FieldKind.NUMBER: "a number"}[field.kind]
            raise InvalidArgumentError(f'field "{key}" is {wanted}, and cannot be compared with {_kind_of(value)}')


def _kind_of(value: str | int | Moment) -> str:
    match value:
        case str():
            return "text"
        case int():
            return "a number"
        case Moment():
            return "a time"


def _tag_condition(predicate: Predicate) -> TagCondition:
    if predicate.operation is not Operation.EQUALS or not isinstance(predicate.value, str):
        raise InvalidArgumentError(f'filtering on "{predicate.key}" takes EQUALS and a string_value only')
    tag = predicate.key.removeprefix("tags.")
    return TagCondition(tag=_checked_text(tag, predicate.key), value=_checked_text(predicate.value, predicate.key))


def _check_position(position: KeysetPosition, sort: Field) -> None:
    value = position.value
    if isinstance(value, str) != (sort.kind is FieldKind.TEXT) or isinstance(value, bool):
        raise InvalidArgumentError("the page token is of a list that was sorted by something else")


def _checked_text(text: str, key: str) -> str:
    if len(text) > MAX_TEXT:
        raise InvalidArgumentError(f'a value for field "{key}" is longer than {MAX_TEXT} characters')
    if "\0" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise InvalidArgumentError(f'a value for field "{key}" has a character that no text has')
    return text


def _checked_number(number: int, key: str) -> int:
    if number not in _INT64:
        raise InvalidArgumentError(f'a value for field "{key}" does not fit into 64 bits')
    return number


def _keys_hint(listable: Listable) -> str:
    keys = [*listable.fields, *(["tags.<key>"] if listable.tagged else [])]
    return f"A {listable.name} has: {', '.join(keys)}."
