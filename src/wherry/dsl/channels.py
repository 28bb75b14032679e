"""What an author holds in hand while a pipeline is traced: values that will exist when it runs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from wherry.dsl import tracing
from wherry.dsl.graph import (
    CollectedOutput,
    Comparison,
    Literal,
    LoopItem,
    LoopItemKey,
    OneOfOutput,
    Source,
    TaskOutput,
)
from wherry.dsl.names import injected_input
from wherry.dsl.value_types import PLAIN_LIST, ArtifactType, Kind, ParameterType, ValueType, value_type
from wherry.dsl.values import Value
from wherry.errors import AuthoringError, ComponentSignatureError, PipelineTopologyError

_PATTERN = re.compile(r"\{\{channel:task=[^;]*;name=[^;]+;type=[^;]*;\}\}")
_KEY = re.compile(r"[a-zA-Z_][0-9a-zA-Z_]*")


class PipelineValueError(AuthoringError, TypeError):
    """A value that exists only when the pipeline runs was used as if it were there already."""


class ConditionExpression(Value):
    """A comparison, for ``dsl.If`` and ``dsl.Elif``. It has no truth value while the pipeline is traced."""

    comparison: Comparison

    def __bool__(self) -> bool:
        raise PipelineValueError(
            "A comparison of pipeline values has no truth value while the pipeline is traced.",
            hint="Write 'with dsl.If(a == b):' instead of 'if a == b:'.",
        )


class Channel:
    """A value that a task will make, or that the pipeline will be given. kfp calls it PipelineChannel.

    Compare it for ``dsl.If``; put it into a text (``f"{channel}"``) or a list or dict that is passed to a task.
    """

    __slots__ = ("_source",)

    def __init__(self, source: Source) -> None:
        self._source = source

    @property
    def name(self) -> str:
        """Name of the output or pipeline input."""
        return self._source.name

    @property
    def task_name(self) -> str | None:
        """The task that makes it, or None for an input of the pipeline."""
        return self._source.producer

    @property
    def full_name(self) -> str:
        """Task and output, joined by a dash."""
        return self._source.full_name

    @property
    def channel_type(self) -> str:
        """The IR's name of the type."""
        return str(self._source.type)

    @property
    def pattern(self) -> str:
        """The text that stands for this value inside other texts until the pipeline is compiled."""
        return pattern_of(self._source)

    def __str__(self) -> str:
        pattern = pattern_of(self._source)
        if (trace := tracing.current()) is not None:
            trace.references[pattern] = self._source
        return pattern

    __repr__ = __str__

    def __hash__(self) -> int:
        return hash(self._source)

    def __eq__(self, other: object) -> ConditionExpression:  # type: ignore[override]  # a comparison is made, not done
        return self._compare("==", other)

    def __ne__(self, other: object) -> ConditionExpression:  # type: ignore[override]  # a comparison is made, not done
        return self._compare("!=", other)

    def __lt__(self, other: object) -> ConditionExpression:
        return self._compare("<", other)

    def __le__(self, other: object) -> ConditionExpression:
        return self._compare("<=", other)

    def __gt__(self, other: object) -> ConditionExpression:
        return self._compare(">", other)

    def __ge__(self, other: object) -> ConditionExpression:
        return self._compare(">=", other)

    def _compare(self, operator: str, other: object) -> ConditionExpression:
        right = source_of(other) if isinstance(other, Channel) else other
        return ConditionExpression(Comparison(operator, self._source, right))

    def __bool__(self) -> bool:
        raise PipelineValueError(
            f"'{self._source.full_name}' has no truth value while the pipeline is traced.",
            hint="Compare it in 'with dsl.If(value == True):'.",
        )

    def __iter__(self) -> Any:
        raise PipelineValueError(
            f"'{self._source.full_name}' cannot be iterated while the pipeline is traced.",
            hint="Write 'with dsl.ParallelFor(values) as value:' instead of 'for value in values:'.",
        )


class LoopItemChannel(Channel):
    """The item of one iteration. If items are dicts, ``item.key`` is the value under ``key``."""

    __slots__ = ()

    def __getattribute__(self, name: str) -> Any:
        # Every public name is a key of the item: an author who has a key called "name" means that key.
        if name.startswith("_"):
            return object.__getattribute__(self, name)
        return _key_of(self._source, name)

    def __getitem__(self, key: str) -> Channel:
        return _key_of(self._source, key)


class Collected(Channel):
    """The list of what all iterations of a loop made, for a task outside the loop, or for the pipeline to return.

    Args:
        output: An output of a task inside ``dsl.ParallelFor``.
    """

    __slots__ = ()

    def __init__(self, output: Any) -> None:
        source = source_of(output) if isinstance(output, Channel) else None
        if isinstance(source, OneOfOutput):
            raise PipelineTopologyError(
                "dsl.OneOf cannot be used inside dsl.Collected.", hint="Collect a task's output."
            )
        if not isinstance(source, TaskOutput):
            raise PipelineTopologyError(
                f"dsl.Collected takes an output of a task, not {output!r}.", hint="Pass 'task.output'."
            )
        collected = source.type.changed(is_list=True) if isinstance(source.type, ArtifactType) else PLAIN_LIST
        super().__init__(CollectedOutput(source, collected))


