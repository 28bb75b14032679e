"""From what a person names on the command line to a compiled pipeline.

A ``.py`` file is imported in this process: it is the user's own command that does it, never a server.
"""

from __future__ import annotations

import contextlib
import enum
import importlib.util
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from wherry.cli.kfp_names import kfp_is_installed, ours_as_kfp
from wherry.client.packages import is_kfp_component, package_of
from wherry.dsl.components import Component, GraphComponent
from wherry.dsl.names import component_key
from wherry.errors import InvalidArgumentError, NotFoundError, WherryError
from wherry.ir.spec import Json, ParameterType, PipelinePackage, PipelineSpec
from wherry.ir.types import check_arguments, parse_argument
from wherry.ir.validate import check
from wherry.ir.yaml import parse_package

_REFUSED_BY_KFP: Final = (
    "kfp refuses it. It refuses some right pipelines, too: `--compiler wherry` tries with wherry's own compiler."
)


class CompilerChoice(enum.Enum):
    """Whose compiler a file that imports kfp is for."""

    AUTO = "auto"  # kfp's where kfp is installed, else ours
    KFP = "kfp"
    WHERRY = "wherry"  # ours, though kfp is installed: the name kfp means ours while the file is loaded


def load_pipeline(source: str, *, function: str | None = None, compiler: CompilerChoice = CompilerChoice.AUTO) -> Any:
    """Import a Python file and return the pipeline (or single component) in it.

    Args:
        source: path of a ``.py`` file.
        function: name in the file; needed only if the file defines several pipelines.
        compiler: what ``import kfp`` in it means.

    Returns:
        A `Component` of ours, or one of kfp's.

    Raises:
        NotFoundError: no such file, or nothing of that name in it.
        InvalidArgumentError: the file defines no pipeline, or several of which none contains the others, and none was
            named.
    """
    path = Path(source)
    if not path.is_file():
        raise NotFoundError(f"there is no file {source!r}", hint="Name a pipeline's .py or .yaml file.")
    with _kfp_meaning(compiler):
        module = _import_file(path)
    members = {name: value for name, value in vars(module).items() if _is_component(value)}
    if function is not None:
        if function not in members:
            raise NotFoundError(
                f"{source} has no pipeline or component named {function!r}",
                hint=f"It has {', '.join(sorted(members)) or 'none at all'}.",
            )
        return members[function]
    defined = {name: value for name, value in members.items() if _defined_in(module, value)} or members
    pipelines = {name: value for name, value in defined.items() if _is_pipeline(value)}
    found = _outermost(pipelines) if len(pipelines) > 1 else pipelines or defined
    if not found:
        raise InvalidArgumentError(
            f"{source} defines no pipeline", hint="Decorate a function with @dsl.pipeline (from wherry import dsl)."
        )
    if len(found) > 1:
        raise InvalidArgumentError(
            f"{source} defines several pipelines: {', '.join(sorted(found))}",
            hint="Say which one with --function NAME.",
        )
    return next(iter(found.values()))


def load_package(
    source: str, *, function: str | None = None, compiler: CompilerChoice = CompilerChoice.AUTO
) -> PipelinePackage:
    """The compiled, checked pipeline behind ``source``: a ``.py`` file, or an IR file that kfp or wherry wrote."""
    path = Path(source)
    if path.suffix in {".yaml", ".yml", ".json"}:
        if not path.is_file():
            raise NotFoundError(f"there is no file {source!r}", hint="Name a pipeline's .py or .yaml file.")
        if function is not None:
            raise InvalidArgumentError("--function goes with a .py file", hint="A compiled file holds one pipeline.")
        package = parse_package(path.read_bytes(), source=source)
    else:
        package = package_of(load_pipeline(source, function=function, compiler=compiler))
    check(package)
    return package


def arguments_from(spec: PipelineSpec, pairs: Sequence[str]) -> dict[str, Json]:
    """Arguments of a run from ``--param name=value`` texts, read by the declared types and checked.

    Raises:
        InvalidArgumentError: a text without ``=``, an unknown or missing parameter, a value of the wrong type.
    """
    declared = _parameter_types(spec)
    values: dict[str, Json] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            raise InvalidArgumentError(f"--param {pair!r} has no '='", hint="Write --param name=value.")
        kind = declared.get(name)
        # An unknown name is left to the check below, which lists what exists.
        values[name] = text if kind is None else parse_argument(text, kind, name=name)
    return check_arguments(spec, values)


def _parameter_types(spec: PipelineSpec) -> Mapping[str, ParameterType]:
    inputs = spec.root.input_definitions
    return {} if inputs is None else {name: p.parameter_type for name, p in inputs.parameters.items()}


def _kfp_meaning(compiler: CompilerChoice) -> contextlib.AbstractContextManager[None]:
    installed = kfp_is_installed()
    if compiler is CompilerChoice.KFP and not installed:
        raise InvalidArgumentError("kfp is not installed here", hint="Install it, or leave --compiler kfp out.")
    if compiler is CompilerChoice.WHERRY or not installed:
        return ours_as_kfp()
    return contextlib.nullcontext()


def _is_component(value: object) -> bool:
    return isinstance(value, Component) or is_kfp_component(value)


def _is_pipeline(value: object) -> bool:
    return isinstance(value, GraphComponent) or type(value).__name__ == "GraphComponent"


def _outermost(pipelines: Mapping[str, Any]) -> Mapping[str, Any]:
    """Those that are no part of another one in the same file."""
    inside: set[str] = set()
    for pipeline in pipelines.values():
        with contextlib.suppress(WherryError):  # whoever is chosen tells what is wrong with it
            components = package_of(pipeline).spec.components
            inside.update(name for name, component in components.items() if component.dag is not None)
    return {name: it for name, it in pipelines.items() if component_key(it.name) not in inside} or pipelines


def _defined_in(module: ModuleType, value: object) -> bool:
    function: Any = getattr(value, "python_func", None) or getattr(value, "pipeline_func", None)
    return getattr(function, "__module__", None) == module.__name__


def _import_file(path: Path) -> ModuleType:
    name = f"wherry_source_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise InvalidArgumentError(f"{path} is no Python file", hint="Name a pipeline's .py or .yaml file.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    # A file may import what lies beside it, as it could if it were run by itself.
    sys.path.insert(0, str(path.resolve().parent))
    try:
        spec.loader.exec_module(module)
    except WherryError:
        raise
    except Exception as error:
        raise InvalidArgumentError(
            f"{path} cannot be imported: {type(error).__name__}: {error}",
            hint=_REFUSED_BY_KFP if _raised_in_kfp(error) else "Run it with `python` to see the whole traceback.",
        ) from error
    return module


def _raised_in_kfp(error: Exception) -> bool:
    """Whether kfp's own code refused something, as it does with some right pipelines."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    return frame is not None and str(frame.tb_frame.f_globals.get("__name__", "")).startswith("kfp.")
