"""Pass 10, ``assemble``: all parts of one pipeline as a PipelineSpec, nested pipelines folded in."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from wherry.compiler.components import component_spec, dag_outputs, group_spec
from wherry.compiler.dependencies import depend
from wherry.compiler.executors import container_spec, importer_spec
from wherry.compiler.hole_punching import punch
from wherry.compiler.platforms import Executors, platform_spec, rewritten
from wherry.compiler.scopes import Scopes, index
from wherry.compiler.surfacing import HandedOut, Surfaced, surface
from wherry.compiler.tasks import Place, exit_task_spec, final_status_inputs, group_task_spec, task_spec
from wherry.dsl.graph import (
    ComponentDefinition,
    Container,
    ExitScope,
    Graph,
    Group,
    Importer,
    Loop,
    Source,
    Task,
    TaskOutput,
)
from wherry.dsl.names import NameRegister, component_key, executor_label
from wherry.errors import PipelineTopologyError
from wherry.ir.spec import (
    ComponentRef,
    ComponentSpec,
    DagSpec,
    DeploymentSpec,
    ExecutorSpec,
    PipelineInfo,
    PipelinePackage,
    PipelineSpec,
    PipelineTaskSpec,
    PlatformSpec,
)

SCHEMA_VERSION = "2.1.0"


def assemble(graph: Graph, *, sdk_version: str, is_component: bool = False) -> PipelinePackage:
    """Compile a graph.

    Args:
        graph: The traced pipeline.
        sdk_version: Goes into the spec as it is.
        is_component: The graph is one component made into a pipeline; a PipelineTaskFinalStatus is then an input.

    Raises:
        AuthoringError: The pipeline cannot be expressed in the IR.
    """
    return _Assembly(graph, sdk_version, is_component=is_component).package()


class _Assembly:
    """One pipeline, while its spec grows."""

    def __init__(self, graph: Graph, sdk_version: str, *, is_component: bool) -> None:
        self._graph = graph
        self._sdk_version = sdk_version
        self._is_component = is_component
        self._scopes: Scopes = index(graph.root)
        self._surfaced: Surfaced = surface(graph.root, graph.outputs, self._scopes)
        self._needs = punch(self._surfaced.root, self._scopes)
        self._waits = depend(self._surfaced.root, self._scopes)
        self._components: dict[str, ComponentSpec] = {}
        self._component_names = NameRegister()
        self._executors: dict[str, ExecutorSpec] = {}
        self._executor_names = NameRegister()
        self._platforms: Executors = {}
        self._dags: dict[str, dict[str, PipelineTaskSpec]] = {group.name: {} for group in self._surfaced.root.walk()}
        self._keys: dict[str, str] = {}
        self._interfaces: dict[int, ComponentSpec] = {}
        self._nested: dict[int, PipelinePackage] = {}

    def package(self) -> PipelinePackage:
        """The finished package."""
        graph = self._graph
        # A component alone hands all that it declares to the pipeline around it.
        own = ComponentDefinition(graph.name, graph.interface, graph)
        root = component_spec(graph.root.tasks[0].component if self._is_component else own)
        specs = {self._surfaced.root.name: root}
        for group in self._surfaced.root.walk():
            for inner in group.groups:
                specs[inner.name] = self._add_group(inner, group.name)
            for task in group.tasks:
                self._add_task(task, group.name, specs[group.name])
        self._add_exit_tasks(self._surfaced.root, root)
        for group in self._surfaced.root.walk():
            if group is not self._surfaced.root:
                self._components[self._keys[group.name]] = self._with_dag(specs[group.name], group.name)
        outputs = {
            name: HandedOut((TaskOutput(str(source.producer), source.name, source.type),), source.type)
            for name, source in self._surfaced.outputs.items()
        }
        root = msgspec.structs.replace(
            root, dag=DagSpec(tasks=self._dags[self._surfaced.root.name], outputs=dag_outputs(outputs))
        )
        spec = PipelineSpec(
            pipeline_info=PipelineInfo(
                name=graph.name,
                display_name=graph.display_name,
                description="" if self._is_component else graph.interface.description,
            ),
            root=root,
            schema_version=SCHEMA_VERSION,
            sdk_version=self._sdk_version,
            deployment_spec=DeploymentSpec(executors=self._executors),
            components=self._components,
            default_pipeline_root=graph.pipeline_root,
        )
        return PipelinePackage(spec=spec, platform=platform_spec(self._platforms, graph.config))

    # -- groups --------------------------------------------------------------------------------------------------

    def _add_group(self, group: Group, dag: str) -> ComponentSpec:
        needs: dict[Source, None] = dict(self._needs[group.name])
        taken_in = dict(needs)
        if isinstance(group.kind, Loop):
            item = group.kind.item
            if item.items is not None:
                needs[item.items] = taken_in[item.items] = None
            needs[item] = None
            taken_in.pop(item, None)
        spec = group_spec(needs, self._surfaced.handed_out.get(group.name, {}))
        key = self._component_names.take(component_key(group.name))
        self._keys[group.name] = key
        self._components[key] = spec
        self._dags[dag][group.name] = group_task_spec(group, taken_in, self._place(group.name, dag, key))
        return spec

    def _with_dag(self, spec: ComponentSpec, group: str) -> ComponentSpec:
        outputs = dag_outputs(self._surfaced.handed_out.get(group, {}))
        return msgspec.structs.replace(spec, dag=DagSpec(tasks=self._dags[group], outputs=outputs))

    # -- tasks ---------------------------------------------------------------------------------------------------

    def _add_task(self, task: Task, dag: str, scope: ComponentSpec) -> None:
        if not self._is_component and not task.settings.ignore_upstream_failure:
            for name in final_status_inputs(task):
                raise PipelineTopologyError(
                    f"Input '{name}' of task '{task.name}' is a PipelineTaskFinalStatus, but the task is no exit task.",
                    hint="Use it as exit task of a dsl.ExitHandler, or call .ignore_upstream_failure() on it.",
                )
        key = self._implement(task, dag, scope)
        self._dags[dag][task.name] = task_spec(task, self._place(task.name, dag, key))

    def _add_exit_tasks(self, group: Group, scope: ComponentSpec) -> None:
        for inner in group.groups:
            if isinstance(inner.kind, ExitScope):
                task, root = inner.kind.exit_task, self._surfaced.root
                if group is not root:
                    raise PipelineTopologyError(
                        f"dsl.ExitHandler '{inner.name}' stands inside '{group.name}'.",
                        hint="Use dsl.ExitHandler in the outermost scope of a pipeline only; a nested pipeline may have its own.",
                    )
                if isinstance(task.component.implementation, Importer):
                    raise PipelineTopologyError(f"The exit task '{task.name}' is an importer.", hint="Use a component.")
                key = self._implement(task, root.name, scope)
                place = Place(root.name, self._scopes, key)
                self._dags[root.name][task.name] = exit_task_spec(task, inner.name, place)
            self._add_exit_tasks(inner, scope)

    def _place(self, name: str, dag: str, key: str) -> Place:
        return Place(dag, self._scopes, key, tuple(sorted(self._waits.get(name, ()))))

    def _implement(self, task: Task, dag: str, scope: ComponentSpec) -> str:
        """Add the component and executor of a task; return the component's key."""
        match task.component.implementation:
            case Graph() as nested:
                if task.settings.platform:
                    raise PipelineTopologyError(
                        f"Task '{task.name}' is a pipeline and has platform settings.",
                        hint="Make them on the tasks inside the pipeline.",
                    )
                spec = self._fold_in(nested)
            case Container() as container:
                label = self._executor_names.take(executor_label(task.name))
                self._executors[label] = ExecutorSpec(container=container_spec(task, container))
                for platform, config in task.settings.platform.items():
                    settings = rewritten(config, dag, scope, self._scopes)
                    self._platforms.setdefault(platform, {})[label] = settings
                spec = msgspec.structs.replace(self._interface(task.component), executor_label=label)
            case Importer() as importer:
                label = self._executor_names.take(executor_label(task.name))
                self._executors[label] = ExecutorSpec(importer=importer_spec(importer))
                spec = msgspec.structs.replace(self._interface(task.component), executor_label=label)
        key = self._component_names.take(component_key(task.name))
        self._components[key] = spec
        return key

    def _interface(self, definition: ComponentDefinition) -> ComponentSpec:
        """The interface of a component is built once, however many tasks it has."""
        found = self._interfaces.get(id(definition))
        if found is None:
            found = self._interfaces[id(definition)] = component_spec(definition)
        return found

    # -- nested pipelines ----------------------------------------------------------------------------------------

    def _fold_in(self, graph: Graph) -> ComponentSpec:
        """Add a nested pipeline's components and executors under free names; return its root."""
        package = self._nested.get(id(graph))
        if package is None:
            package = self._nested[id(graph)] = assemble(graph, sdk_version=self._sdk_version)
        labels = {old: self._executor_names.take(old) for old in package.spec.deployment_spec.executors}
        for old, executor in package.spec.deployment_spec.executors.items():
            self._executors[labels[old]] = executor
        if package.platform is not None:
            self._fold_in_platform(package.platform, labels)
        # A name is free if neither this pipeline has it nor the nested one: references are renamed all at once.
        keys: dict[str, str] = {}
        for old in package.spec.components:
            keys[old] = self._component_names.take(old)
        for old, component in package.spec.components.items():
            self._components[keys[old]] = _renamed(component, keys, labels)
        return _renamed(package.spec.root, keys, labels)

    def _fold_in_platform(self, platform: PlatformSpec, labels: Mapping[str, str]) -> None:
        for name, single in platform.platforms.items():
            mine = self._platforms.setdefault(name, {})
            if single.deployment_spec is not None:
                mine |= {labels[old]: config for old, config in single.deployment_spec.executors.items()}


def _renamed(component: ComponentSpec, keys: Mapping[str, str], labels: Mapping[str, str]) -> ComponentSpec:
    if component.executor_label is not None:
        return msgspec.structs.replace(component, executor_label=labels[component.executor_label])
    if component.dag is None:
        return component
    tasks = {
        name: msgspec.structs.replace(task, component_ref=ComponentRef(name=keys[task.component_ref.name]))
        for name, task in component.dag.tasks.items()
    }
    return msgspec.structs.replace(component, dag=msgspec.structs.replace(component.dag, tasks=tasks))
