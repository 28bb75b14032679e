"""Which Python annotations are parameters, and of which type in the IR."""

from __future__ import annotations

import re
from typing import Any

from wherry.runtime.final_status import PipelineTaskFinalStatus
from wherry.runtime.task_config import TaskConfig

#: Lower-cased name of a Python type, or one of KFP's older type names, to ``ParameterType`` of the IR.
PARAMETER_TYPES = {
    "int": "NUMBER_INTEGER",
    "integer": "NUMBER_INTEGER",
    "float": "NUMBER_DOUBLE",
    "double": "NUMBER_DOUBLE",
    "str": "STRING",
    "string": "STRING",
    "text": "STRING",
    "bool": "BOOLEAN",
    "boolean": "BOOLEAN",
    "list": "LIST",
    "jsonarray": "LIST",
    "dict": "STRUCT",
    "jsonobject": "STRUCT",
}

_SHORT_NAME = re.compile(r"(?:typing\.)?(\w+)(?:\[.+\])?")


def parameter_type(annotation: Any) -> str | None:
    """The IR's ``ParameterType`` name of an annotation, or None if it declares no parameter.

    Args:
        annotation: A type (``int``), a generic (``list[int]``, ``typing.Dict[str, int]``) or a type's name
            (``"Integer"``). ``Optional`` must have been stripped.
    """
    if annotation is PipelineTaskFinalStatus:
        return "TASK_FINAL_STATUS"
    if annotation is TaskConfig:
        return "TASK_CONFIG"
    name = annotation.__name__ if type(annotation) is type else str(annotation)
    short = _SHORT_NAME.match(name)
    return PARAMETER_TYPES.get((short[1] if short else name).lower())
