"""What a container component runs: an image and a command, with texts that the backend fills in when the task starts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeAlias

from wherry.dsl.graph import Interface
from wherry.dsl.value_types import ArtifactType, ParameterType
from wherry.errors import ComponentSignatureError


class Placeholder:
    """Part of a command, known when the task starts. A primitive one may stand in an f-string."""

    def encode(self) -> Any:
        """The text, or for a nested placeholder the JSON object, that stands for it in the IR."""
        raise NotImplementedError


class ReferencePlaceholder(Placeholder):
    """``{{$.inputs.parameters['x']}}`` and its like.

    Args:
        text: The placeholder as the IR spells it.
        metadata: Whether ``placeholder['key']`` names one key of the metadata.
    """

    def __init__(self, text: str, *, metadata: bool = False) -> None:
        self._text = text
        self._metadata = metadata

    def encode(self) -> str:
        """The text."""
        return f"{{{{$.{self._text}}}}}"

    def __str__(self) -> str:
        return self.encode()

    def __getitem__(self, key: str) -> str:
        if not self._metadata:
            raise KeyError(
                f"Cannot take element {key!r} of {self.encode()}: a container component passes such a value as a whole."
            )
        return f"{{{{$.{self._text}['{key}']}}}}"

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"Cannot take '{name}' of {self.encode()}: a container component passes it as a whole.")


class ArtifactPlaceholder:
    """An artifact parameter of a container component: has ``uri``, ``path`` and ``metadata``."""

    def __init__(self, side: str, name: str) -> None:
        self._text = f"{side}.artifacts['{name}']"

    @property
    def uri(self) -> ReferencePlaceholder:
        """Where the artifact lies."""
        return ReferencePlaceholder(f"{self._text}.uri")

    @property
    def path(self) -> ReferencePlaceholder:
        """Its local path."""
        return ReferencePlaceholder(f"{self._text}.path")

    @property
    def metadata(self) -> ReferencePlaceholder:
        """All its metadata as JSON, or with ``['key']`` one value."""
        return ReferencePlaceholder(f"{self._text}.metadata", metadata=True)


class ConcatPlaceholder(Placeholder):
    """Several texts and placeholders as one argument.

    Args:
        items: What to join. A `IfPresentPlaceholder` in it must have single elements, not lists.

    Raises:
        ComponentSignatureError: A nested `IfPresentPlaceholder` has a list.
    """

    def __init__(self, items: list[CommandLineElement]) -> None:
        for item in items:
            _no_lists_inside_concat(item)
        self.items = items

    def encode(self) -> dict[str, Any]:
        """``{"Concat": [...]}``."""
        return {"Concat": [_encoded(item) for item in self.items]}

    def __str__(self) -> str:
        raise ComponentSignatureError("ConcatPlaceholder cannot be used in an f-string.", hint="Put the text into it.")


class IfPresentPlaceholder(Placeholder):
    """One thing if an optional input was given, another if not.

    Args:
        input_name: The optional input.
        then: Element or list of elements if it was given.
        else_: The same if it was not. Default: nothing.
    """

    def __init__(
        self,
        input_name: str,
        then: CommandLineElement | list[CommandLineElement],
        else_: CommandLineElement | list[CommandLineElement] | None = None,
    ) -> None:
        self.input_name = input_name
        self.then = then
        self.else_ = else_

    def encode(self) -> dict[str, Any]:
        """``{"IfPresent": {"InputName": ..., "Then": ..., "Else": ...}}``."""
        body = {"InputName": self.input_name, "Then": _encoded(self.then)}
        if self.else_:
            body["Else"] = _encoded(self.else_)
        return {"IfPresent": body}

    def __str__(self) -> str:
        raise ComponentSignatureError(
            "IfPresentPlaceholder cannot be used in an f-string.", hint="Make it an argument."
        )


CommandLineElement: TypeAlias = Any
"""A text, a placeholder, or an int, float or bool parameter of the component."""


class ContainerSpec:
    """What a container component runs.

    Args:
        image: The image.
        command: Its entry point, of texts and placeholders. Default: the image's own.
        args: Arguments to it.
    """

    def __init__(
        self,
        image: str,
        command: list[CommandLineElement] | None = None,
        args: list[CommandLineElement] | None = None,
    ) -> None:
        self.image = image
        self.command = command
        self.args = args


def command_texts(elements: list[CommandLineElement] | None, interface: Interface, *, where: str) -> tuple[str, ...]:
    """The elements of a command as the IR holds them.

    Raises:
        ComponentSignatureError: An element is no text, or names an input that the component does not have.
    """
    texts = []
    for element in elements or []:
        _check_names(element, interface, where)
        if isinstance(element, str):
            texts.append(element)
        elif isinstance(element, Placeholder):
            encoded = element.encode()
            texts.append(encoded if isinstance(encoded, str) else json.dumps(encoded))
        else:
            raise ComponentSignatureError(
                f"{where} has the element {element!r} of type {type(element).__name__}; expected a text or a placeholder.",
                hint="Turn it into a str, or for an artifact take its .uri or .path.",
            )
    return tuple(texts)


def parameter_placeholders(interface: Interface) -> Mapping[str, Any]:
    """What a container component's function is called with, by parameter."""
    values: dict[str, Any] = {}
    for name, spec in interface.inputs.items():
        match spec.type:
            case ArtifactType(is_list=True):
                values[name] = ReferencePlaceholder(f"inputs.artifacts['{name}']")
            case ArtifactType():
                values[name] = ArtifactPlaceholder("inputs", name)
            case _:
                values[name] = ReferencePlaceholder(f"inputs.parameters['{name}']")
    for name, output in interface.outputs.items():
        match output.type:
            case ArtifactType(is_list=True):
                values[name] = ReferencePlaceholder(f"outputs.artifacts['{name}']")
            case ArtifactType():
                values[name] = ArtifactPlaceholder("outputs", name)
            case ParameterType():
                values[name] = ReferencePlaceholder(f"outputs.parameters['{name}'].output_file")
    return values


def _encoded(element: Any) -> Any:
    if isinstance(element, list):
        return [_encoded(item) for item in element]
    return element.encode() if isinstance(element, Placeholder) else element


def _check_names(element: Any, interface: Interface, where: str) -> None:
    match element:
        case IfPresentPlaceholder():
            if element.input_name not in interface.inputs:
                raise ComponentSignatureError(
                    f"{where} has an IfPresentPlaceholder for '{element.input_name}', which is no input of the component.",
                    hint="Name one of its parameters.",
                )
            for part in (element.then, element.else_):
                for inner in part if isinstance(part, list) else [part]:
                    _check_names(inner, interface, where)
        case ConcatPlaceholder():
            for inner in element.items:
                _check_names(inner, interface, where)
        case _:
            return


def _no_lists_inside_concat(item: Any) -> None:
    match item:
        case IfPresentPlaceholder():
            if isinstance(item.then, list) or isinstance(item.else_, list):
                raise ComponentSignatureError(
                    "An IfPresentPlaceholder inside a ConcatPlaceholder has a list.",
                    hint="Give it a single element for 'then' and 'else_'.",
                )
            _no_lists_inside_concat(item.then)
            _no_lists_inside_concat(item.else_)
        case ConcatPlaceholder():
            for inner in item.items:
                _no_lists_inside_concat(inner)
        case _:
            return
