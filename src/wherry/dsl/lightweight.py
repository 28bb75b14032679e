"""The command of a component that is a Python function: its source travels in the command line.

The texts are KFP's protocol between SDK and image, byte for byte: a compiled pipeline must run on a stock KFP
installation, and a launcher recognises such a component by them.
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from wherry.dsl.signature import annotated_parameters, resolve_annotation
from wherry.errors import ComponentSignatureError
from wherry.runtime.annotations import is_artifact_class, is_named_tuple, marked_type, marker_of
from wherry.runtime.artifacts import ARTIFACT_CLASSES
from wherry.runtime.placeholders import PIPELINE_TASK_EXECUTOR_INPUT_PLACEHOLDER

KFP_VERSION: Final = "2.17.0"
"""The kfp whose executor the command installs where a stock image runs it."""

_EXECUTOR: Final = "kfp.dsl.executor_main"
_ENSURE_PIP: Final = (
    '\nif ! [ -x "$(command -v pip)" ]; then\n'
    "    python3 -m ensurepip || python3 -m ensurepip --user || apt-get install python3-pip\n"
    "fi\n\n"
    "PIP_DISABLE_PIP_VERSION_CHECK=1 "
)
_MAKE_VENV: Final = (
    "\nexport PIP_DISABLE_PIP_VERSION_CHECK=1\n"
    "tmp=$(mktemp -d)\n"
    'python3 -m venv "$tmp/venv" --system-site-packages\n'
    '. "$tmp/venv/bin/activate"\n'
)
_GAP: Final = " " * 25
_RUN_SOURCE: Final = (
    "program_path=$(mktemp -d)\n\n"
    'printf "%s" "$0" > "$program_path/ephemeral_component.py"\n'
    f"_KFP_RUNTIME=true python3 -m {_EXECUTOR}{_GAP}--component_module_path{_GAP}"
    f'"$program_path/ephemeral_component.py"{_GAP}"$@"\n'
)
_IMPORTS: Final = ("import kfp", "from kfp import dsl", "from kfp.dsl import *", "from typing import *")


def install_command(
    packages: Sequence[str],
    *,
    install_kfp: bool,
    kfp_requirements: Sequence[str] = (
        f"kfp=={KFP_VERSION}",
        "--no-deps",
        'typing-extensions>=3.7.4,<5; python_version<"3.9"',
    ),
    index_urls: Sequence[str] | None = None,
    trusted_hosts: Sequence[str] | None = None,
    use_venv: bool = False,
) -> tuple[str, ...]:
    """The part of the command that installs what the function needs; empty if there is nothing to install.

    Args:
        packages: The author's requirements, for pip.
        install_kfp: Whether the stock executor must be installed too. It is not if a requirement starts with ``kfp``.
        kfp_requirements: What to pass to pip for it.
        index_urls: The first is pip's index, the others are extra ones.
        trusted_hosts: None trusts the hosts of ``index_urls``.
        use_venv: Install the executor into a virtual environment.
    """
    install_kfp = install_kfp and not any(package.startswith("kfp") for package in packages)
    options = _index_options(index_urls or (), trusted_hosts)
    steps: list[str] = []
    if packages:
        steps.append(_pip_install(packages, options))
    if install_kfp:
        if packages:
            steps.append(" && ")
        if use_venv:
            steps.append(_MAKE_VENV)
        steps.append(_pip_install(kfp_requirements, options))
    if not steps:
        return ()
    return ("sh", "-c", f'{_ENSURE_PIP}{" ".join(steps)} && "$0" "$@"\n')


def source_command(
    function: Callable[..., Any], additional: Sequence[Callable[..., Any]] = (), helper: str = ""
) -> tuple[str, ...]:
    """The part of the command that writes the function's source to a file and runs it there.

    Args:
        function: The component's function.
        additional: Functions whose source comes before it.
        helper: Source that comes before both sources' use, such as an embedded archive.
    """
    imports = "\n".join((*_IMPORTS, *_artifact_imports(function)))
    others = "".join(f"\n\n{function_source(other)}" for other in additional)
    block = f"\n\n{helper}\n" if helper else ""
    source = f"\n{imports}{others}{block}\n\n{function_source(function)}\n"
    return ("sh", "-ec", _RUN_SOURCE, source)


def module_command() -> tuple[str, ...]:
    """The command of a component whose module is in its image."""
    return ("python3", "-m", _EXECUTOR)


def executor_arguments(function: Callable[..., Any]) -> tuple[str, ...]:
    """The executor's own arguments."""
    return ("--executor_input", PIPELINE_TASK_EXECUTOR_INPUT_PLACEHOLDER, "--function_to_execute", function.__name__)


