"""Types of what flows between tasks, as far as the IR tells them apart."""

from __future__ import annotations

import enum
import types
from collections.abc import Mapping
from typing import Any, Final, TypeAlias, get_args, get_origin

from wherry.dsl.values import Value
from wherry.errors import ComponentSignatureError
from wherry.runtime.annotations import (
    InputPath,
    OutputPath,
    artifact_list_item,
    is_artifact_class,
    marked_type,
    marker_of,
)
from wherry.runtime.artifacts import Artifact
from wherry.runtime.parameter_types import parameter_type


class Kind(enum.Enum):
    """Kind of a parameter. Names are those of the IR's ``ParameterTypeEnum``."""

    NUMBER_DOUBLE = "NUMBER_DOUBLE"
    NUMBER_INTEGER = "NUMBER_INTEGER"
    STRING = "STRING"
    BOOLEAN = "BOOLEAN"
    LIST = "LIST"
    STRUCT = "STRUCT"
    TASK_FINAL_STATUS = "TASK_FINAL_STATUS"
    TASK_CONFIG = "TASK_CONFIG"


class ParameterType(Value):
    """Type of a parameter.

    ``element`` is the type of a list's items or of a struct's values, where the author has declared one.
    ``certain`` is False where the type was assumed: an item of a list of unknown items counts as a STRING in the IR
    and may be connected to anything.
    """

    kind: Kind
    element: ParameterType | None = None
    certain: bool = True

    def __str__(self) -> str:
        return self.kind.name


class ArtifactType(Value):
    """Type of an artifact, or of a list of artifacts."""

    schema_title: str
    schema_version: str
    is_list: bool = False

    def __str__(self) -> str:
        name = f"{self.schema_title}@{self.schema_version}"
        return f"List[{name}]" if self.is_list else name


ValueType: TypeAlias = ParameterType | ArtifactType

ASSUMED: Final = ParameterType(Kind.STRING, certain=False)
"""What the IR calls a value of unknown type."""

PLAIN_LIST: Final = ParameterType(Kind.LIST)

_KIND_OF_CLASS: Final[Mapping[type, Kind]] = {
    bool: Kind.BOOLEAN,
    str: Kind.STRING,
    int: Kind.NUMBER_INTEGER,
    float: Kind.NUMBER_DOUBLE,
    list: Kind.LIST,
    dict: Kind.STRUCT,
}


def type_of_annotation(annotation: Any, *, where: str) -> ValueType:
    """The type that an annotation declares, markers (``Input[...]``, ``InputPath(...)``) included.

    Args:
        annotation: What stands in the signature, without ``Optional``.
        where: Names the place in an error, such as ``parameter 'x' of 'train'``.

    Raises:
        ComponentSignatureError: The annotation is no type of the IR.
    """
    if marker_of(annotation) is not None:
        annotation = marked_type(annotation)
    elif isinstance(annotation, InputPath | OutputPath):
        annotation = annotation.type
    if is_artifact_class(annotation):
        return _artifact_type(annotation.schema_title, annotation.schema_version, where=where)
    if (item := artifact_list_item(annotation)) is not None:
        return _artifact_type(item.schema_title, item.schema_version, where=where).changed(is_list=True)
    if isinstance(annotation, str) and "@" in annotation:
        return _artifact_type(*annotation.split("@", 1), where=where)
    parameter = _parameter(annotation)
    if parameter is None:
        raise ComponentSignatureError(
            f"{where} has the annotation {_spelled(annotation)}, which is neither a parameter type nor an artifact class.",
            hint="Use str, int, float, bool, list or dict, or an artifact class such as dsl.Dataset.",
        )
    return parameter


def _parameter(annotation: Any) -> ParameterType | None:
    name = parameter_type(annotation)
    if name is None:
        return None
    arguments = get_args(annotation)
    element: ParameterType | None = None
    if get_origin(annotation) is list and arguments:
        element = _parameter(arguments[0])
        if isinstance(annotation, types.GenericAlias) and arguments[0] is str:
            element = None  # kfp lets an item of list[str] flow into any parameter, an item of typing.List[str] not
    elif get_origin(annotation) is dict and len(arguments) > 1:
        element = _parameter(arguments[1])
    return ParameterType(Kind[name], element)


def type_of_constant(value: object) -> ParameterType | None:
    """The type of a Python value, with the type of its first element; None if no parameter can hold it."""
    kind = _KIND_OF_CLASS.get(type(value))
    return None if kind is None else ParameterType(kind)


def item_type(items: ParameterType) -> ParameterType:
    """The type of one item of a list."""
    return items.element or ASSUMED


def value_type(struct: ParameterType) -> ParameterType:
    """The type of one value of a struct."""
    return struct.element or ASSUMED


def can_connect(given: ValueType, wanted: ValueType, *, is_loop_value: bool = False) -> bool:
    """Whether a value of type ``given`` may flow into an input or output declared as ``wanted``.

    Parameters must be of the very same kind. Artifacts must have the same title and major version, unless one of the
    two is ``system.Artifact``; a list never meets a single artifact.
    """
    match given, wanted:
        case ParameterType(), ParameterType():
            return given.kind is wanted.kind or (is_loop_value and not given.certain)
        case ArtifactType(), ArtifactType():
            if given.is_list != wanted.is_list:
                return False
            same_title = given.schema_title == wanted.schema_title
            same_major = given.schema_version.split(".")[0] == wanted.schema_version.split(".")[0]
            anything = Artifact.schema_title in {given.schema_title, wanted.schema_title}
            return anything or (same_title and same_major)
        case _:
            return is_loop_value and isinstance(given, ParameterType) and not given.certain


def _artifact_type(title: str, version: str, *, where: str) -> ArtifactType:
    if len(title.split(".")) != 2 or title.split(".", maxsplit=1)[0] not in {"system", "google"}:  # noqa: PLR2004  namespace.Name
        raise ComponentSignatureError(
            f"{where} has the artifact type {title!r}; expected 'system.Name' or 'google.Name'.",
            hint="Set schema_title of the artifact class to 'system.' or 'google.' and a name.",
        )
    if len(version.split(".")) != 3:  # noqa: PLR2004  major.minor.patch
        raise ComponentSignatureError(
            f"{where} has an artifact type of version {version!r}; expected three numbers, such as '0.0.1'.",
            hint="Set schema_version of the artifact class to 'major.minor.patch'.",
        )
    return ArtifactType(title, version)


def _spelled(annotation: Any) -> str:
    return annotation.__name__ if isinstance(annotation, type) else repr(annotation)
