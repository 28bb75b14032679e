"""Untrusted YAML or JSON text to plain Python values, within limits, without recursion.

YAML is read as a stream of parser events and the values are built from them in one pass. PyYAML's C loader recurses
in C for every nesting level and ends the process on 100,000 nested brackets; the event parser keeps its own stack, so
a bad text is refused at its first event too many. It is also three times as fast.

As in KFP's backend, a key that stands twice is an error, and so is a key that is no text. Beyond it, a tag outside
YAML's own is refused, and so is a NUL character, since neither a process argument nor every database can hold one.
What scalars mean: see `wherry.ir.scalars`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Final, NoReturn

import yaml

from wherry.errors import SpecError
from wherry.ir.paths import render_path
from wherry.ir.scalars import NotFiniteError, resolve_plain, whole_if_exact
from wherry.ir.spec import Json

MAX_BYTES: Final = 32 * 1024 * 1024
"""Size of a package file, as in KFP (``MaxFileLength``)."""
MAX_DEPTH: Final = 100
"""Nesting of mappings and lists; the protobuf JSON readers stop there too."""
MAX_EVENTS: Final = 2_000_000
MAX_EXPANDED_NODES: Final = 2_000_000
"""Nodes after every alias is replaced by what it stands for."""
MAX_EXPANDED_CHARACTERS: Final = MAX_BYTES
"""Characters of all scalars after every alias is replaced."""

_TAG = "tag:yaml.org,2002:"


@dataclass(slots=True)
class _Open:
    """A mapping or list whose end has not been read."""

    value: dict[str, Json] | list[Json]
    anchor: str | None
    nodes_before: int
    characters_before: int
    key: str | None = None
    merges: list[Json] = field(default_factory=list)
    merging: bool = False


@dataclass(frozen=True, slots=True)
class _Anchored:
    value: Json
    nodes: int
    characters: int


class _Builder:
    """Builds one document from its events."""

    def __init__(self) -> None:
        self.root: Json = None
        self._open: list[_Open] = []
        self._anchors: dict[str, _Anchored | None] = {}
        self._nodes = 0
        self._characters = 0

    # The names follow the parser's events.
    def scalar(self, event: Any) -> None:
        value = self._scalar_value(event)
        self._count(1, len(event.value), event)
        if event.anchor:
            self._anchors[event.anchor] = _Anchored(value, 1, len(event.value))
        self._add(value, event)

    def start(self, event: Any, value: dict[str, Json] | list[Json], *, tag: str) -> None:
        if event.tag not in (None, "!", _TAG + tag):
            self._refuse_tag(event)
        if len(self._open) >= MAX_DEPTH:
            _refuse(f"nested more than {MAX_DEPTH} levels deep", event)
        if event.anchor:
            self._anchors[event.anchor] = None
        self._count(1, 0, event)
        self._open.append(_Open(value, event.anchor, self._nodes - 1, self._characters))

    def end(self, event: Any) -> None:
        done = self._open.pop()
        if isinstance(done.value, dict):
            for merged in done.merges:
                for key, value in merged.items():
                    done.value.setdefault(key, value)
        if done.anchor:
            self._anchors[done.anchor] = _Anchored(
                done.value, self._nodes - done.nodes_before, self._characters - done.characters_before
            )
        self._add(done.value, event)

    def alias(self, event: Any) -> None:
        if event.anchor not in self._anchors:
            self._refuse_here(f"alias '*{event.anchor}' names an anchor that does not exist", event)
        anchored = self._anchors[event.anchor]
        if anchored is None:
            self._refuse_here(f"anchor '&{event.anchor}' contains itself", event)
        self._count(anchored.nodes, anchored.characters, event)
        self._add(anchored.value, event)

    def _count(self, nodes: int, characters: int, event: Any) -> None:
        self._nodes += nodes
        self._characters += characters
        if self._nodes > MAX_EXPANDED_NODES or self._characters > MAX_EXPANDED_CHARACTERS:
            _refuse(
                f"with its aliases replaced it holds more than {MAX_EXPANDED_NODES:,} values "
                f"or {MAX_EXPANDED_CHARACTERS:,} characters",
                event,
            )

    def _add(self, value: Json, event: Any) -> None:
        if not self._open:
            self.root = value
            return
        parent = self._open[-1]
        if isinstance(parent.value, list):
            parent.value.append(value)
        elif parent.merging:
            parent.merges.extend(self._mergeable(value, event))
            parent.merging = False
        elif parent.key is None:
            self._take_key(parent, value, event)
        else:
            parent.value[parent.key] = value
            parent.key = None

    def _take_key(self, parent: _Open, key: Json, event: Any) -> None:
        if key == "<<" and getattr(event, "implicit", (False,))[0]:
            parent.merging = True
        elif not isinstance(key, str):
            self._refuse_here(f"{_kind(key)} is used as a key, and a key must be text", event, hint="Put it in quotes.")
        elif key in parent.value:
            self._refuse_here(f"the key '{key}' stands twice", event, hint="Remove one of the two.")
        else:
            parent.key = key

    def _mergeable(self, value: Json, event: Any) -> list[dict[str, Json]]:
        sources = value if isinstance(value, list) else [value]
        if not all(isinstance(source, dict) for source in sources):
            self._refuse_here("'<<' merges mappings, and this is none", event)
        return sources

    def _scalar_value(self, event: Any) -> Json:
        text, tag = event.value, event.tag
        if "\0" in text:
            self._refuse_here("a NUL character stands in the text", event)
        if tag is None:
            if not event.implicit[0]:
                return text
        elif tag in ("!", _TAG + "str", _TAG + "timestamp"):
            return text
        try:
            value = resolve_plain(text)
        except NotFiniteError:
            self._refuse_here(f"{text} is not a finite number", event)
        if tag is not None and tag not in _tags_of(value):
            self._refuse_tag(event)
        return value

    def _refuse_tag(self, event: Any) -> NoReturn:
        self._refuse_here(f"the tag '{event.tag}' is not allowed here", event, hint="Write the value as plain YAML.")

    def _refuse_here(self, message: str, event: Any, *, hint: str = "") -> NoReturn:
        _refuse(message, event, path=render_path(self._keys()), hint=hint)

    def _keys(self) -> Iterator[str | int]:
        for level in self._open:
            if isinstance(level.value, list):
                yield len(level.value)
            elif level.key is not None:
                yield level.key


def _refuse(message: str, event: Any, *, path: str = "", hint: str = "") -> NoReturn:
    mark = event.start_mark
    raise SpecError(f"{message} (line {mark.line + 1}, column {mark.column + 1})", path=path, hint=hint)


def _tags_of(value: Json) -> tuple[str, ...]:
    match value:
        case None:
            return (_TAG + "null",)
        case bool():
            return (_TAG + "bool",)
        case int():
            return (_TAG + "int", _TAG + "float")
        case float():
            return (_TAG + "float",)
        case _:
            return ()


def _kind(value: Json) -> str:
    match value:
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case _:
            return f"{json.dumps(value)}"


def read_yaml(text: str, *, source: str) -> list[Json]:
    """All documents of a YAML stream.

    Args:
        text: At most `MAX_BYTES`, which the caller has checked.
        source: What the text is called in errors.

    Raises:
        SpecError: The text is no YAML, breaks a limit, or uses what JSON cannot hold. Line and column are given.
    """
    documents: list[Json] = []
    try:
        builder = _Builder()
        for number, event in enumerate(yaml.parse(text, Loader=yaml.CSafeLoader)):
            kind = type(event)
            if kind is yaml.ScalarEvent:
                builder.scalar(event)
            elif kind is yaml.MappingStartEvent:
                builder.start(event, {}, tag="map")
            elif kind is yaml.SequenceStartEvent:
                builder.start(event, [], tag="seq")
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                builder.end(event)
            elif kind is yaml.AliasEvent:
                builder.alias(event)
            elif kind is yaml.DocumentEndEvent:
                documents.append(builder.root)
                builder = _Builder()
            if number >= MAX_EVENTS:
                _refuse(f"it holds more than {MAX_EVENTS:,} values", event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise SpecError(f"'{source}' is not valid YAML: {place}{error.problem or error.context}") from error
    except yaml.YAMLError as error:
        raise SpecError(f"'{source}' is not valid YAML: {' '.join(str(error).split())}") from error
    except UnicodeEncodeError as error:
        raise SpecError(f"'{source}' is not valid text: {error.reason} at character {error.start}") from error
    return documents


def read_json(text: str) -> Json:
    """The value of a JSON text by the same rules as `read_yaml`, or None if the text is no JSON.

    Raises:
        SpecError: The text is JSON, and breaks a limit or holds what a specification cannot.
    """
    try:
        value = json.loads(text, object_pairs_hook=_without_doubles, parse_constant=_refuse_constant)
    except RecursionError:
        raise SpecError(f"nested more than {MAX_DEPTH} levels deep") from None
    except ValueError:
        return None
    return _checked(value)


def _without_doubles(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    result = dict(pairs)
    if len(result) < len(pairs):
        names = [name for name, _ in pairs]
        double = next(name for name in names if names.count(name) > 1)
        raise SpecError(f"the key '{double}' stands twice", hint="Remove one of the two.")
    return result


def _refuse_constant(text: str) -> NoReturn:
    raise SpecError(f"{text} is not a finite number")


def _checked(root: Json) -> Json:
    """``root`` with its numbers as `resolve_plain` gives them, in place; refuses what the YAML reader refuses."""
    holder = [root]
    level: list[Any] = [holder]
    for _ in range(MAX_DEPTH + 1):
        below: list[Any] = []
        for container in level:
            for key, value in _entries(container):
                match value:
                    case dict() | list():
                        below.append(value)
                    case float() if isfinite(value):
                        container[key] = whole_if_exact(value)
                    case int() if not -(2**63) <= value < 2**64:
                        container[key] = resolve_plain(str(value))
                    case float():
                        raise SpecError("a number is too large", path=str(key))
                    case str() if "\0" in value or not _encodable(value):
                        raise SpecError("a NUL character or half of a surrogate pair stands in the text", path=str(key))
                    case _:
                        pass
        if not below:
            return holder[0]
        level = below
    raise SpecError(f"nested more than {MAX_DEPTH} levels deep")


def _entries(container: Any) -> list[tuple[Any, Json]]:
    return list(container.items() if isinstance(container, dict) else enumerate(container))


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
