"""``@dsl.component`` and ``@dsl.container_component``."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, Final, ParamSpec, TypeVar, overload

from wherry.dsl import hooks
from wherry.dsl.components import ContainerComponent, PythonComponent, component_name
from wherry.dsl.container_placeholders import ContainerSpec, command_texts, parameter_placeholders
from wherry.dsl.embedded import embedded_source
from wherry.dsl.graph import ComponentDefinition, Container
from wherry.dsl.lightweight import KFP_VERSION, executor_arguments, install_command, module_command, source_command
from wherry.dsl.signature import read_interface
from wherry.dsl.task_config import TaskConfigField, TaskConfigPassthrough
from wherry.errors import ComponentSignatureError

P = ParamSpec("P")
R = TypeVar("R")

DEFAULT_BASE_IMAGE: Final = "python:3.11"


@overload
def component(func: Callable[P, R]) -> PythonComponent[P, R]: ...


@overload
def component(
    func: None = None,
    *,
    base_image: str | None = None,
    target_image: str | None = None,
    packages_to_install: list[str] | None = None,
    pip_index_urls: list[str] | None = None,
    output_component_file: str | None = None,
    install_kfp_package: bool = True,
    kfp_package_path: str | None = None,
    pip_trusted_hosts: list[str] | None = None,
    use_venv: bool = False,
    additional_funcs: list[Callable[..., Any]] | None = None,
    embedded_artifact_path: str | None = None,
    task_config_passthroughs: Sequence[TaskConfigPassthrough | TaskConfigField] | None = None,
) -> Callable[[Callable[P, R]], PythonComponent[P, R]]: ...


def component(
    func: Callable[..., Any] | None = None,
    *,
    base_image: str | None = None,
    target_image: str | None = None,
    packages_to_install: list[str] | None = None,
    pip_index_urls: list[str] | None = None,
    output_component_file: str | None = None,
    install_kfp_package: bool = True,
    kfp_package_path: str | None = None,
    pip_trusted_hosts: list[str] | None = None,
    use_venv: bool = False,
    additional_funcs: list[Callable[..., Any]] | None = None,
    embedded_artifact_path: str | None = None,
    task_config_passthroughs: Sequence[TaskConfigPassthrough | TaskConfigField] | None = None,
) -> Any:
    """Make a component of a Python function: its source runs in ``base_image``, as a task.

    The function must hold all that it needs: imports stand inside it.

    Args:
        func: The function, when the decorator is written without parentheses.
        base_image: Image to run in. Default: ``python:3.11``, with a warning.
        target_image: Image that has the function's module; then nothing is installed and no source travels.
        packages_to_install: pip requirements that the function needs.
        pip_index_urls: Package indexes; the first replaces PyPI, the others come beside it.
        output_component_file: Also write the compiled component to this file. Old way; use the compiler.
        install_kfp_package: Install the stock executor on a stock KFP. Wherry's own launchers never need it.
        kfp_package_path: What pip installs for it, instead of ``kfp==2.17.0``.
        pip_trusted_hosts: Hosts that pip trusts without TLS. Default: those of ``pip_index_urls``.
        use_venv: Install the stock executor into a virtual environment.
        additional_funcs: Functions that the function calls; their sources travel with it.
        embedded_artifact_path: File or folder that travels with it, for a ``dsl.EmbeddedInput`` parameter.
        task_config_passthroughs: Parts of the pod's settings that a ``dsl.TaskConfig`` parameter receives.

    Raises:
        ComponentSignatureError: The signature or source cannot be used.
    """

    def decorate(function: Callable[..., Any]) -> PythonComponent[..., Any]:
        interface = read_interface(function)
        if target_image:
            command = module_command()
        else:
            helper = embedded_source(embedded_artifact_path) if embedded_artifact_path else ""
            command = source_command(function, additional_funcs or (), helper)
        install = install_command(
            packages_to_install or (),
            install_kfp=install_kfp_package and target_image is None,
            kfp_requirements=_kfp_requirements(kfp_package_path),
            index_urls=pip_index_urls,
            trusted_hosts=pip_trusted_hosts,
            use_venv=use_venv,
        )
        container = Container(
            image=target_image or base_image or DEFAULT_BASE_IMAGE,
            command=install + command,
            args=executor_arguments(function),
        )
        definition = ComponentDefinition(
            component_name(function.__name__), interface, container, _passthroughs(task_config_passthroughs)
        )
        made = PythonComponent(definition, function)
        if output_component_file:
            hooks.write_component(made, output_component_file)
        return made

    return decorate if func is None else decorate(func)


def container_component(func: Callable[..., Any]) -> ContainerComponent:
    """Make a component of a function that returns a `ContainerSpec`. The function is called at once, with placeholders.

    Raises:
        ComponentSignatureError: The signature or the command cannot be used.
    """
    interface = read_interface(func, is_container=True)
    spec = func(**parameter_placeholders(interface))
    if not isinstance(spec, ContainerSpec):
        raise ComponentSignatureError(
            f"Container component '{func.__name__}' returned {spec!r}; expected a dsl.ContainerSpec.",
            hint="Return dsl.ContainerSpec(image=..., command=[...], args=[...]).",
        )
    container = Container(
        image=spec.image,
        command=command_texts(spec.command, interface, where=f"the command of '{func.__name__}'"),
        args=command_texts(spec.args, interface, where=f"the args of '{func.__name__}'"),
    )
    return ContainerComponent(ComponentDefinition(component_name(func.__name__), interface, container), func)


def _kfp_requirements(path: str | None) -> tuple[str, ...]:
    if not path:
        return (f"kfp=={KFP_VERSION}", "--no-deps", 'typing-extensions>=3.7.4,<5; python_version<"3.9"')
    return (path, "--no-deps") if os.path.exists(path) or "@refs/pull/" in path else (path,)  # noqa: PTH110  may be a URL


def _passthroughs(given: Sequence[TaskConfigPassthrough | TaskConfigField] | None) -> tuple[TaskConfigPassthrough, ...]:
    return tuple(
        item if isinstance(item, TaskConfigPassthrough) else TaskConfigPassthrough(field=TaskConfigField(item))
        for item in given or ()
    )