def function_source(function: Callable[..., Any]) -> str:
    """Source of a function from its ``def`` line on, dedented.

    Raises:
        ComponentSignatureError: The source is not there, or is no ``def``.
    """
    try:
        lines = inspect.getsource(function).split("\n")
    except (OSError, TypeError) as error:
        raise ComponentSignatureError(
            f"The source of '{function.__name__}' cannot be read.",
            hint="Define the component in a file: its source travels in the pipeline.",
        ) from error
    depth = len(lines[0]) - len(lines[0].lstrip())
    # Lines of a multi-line text may start further left than the function does; they stay as they are.
    lines = textwrap.dedent("\n".join(lines)).split("\n") if depth else lines
    still = len(lines[0]) - len(lines[0].lstrip())
    lines = [line[still:] if still and line[:still].isspace() else line for line in lines]
    for number, line in enumerate(lines):
        if line.startswith("def"):
            return "\n".join(lines[number:])
    raise ComponentSignatureError(
        f"'{function.__name__}' is not defined by 'def'.", hint="Lambdas and 'async def' cannot be components."
    )


def _pip_install(requirements: Sequence[str], options: str) -> str:
    quoted = " ".join(repr(str(requirement)) for requirement in requirements)
    return f"python3 -m pip install --quiet --no-warn-script-location {options}{quoted}"


def _index_options(urls: Sequence[str], trusted_hosts: Sequence[str] | None) -> str:
    if not urls:
        return ""
    options = [f"--index-url {urls[0]}", *(f"--extra-index-url {url}" for url in urls[1:])]
    options += [f"--trusted-host {host}" for host in (urls if trusted_hosts is None else trusted_hosts)]
    return " ".join(options) + " "


def _artifact_imports(function: Callable[..., Any]) -> list[str]:
    """Import lines for artifact classes that kfp.dsl does not export, as the annotations name them."""
    annotations = [(name, annotation) for name, _, annotation in annotated_parameters(function)]
    returned = resolve_annotation(inspect.signature(function).return_annotation, function)
    annotations.append(("return", returned))
    if is_named_tuple(returned):
        annotations += [("return", field) for field in returned.__annotations__.values()]
    lines: list[str] = []
    for name, annotation in annotations:
        for cls in _artifact_classes(annotation):
            if cls in ARTIFACT_CLASSES.values():
                continue
            line = _import_line(cls, set(_names_in_annotation(function, name)), function.__name__)
            if line not in lines:
                lines.append(line)
    return lines


def _artifact_classes(annotation: Any) -> Iterator[type]:
    inner = marked_type(annotation) if marker_of(annotation) is not None else annotation
    candidates = (inner, *getattr(inner, "__args__", ()))
    yield from (candidate for candidate in candidates if isinstance(candidate, type) and is_artifact_class(candidate))


def _import_line(cls: type, written: set[str], function: str) -> str:
    parts = f"{cls.__module__}.{cls.__qualname__}".split(".")
    for number, part in enumerate(parts):
        if part in written:
            module = ".".join(parts[:number])
            return f"from {module} import {part}" if module else f"import {part}"
    raise ComponentSignatureError(
        f"'{function}' names the artifact class {cls.__qualname__} by an alias.",
        hint=f"Import and write it as {'.'.join(parts)}: the component's source must find it by its own name.",
    )


def _names_in_annotation(function: Callable[..., Any], name: str) -> Iterator[str]:
    import ast  # needed for artifact classes of the author's own only

    (definition,) = ast.parse(function_source(function)).body
    assert isinstance(definition, ast.FunctionDef)  # noqa: S101  function_source gives nothing else
    arguments = [*definition.args.args, *definition.args.kwonlyargs]
    wanted = definition.returns if name == "return" else next(a.annotation for a in arguments if a.arg == name)
    if isinstance(wanted, ast.Subscript):  # the marker itself, dsl.Input or Output, is no artifact class
        wanted = wanted.slice
    if wanted is not None:
        yield from (node.id for node in ast.walk(wanted) if isinstance(node, ast.Name))
