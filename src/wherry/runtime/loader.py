"""Loads a component's function from its source text."""

from __future__ import annotations

import contextlib
import linecache
import sys
import types
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

#: KFP's name for the module that holds a lightweight component; pickles made by components refer to it.
MODULE_NAME = "ephemeral_component"


class FunctionNotFoundError(ValueError):
    """A component's source does not define the function that is to run."""


#: What compilers of components put before the author's source.
HEADER = "\nimport kfp\nfrom kfp import dsl\nfrom kfp.dsl import *\nfrom typing import *\n"

_compiled: dict[tuple[str, str], types.CodeType] = {}

#: A module in which `HEADER` has been run ahead, for the one component that a fork of this process loads.
_begun: list[types.ModuleType] = []

_MOST_COMPILED = 256


def unload(function: str) -> None:
    """Undo the loading of a function of our own, but for the header: that stays run, for a component in a fork.

    Its star imports count a reference to two hundred objects, and in a fork each page that holds one is copied.
    """
    module = sys.modules.pop(MODULE_NAME)
    linecache.cache.pop(module.__dict__.pop("__file__"), None)
    del module.__dict__[function]
    _begun[:] = [module]


def compile_ahead(source: str, function: str) -> None:
    """Compile a component's source for forks of this process. Nothing happens if it cannot be, or only with a warning.

    Args:
        source: As in `load_function`; the same text.
        function: Name of the function in it.
    """
    filename = _filename(function)
    if (source, filename) in _compiled or len(_compiled) >= _MOST_COMPILED:
        return
    # A warning belongs into the task's log: there it is compiled again.
    with warnings.catch_warnings(), contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):
        warnings.simplefilter("error")
        _compiled[source, filename] = compile(_rest(source), filename, "exec", dont_inherit=True)


def _rest(source: str) -> str:
    """The source without the header, if that has been run; its lines keep their numbers."""
    if _begun and source.startswith(HEADER):
        return "\n" * HEADER.count("\n") + source[len(HEADER) :]
    return source


def _filename(function: str) -> str:
    # Not the component's name: compilers number each further use of the same one, and its source is compiled once.
    return f"<component {function}>"


def load_function(
    source: str, function: str, *, component: str, source_folder: str | None = None
) -> Callable[..., Any]:
    """Run ``source`` as a module and return one of its functions.

    The lines show in tracebacks and are found by `inspect.getsource`.

    Args:
        source: Python text, with every import and helper the function needs.
        function: Name of the function in it.
        component: Name of the component, for messages.
        source_folder: If given, the source is also written there and the folder put first on ``sys.path``, as KFP
            does. Needed only where the component starts fresh Python processes that import its helpers.

    Raises:
        FunctionNotFoundError: the source defines no such function.
        Exception: whatever the source itself raises when it is run.
    """
    filename = _filename(function)
    if source_folder is not None:
        filename = str(Path(source_folder, f"{MODULE_NAME}.py"))
        Path(filename).write_text(source, encoding="utf-8")
        sys.path.insert(0, source_folder)
    # An entry without a modification time is never dropped as stale.
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    code = _compiled.get((source, filename)) or compile(_rest(source), filename, "exec", dont_inherit=True)
    module = _begun.pop() if _begun and source.startswith(HEADER) else types.ModuleType(MODULE_NAME)
    module.__file__ = filename
    sys.modules[MODULE_NAME] = module
    exec(code, module.__dict__)  # noqa: S102  running it is the task
    found = getattr(module, function, None)
    found = getattr(found, "python_func", found)
    if not callable(found):
        raise FunctionNotFoundError(f"The source of component {component!r} defines no function {function!r}.")
    loaded: Callable[..., Any] = found
    return loaded
