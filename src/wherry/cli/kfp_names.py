"""The name ``kfp`` for files that import it, where kfp is not installed: ours answers to it while a file is loaded."""

from __future__ import annotations

import contextlib
import importlib.util
import sys
import types
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec
from typing import Any, Final, NoReturn

import wherry.compiler
import wherry.dsl
from wherry import client
from wherry.errors import WherryError
from wherry.runtime import annotations as markers
from wherry.runtime.artifacts import ARTIFACT_CLASSES
from wherry.runtime.kfp_standin import KFP_VERSION

_PACKAGE: Final = "kfp"


def kfp_is_installed() -> bool:
    """Whether kfp itself can be imported. kfp-pipeline-spec alone makes a package of that name without code."""
    try:
        spec = importlib.util.find_spec(_PACKAGE)
    except (ImportError, ValueError):
        return False
    return spec is not None and spec.origin is not None


@contextlib.contextmanager
def ours_as_kfp() -> Iterator[None]:
    """Let ``import kfp`` find wherry's parts: dsl, compiler, Client, the artifact classes.

    Whatever else of kfp a file asks for is refused by name. Afterwards the process is as it was before.
    """
    before = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == _PACKAGE}
    for name in before:
        del sys.modules[name]
    finder = _Refusal()
    sys.meta_path.insert(0, finder)
    sys.modules.update(_modules())
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if name.partition(".")[0] == _PACKAGE]:
            del sys.modules[name]
        sys.modules.update(before)


def _modules() -> dict[str, types.ModuleType]:
    artifacts = {kind.__name__: kind for kind in ARTIFACT_CLASSES.values()}
    inner: dict[str, dict[str, Any]] = {
        "kfp.client": {"Client": client.Client},
        "kfp.version": {"__version__": KFP_VERSION},
        "kfp.dsl.types": {},
        "kfp.dsl.types.artifact_types": artifacts,
        "kfp.dsl.types.type_annotations": {
            name: getattr(markers, name) for name in ("InputPath", "OutputPath", "InputAnnotation", "OutputAnnotation")
        },
    }
    modules: dict[str, types.ModuleType] = {name: _module(name, contents) for name, contents in inner.items()}
    modules["kfp.local"] = _module(
        "kfp.local", {"init": _init_local, "SubprocessRunner": _Runner, "DockerRunner": _Runner}
    )
    modules["kfp.dsl"] = wherry.dsl
    modules["kfp.compiler"] = wherry.compiler
    modules[_PACKAGE] = _module(
        _PACKAGE,
        {
            "__version__": KFP_VERSION,
            "dsl": wherry.dsl,
            "compiler": wherry.compiler,
            "client": modules["kfp.client"],
            "Client": client.Client,
            "local": modules["kfp.local"],
        },
    )
    return modules


class _Runner:
    """In the place of kfp.local's runners. Wherry's settings say where tasks run."""

    def __init__(self, *_settings: Any, **_more: Any) -> None:
        pass


def _init_local(runner: Any = None, **_more: Any) -> None:  # noqa: ARG001  kfp's signature
    """In the place of ``kfp.local.init``: components that are called run here."""
    from wherry import local

    local.init()


def _module(name: str, contents: dict[str, Any]) -> types.ModuleType:
    module = types.ModuleType(name, f"wherry in the place of {name}.")
    # A package without folders: only then does the import system ask the finder for names that are missing.
    module.__path__ = []
    module.__dict__.update(contents)

    def refuse(attribute: str) -> NoReturn:
        raise AttributeError(MissingPartError(f"{name}.{attribute}").message)

    module.__dict__["__getattr__"] = refuse
    return module


class _Refusal:
    """A finder that answers for every part of kfp which wherry has not."""

    def find_spec(self, fullname: str, _path: Sequence[str] | None = None, _target: object = None) -> ModuleSpec | None:
        if fullname.partition(".")[0] != _PACKAGE:
            return None
        # Without an ImportError's ``name``: with it, ``from kfp import x`` would swallow this message.
        raise MissingPartError(fullname)


class MissingPartError(WherryError, ModuleNotFoundError):
    """A file asks for a part of kfp that wherry, standing in for it, has not. An ImportError, as the file expects."""

    code = "INVALID_ARGUMENT"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name}: wherry stands in for kfp here, and has no {name.removeprefix('kfp.')}",
            hint="Install kfp (and kfp-kubernetes, if that is what is missing): its own compiler is used then.",
        )
