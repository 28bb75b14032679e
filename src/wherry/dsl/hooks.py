"""Where the parts above ``wherry.dsl`` put themselves in: it must not import them.

``wherry.local`` registers what runs a component that is called outside a pipeline; ``wherry.compiler`` registers what
makes ``component.pipeline_spec``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from wherry.errors import AuthoringError

if TYPE_CHECKING:
    from wherry.dsl.components import Component


class RunsComponent(Protocol):
    """Runs a component now, in this process, and returns its outputs by name: values, or Artifact objects."""

    def __call__(self, component: Component, arguments: Mapping[str, Any], /) -> Mapping[str, Any]:
        """Run it; raise what failed."""
        ...


class CompilesComponent(Protocol):
    """Compiles a component or pipeline to a `wherry.ir.spec.PipelinePackage`."""

    def __call__(self, component: Component, /) -> Any:
        """Compile it."""
        ...


class WritesComponent(Protocol):
    """Compiles a component or pipeline into a file."""

    def __call__(self, component: Component, path: str, /) -> None:
        """Compile it and write the file."""
        ...


class NoLocalRunError(AuthoringError, RuntimeError):
    """A component was called outside a pipeline, and nothing is set up to run it. kfp raises RuntimeError, too."""


_runner: RunsComponent | None = None
_compiler: CompilesComponent | None = None
_writer: WritesComponent | None = None


def register_runner(runner: RunsComponent | None) -> None:
    """Set, or with None unset, what runs a component that is called outside a pipeline."""
    global _runner  # noqa: PLW0603  one hook per process is what this module is for
    _runner = runner


def register_compiler(compiler: CompilesComponent, writer: WritesComponent) -> None:
    """Set what compiles a component, and what compiles it into a file."""
    global _compiler, _writer  # noqa: PLW0603  one hook per process is what this module is for
    _compiler = compiler
    _writer = writer


def run_component(component: Component, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Run ``component`` by the registered runner.

    Raises:
        NoLocalRunError: None is registered.
    """
    if _runner is None:
        raise NoLocalRunError(
            f"Component '{component.name}' was called outside a pipeline, and local execution is not set up.",
            hint="Call it inside a function decorated with @dsl.pipeline, or call wherry.local.init() first.",
        )
    return _runner(component, arguments)


def compile_component(component: Component) -> Any:
    """Compile ``component`` by the registered compiler.

    Raises:
        AuthoringError: None is registered.
    """
    if _compiler is None:
        raise AuthoringError(
            f"'{component.name}' cannot be compiled: the compiler is not loaded.",
            hint="Add 'import wherry.compiler'.",
        )
    return _compiler(component)


def write_component(component: Component, path: str) -> None:
    """Compile ``component`` to the file at ``path`` by the registered compiler.

    Raises:
        AuthoringError: None is registered.
    """
    if _writer is None:
        raise AuthoringError(
            f"'{component.name}' cannot be written to '{path}': the compiler is not loaded.",
            hint="Add 'import wherry.compiler'.",
        )
    _writer(component, path)
