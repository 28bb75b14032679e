"""Markers in a component's signature: which argument is an input or output artifact, and which a path."""

from __future__ import annotations

import types
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from wherry.runtime.artifacts import ARTIFACT_CLASSES, Artifact
from wherry.runtime.parameter_types import parameter_type

#: The class of ``X | None``. Python 3.9 has neither.
_UNION_TYPE: type | None = getattr(types, "UnionType", None)


class InputAnnotation:
    """Marks an input artifact; written as ``Input[...]``."""


class OutputAnnotation:
    """Marks an output artifact; written as ``Output[...]``."""


class EmbeddedAnnotation:
    """Marks an asset that travels inside the component's source; written as ``EmbeddedInput[...]``."""


T = TypeVar("T")

Input = Annotated[T, InputAnnotation]
"""An input artifact: ``model: Input[Model]``; a list of them: ``models: Input[List[Model]]``."""

Output = Annotated[T, OutputAnnotation]
"""An output artifact, made by the service and passed to the function: ``model: Output[Model]``."""

EmbeddedInput = Annotated[T, EmbeddedAnnotation]
"""The asset given as ``embedded_artifact_path``: no input of the component, its ``path`` is the unpacked asset."""


class _PathAnnotation:
    """Common part of InputPath and OutputPath: ``type`` is a parameter's type, or an artifact's title and version."""

    def __init__(self, type: Any = None) -> None:  # noqa: A002  kfp's name
        self.type = _path_type(type)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.type == other.type

    def __hash__(self) -> int:
        return hash((type(self), str(self.type)))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.type!r})"


class InputPath(_PathAnnotation):
    """The local path of an input artifact: ``data: InputPath("Dataset")``. Without a type: of any artifact."""


class OutputPath(_PathAnnotation):
    """A path to write an output to: an artifact (``OutputPath("Dataset")``) or a parameter (``OutputPath(int)``)."""


def _path_type(declared: Any) -> Any:
    if is_artifact_class(declared):
        return f"{declared.schema_title}@{declared.schema_version}"
    if isinstance(declared, str):
        for cls in ARTIFACT_CLASSES.values():
            if declared.lower() == cls.__name__.lower():
                return f"{cls.schema_title}@{cls.schema_version}"
    if parameter_type(declared) is not None:
        return declared
    return f"{Artifact.schema_title}@{Artifact.schema_version}"


def marker_of(annotation: Any) -> type | None:
    """InputAnnotation, OutputAnnotation or EmbeddedAnnotation, if ``annotation`` was written with one; else None."""
    metadata = getattr(annotation, "__metadata__", ())
    known = (InputAnnotation, OutputAnnotation, EmbeddedAnnotation)
    return metadata[0] if metadata and metadata[0] in known else None


def marked_type(annotation: Any) -> Any:
    """What stands in the brackets of ``Input[...]``, ``Output[...]`` or ``EmbeddedInput[...]``."""
    return get_args(annotation)[0]


def strip_optional(annotation: Any) -> Any:
    """``T`` of ``Optional[T]`` or ``T | None``; anything else as it is."""
    if get_origin(annotation) is Union or (_UNION_TYPE is not None and isinstance(annotation, _UNION_TYPE)):
        members = [member for member in get_args(annotation) if member is not type(None)]
        if len(members) == 1 and len(get_args(annotation)) > 1:
            return members[0]
    return annotation


def is_artifact_class(annotation: Any) -> bool:
    """Whether this is an artifact class, ours or any that has a schema title and version."""
    return hasattr(annotation, "schema_title") and hasattr(annotation, "schema_version")


def artifact_list_item(annotation: Any) -> Any:
    """The artifact class ``T`` of ``list[T]`` or ``List[T]``, or None if this is no list of artifacts."""
    if get_origin(annotation) is list and get_args(annotation):
        item = get_args(annotation)[0]
        return item if is_artifact_class(item) else None
    return None


def is_named_tuple(annotation: Any) -> bool:
    """Whether this is a NamedTuple class: the declaration of several outputs."""
    return isinstance(annotation, type) and issubclass(annotation, tuple) and hasattr(annotation, "_fields")
