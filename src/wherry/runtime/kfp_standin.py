"""``kfp`` and ``wherry.dsl`` as a task sees them: stand-ins made of the classes of this package.

A lightweight component's source starts with ``import kfp`` and ``from kfp.dsl import *``. KFP installs itself into
each task for that; here the names resolve to ours, and nothing is installed. They are those that kfp 2.17 can
import under ``_KFP_RUNTIME=true``, without its inner modules. Any other name says that a task does not have it.
"""

from __future__ import annotations

import sys
import types
import typing
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from typing import Any, NoReturn

from wherry.runtime import annotations as markers
from wherry.runtime import artifacts, final_status, placeholders, task_config, uris

#: The version of KFP whose names are offered.
KFP_VERSION = "2.17.0"

_PLACEHOLDERS = {name: value for name, value in vars(placeholders).items() if name.endswith("_PLACEHOLDER")}
_ARTIFACTS = {cls.__name__: cls for cls in artifacts.ARTIFACT_CLASSES.values()}


def run_notebook(**_parameters: Any) -> NoReturn:
    """Replaced inside a notebook component, where it runs the notebook; anywhere else there is none.

    Raises:
        NotImplementedError: always.
    """
    raise NotImplementedError(
        "dsl.run_notebook() works inside a notebook component only: no notebook travels with this task."
    )


#: What ``from kfp.dsl import *`` brings.
DSL_EXPORTS: dict[str, Any] = {
    "Input": markers.Input,
    "Output": markers.Output,
    "InputPath": markers.InputPath,
    "OutputPath": markers.OutputPath,
    "PipelineTaskFinalStatus": final_status.PipelineTaskFinalStatus,
    "TaskConfig": task_config.TaskConfig,
    **_ARTIFACTS,
    "get_uri": uris.get_uri,
    **_PLACEHOLDERS,
    "run_notebook": run_notebook,
}

#: What ``kfp.dsl`` has beside its exports.
DSL_OTHER_NAMES: dict[str, Any] = {
    "EmbeddedInput": markers.EmbeddedInput,
    "InputAnnotation": markers.InputAnnotation,
    "OutputAnnotation": markers.OutputAnnotation,
    "EmbeddedAnnotation": markers.EmbeddedAnnotation,
    "Annotated": typing.Annotated,
    "TypeVar": typing.TypeVar,
    "T": markers.T,
}

#: The inner modules of kfp that hold public classes, and what each offers.
_SUBMODULES: dict[str, dict[str, Any]] = {
    "kfp.version": {"__version__": KFP_VERSION},
    "kfp.dsl.types": {},
    "kfp.dsl.types.artifact_types": {**_ARTIFACTS, "get_uri": uris.get_uri},
    "kfp.dsl.types.type_annotations": {
        name: getattr(markers, name)
        for name in ("InputPath", "OutputPath", "InputAnnotation", "OutputAnnotation", "EmbeddedAnnotation")
    },
    "kfp.dsl.task_config": {"TaskConfig": task_config.TaskConfig},
    "kfp.dsl.task_final_status": {"PipelineTaskFinalStatus": final_status.PipelineTaskFinalStatus},
    "kfp.dsl.constants": {"WORKSPACE_MOUNT_PATH": uris.WORKSPACE_MOUNT_PATH},
    "kfp.dsl.notebook_helpers": {"run_notebook": run_notebook},
}


def _not_in_a_task(name: str) -> str:
    return (
        f"{name} is not available inside a task: there, kfp and wherry.dsl hold only what a running component uses "
        "(artifact classes, Input, Output, placeholders). "
        "Add 'kfp' to the component's packages_to_install if it needs the whole of kfp."
    )


class _Refusal:
    """A finder that answers for every part of kfp and wherry which the stand-ins do not have."""

    def __init__(self, packages: tuple[str, ...]) -> None:
        self.packages = packages

    def find_spec(self, fullname: str, _path: Sequence[str] | None = None, _target: object = None) -> ModuleSpec | None:
        package, dot, rest = fullname.partition(".")
        if not dot or package not in self.packages or (package == "wherry" and rest.partition(".")[0] == "runtime"):
            return None
        # Without the error's ``name``: with it, ``from kfp.dsl import component`` would swallow this message.
        raise ModuleNotFoundError(_not_in_a_task(fullname))


def install(*, real_kfp: bool = False) -> None:
    """Make the stand-ins importable in this process, for good. Doing it again changes nothing.

    Args:
        real_kfp: The environment has kfp itself, which is to be found then; only ``wherry.dsl`` is stood in for.
    """
    if any(isinstance(finder, _Refusal) for finder in sys.meta_path):
        return
    packages: tuple[str, ...] = ("wherry",) if real_kfp else ("wherry", "kfp")
    wherry = sys.modules["wherry"]
    _refuse_other_names(wherry)
    _add("wherry.dsl", _dsl_contents())
    if not real_kfp:
        _add("kfp", {"__version__": KFP_VERSION, "TYPE_CHECK": True})
        _add("kfp.dsl", _dsl_contents())
        for name, contents in _SUBMODULES.items():
            _add(name, contents)
    sys.meta_path.insert(0, _Refusal(packages))


def _dsl_contents() -> dict[str, Any]:
    return {**DSL_EXPORTS, **DSL_OTHER_NAMES, "__all__": list(DSL_EXPORTS)}


def _add(name: str, contents: dict[str, Any]) -> None:
    module = types.ModuleType(name, f"Stand-in for {name} inside a task.")
    # A package without folders: only then does the import system ask the finder for names that are missing.
    module.__path__ = []
    module.__dict__.update(contents)
    _refuse_other_names(module)
    sys.modules[name] = module
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], child, module)


def _refuse_other_names(module: types.ModuleType) -> None:
    def refuse(attribute: str) -> NoReturn:
        raise AttributeError(_not_in_a_task(f"{module.__name__}.{attribute}"))

    module.__dict__["__getattr__"] = refuse
