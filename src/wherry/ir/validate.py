"""The rules a package has to keep beyond the kinds of its values. Pure.

A specification without findings can be planned: every name it refers to exists, every choice is made exactly once,
nothing waits for itself. Rules and their limits are those of KFP's backend (the Argo compiler and the driver), which
finds many of them only while the run is under way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from msgspec import UNSET

from wherry.errors import SpecError
from wherry.ir.cycles import find_cycle
from wherry.ir.findings import Finding, Findings, TooManyFindingsError, nearest
from wherry.ir.spec import (
    ComponentSpec,
    ExecutorSpec,
    ImporterSpec,
    InputParameterSpec,
    ParameterType,
    PipelinePackage,
    PipelineSpec,
    ValueOrRuntimeParameter,
)
from wherry.ir.validate_dag import DagRules

SCHEMA_VERSION: Final = "2.1.0"
MAX_NESTING: Final = 100
"""DAGs within DAGs."""
MAX_TASKS: Final = 1_000_000
"""Tasks of a run before loops are expanded; components used many times are counted every time."""
MAX_LISTED: Final = 10
"""Findings that `check` writes out."""

_PIPELINE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,127}")


def check(package: PipelinePackage) -> None:
    """Refuse a package that breaks a rule.

    Raises:
        SpecError: The first findings, each with its path; its own path is that of the first.
    """
    findings = validate(package)
    if not findings:
        return
    first, *others = findings
    if not others:
        raise SpecError(first.message, path=first.path, hint=first.hint)
    listed = [str(finding) for finding in findings[:MAX_LISTED]]
    if len(findings) > MAX_LISTED:
        listed.append("and more")
    error = SpecError("\n".join([f"the pipeline breaks {len(findings)} rules:", *listed]), hint=first.hint)
    error.path = first.path
    raise error


def validate(package: PipelinePackage) -> tuple[Finding, ...]:
    """What is wrong with ``package``: nothing, or at most `wherry.ir.findings.MAX_FINDINGS` findings.

    Linear in the size of the package.
    """
    findings = Findings()
    try:
        _check_pipeline(package.spec, findings)
        for label, executor in package.spec.deployment_spec.executors.items():
            _check_executor(label, executor, findings)
        _check_component("root", package.spec.root, package.spec, findings)
        for name, component in package.spec.components.items():
            _check_component(name, component, package.spec, findings)
        _check_nesting(package.spec, findings)
    except TooManyFindingsError:
        pass
    return findings.done()


# -- the pipeline as a whole ------------------------------------------------------------------------------------------


def _check_pipeline(spec: PipelineSpec, findings: Findings) -> None:
    if spec.schema_version != SCHEMA_VERSION:
        findings.add(
            ["schemaVersion"],
            f"is '{spec.schema_version}', and only '{SCHEMA_VERSION}' can be run",
            hint="Compile the pipeline again with wherry or kfp 2.",
        )
    if not _PIPELINE_NAME.fullmatch(spec.pipeline_info.name):
        findings.add(
            ["pipelineInfo", "name"],
            f"'{spec.pipeline_info.name[:200]}' is no pipeline name",
            hint="A name has 1 to 128 lower-case letters, digits and dashes, and does not start with a dash.",
        )
    if spec.root.dag is None:
        findings.add(
            ["root"],
            "the root has no 'dag', and a pipeline is a DAG",
            hint="A single component is wrapped in a DAG of one task when it is compiled.",
        )
    for name, parameter in _parameters(spec.root).items():
        if parameter.parameter_type is ParameterType.TASK_FINAL_STATUS and not parameter.is_optional:
            findings.add(
                ["root", "inputDefinitions", "parameters", name],
                f"input '{name}' asks for a task's final status, and a pipeline has no task before it",
                hint="Only the component of an exit task takes a PipelineTaskFinalStatus.",
            )


def _parameters(component: ComponentSpec) -> Mapping[str, InputParameterSpec]:
    return component.input_definitions.parameters if component.input_definitions else {}


# -- components -------------------------------------------------------------------------------------------------------


def _check_component(name: str, component: ComponentSpec, spec: PipelineSpec, findings: Findings) -> None:
    place: tuple[str, ...] = ("root",) if component is spec.root else ("components", name)
    if (component.dag is None) == (component.executor_label is None):
        found = "neither" if component.dag is None else "both"
        findings.add(place, f"a component has either 'dag' or 'executorLabel', and this one has {found}")
    if component.executor_label is not None:
        _check_executor_label(place, component.executor_label, component, spec, findings)
    if component.dag is not None:
        DagRules(place, component, component.dag, spec.components, findings).check()


def _check_executor_label(
    place: tuple[str, ...], label: str, component: ComponentSpec, spec: PipelineSpec, findings: Findings
) -> None:
    executor = spec.deployment_spec.executors.get(label)
    if executor is None:
        findings.add(
            (*place, "executorLabel"),
            f"executor '{label}' does not exist",
            hint=nearest(label, spec.deployment_spec.executors, what="executors"),
        )
    elif executor.importer is not None:
        wanted = executor.importer.artifact_uri.runtime_parameter
        if wanted is not None and wanted not in _parameters(component):
            findings.add(
                ("deploymentSpec", "executors", label, "importer", "artifactUri", "runtimeParameter"),
                f"the importer takes its URI from input '{wanted}', which its component does not have",
                hint=nearest(wanted, _parameters(component), what="inputs"),
            )


# -- executors --------------------------------------------------------------------------------------------------------


def _check_executor(label: str, executor: ExecutorSpec, findings: Findings) -> None:
    place = ("deploymentSpec", "executors", label)
    if (executor.container is None) == (executor.importer is None):
        found = "neither" if executor.container is None else "both"
        findings.add(place, f"an executor is either a 'container' or an 'importer', and this one is {found}")
    if executor.container is not None and not executor.container.image:
        findings.add((*place, "container", "image"), "the container names no image")
    if executor.importer is not None:
        _check_importer((*place, "importer"), executor.importer, findings)


def _check_importer(place: tuple[str, ...], importer: ImporterSpec, findings: Findings) -> None:
    uri = importer.artifact_uri
    if not is_one_value(uri):
        findings.add((*place, "artifactUri"), "expected exactly one of 'constant' and 'runtimeParameter'")
    elif uri.runtime_parameter is None and not isinstance(uri.constant, str):
        findings.add((*place, "artifactUri", "constant"), "a URI is a text")


def is_one_value(value: ValueOrRuntimeParameter) -> bool:
    """Whether exactly one of the two is set."""
    return (value.constant is UNSET) != (value.runtime_parameter is None)


# -- components in components -----------------------------------------------------------------------------------------


def _check_nesting(spec: PipelineSpec, findings: Findings) -> None:
    inside = {name: _components_of(component, spec) for name, component in spec.components.items()}
    cycle = find_cycle({name: dict.fromkeys(used) for name, used in inside.items()})
    if cycle:
        findings.add(
            ["components", cycle[0]],
            f"the component contains itself, in a cycle: {' -> '.join(cycle)}",
            hint="Pipelines cannot be recursive; repeat with a loop.",
        )
        return
    depths: dict[str, int] = {}
    totals: dict[str, int] = {}
    for name in _innermost_first(inside):
        depths[name] = 1 + max((depths[used] for used in inside[name]), default=0)
        totals[name] = min(sum(1 + totals[used] for used in inside[name]), MAX_TASKS + 1)
    used_by_root = _components_of(spec.root, spec)
    depth = 1 + max((depths[used] for used in used_by_root), default=0)
    total = sum(1 + totals[used] for used in used_by_root)
    if depth > MAX_NESTING:
        findings.add(["root"], f"DAGs are nested {depth} deep, and at most {MAX_NESTING} levels are allowed")
    if total > MAX_TASKS:
        findings.add(["root"], f"the pipeline has more than {MAX_TASKS:,} tasks")


def _components_of(component: ComponentSpec, spec: PipelineSpec) -> list[str]:
    """The existing component of every task, once per task."""
    if component.dag is None:
        return []
    names = (task.component_ref.name for task in component.dag.tasks.values())
    return [name for name in names if name in spec.components]


def _innermost_first(inside: Mapping[str, list[str]]) -> list[str]:
    """All names, each after those inside it. There is no cycle."""
    order: list[str] = []
    seen: set[str] = set()
    for start in inside:
        stack = [(start, False)]
        while stack:
            name, entered = stack.pop()
            if entered:
                order.append(name)
            elif name not in seen:
                seen.add(name)
                stack.append((name, True))
                stack.extend((used, False) for used in inside[name] if used not in seen)
    return order