class OneOf(Channel):
    """The output of whichever branch of an If/Else ran.

    Args:
        channels: One output of a task in each branch, all of the same type. The branches must end with ``dsl.Else``.
    """

    __slots__ = ()

    def __init__(self, *channels: Any) -> None:
        trace = tracing.required("dsl.OneOf")
        choices = tuple(_choice(channel) for channel in channels)
        if not choices:
            raise PipelineTopologyError("dsl.OneOf needs at least one output.", hint="Pass an output of each branch.")
        for number, choice in enumerate(choices[1:], start=2):
            _must_be_alike(choices[0], choice, number)
        group = trace.group_of(choices[0].producer)
        branches = group.parent
        if branches is None or branches.word or not branches.groups or branches is trace.root:
            raise _no_else()
        for choice in choices:
            if trace.group_of(choice.producer).parent is not branches:
                raise PipelineTopologyError(
                    f"'{choice.full_name}' in dsl.OneOf is not made directly in a branch of the same If/Else.",
                    hint="Pass outputs of tasks that stand directly in the dsl.If, dsl.Elif and dsl.Else blocks.",
                )
        if branches.groups[-1].word != "Else":
            raise _no_else()
        branches.oneofs += 1
        name = injected_input(f"{branches.name}-oneof-{branches.oneofs}")
        super().__init__(OneOfOutput(branches.name, name, choices, choices[0].type))

    def __str__(self) -> str:
        raise NotImplementedError("dsl.OneOf cannot be put into a text; pass it to a task as it is.")

    __repr__ = object.__repr__


def channel_for(source: Source) -> Channel:
    """The channel that stands for ``source``."""
    return LoopItemChannel(source) if isinstance(source, LoopItem) else Channel(source)


def source_of(channel: Channel) -> Source:
    """What a channel stands for."""
    source: Source = object.__getattribute__(channel, "_source")
    return source


def pattern_of(source: Source) -> str:
    """The text that stands for ``source`` inside other texts. The form is kfp's."""
    return f"{{{{channel:task={source.producer or ''};name={source.name};type={source.type};}}}}"


def literal_of(value: Any, references: Mapping[str, Source]) -> Literal:
    """A constant argument, with channels in it written as patterns and listed.

    Args:
        value: str, int, float, bool, list or dict; lists and dicts may hold channels.
        references: The patterns that may occur in texts.
    """
    if not isinstance(value, str | list | dict):
        return Literal(value)
    found: dict[str, Source] = {}
    plain = _plain(value, references, found)
    return Literal(plain, found)


def _plain(value: Any, references: Mapping[str, Source], found: dict[str, Source]) -> Any:
    if isinstance(value, Channel):
        source = source_of(value)
        if isinstance(value, OneOf):
            raise NotImplementedError("dsl.OneOf cannot be put into a list or dict; pass it to a task as it is.")
        found[pattern_of(source)] = source
        return pattern_of(source)
    if isinstance(value, str):
        if "{{channel:" in value:
            for pattern in _PATTERN.findall(value):
                if pattern in references:
                    found[pattern] = references[pattern]
        return value
    if isinstance(value, list | tuple):
        return [_plain(item, references, found) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item, references, found) for key, item in value.items()}
    if value is None or isinstance(value, int | float):
        return value
    raise ComponentSignatureError(
        f"A constant argument holds {value!r} of type {type(value).__name__}.",
        hint="Use str, int, float, bool, list and dict.",
    )


def _key_of(source: Source, key: str) -> Channel:
    assert isinstance(source, LoopItem)  # noqa: S101  LoopItemChannel is made from nothing else
    if _KEY.fullmatch(key) is None:
        raise AuthoringError(f"'{key}' is no key of a loop item: keys must be Python names.")
    item_type: ValueType = source.type
    if source.key_types:
        key_types = dict(source.key_types)
        if key not in key_types:
            keys = ", ".join(f"'{known}'" for known in key_types)
            raise AttributeError(f"No item of the loop has the key '{key}'; there are {keys}.")
        return Channel(LoopItemKey(source, key, key_types[key]))
    if not isinstance(item_type, ParameterType) or (item_type.certain and item_type.kind is not Kind.STRUCT):
        raise AttributeError(f"The loop's items are {item_type}, not dicts; they have no key '{key}'.")
    return Channel(LoopItemKey(source, key, value_type(item_type)))


def _choice(channel: Any) -> TaskOutput:
    source = source_of(channel) if isinstance(channel, Channel) else None
    if isinstance(source, CollectedOutput | OneOfOutput):
        word = "Collected" if isinstance(source, CollectedOutput) else "OneOf"
        raise PipelineTopologyError(f"dsl.{word} cannot be used inside dsl.OneOf.", hint="Pass outputs of tasks.")
    if not isinstance(source, TaskOutput):
        raise PipelineTopologyError(f"dsl.OneOf takes outputs of tasks, not {channel!r}.", hint="Pass 'task.output'.")
    return source


def _must_be_alike(first: TaskOutput, other: TaskOutput, number: int) -> None:
    if str(first.type) != str(other.type):
        raise ComponentSignatureError(
            f"The outputs given to dsl.OneOf must be of one type: the first is {first.type}, number {number} is {other.type}.",
            hint="Make all branches return the same type.",
        )


def _no_else() -> PipelineTopologyError:
    return PipelineTopologyError(
        "dsl.OneOf needs an output from a dsl.Else branch, so that one of its outputs always exists.",
        hint="End the branches with 'with dsl.Else():' and pass an output of a task in it.",
    )
