"""From a traced graph to a PipelineSpec, in named passes.

Each pass is a pure function in a module of its own, and reads what those before it made:

1. `scopes.index`: where every group and task stands in the tree;
2. `surfacing.surface`: what groups hand out, for dsl.Collected and dsl.OneOf;
3. `hole_punching.punch`: what groups are given from outside;
4. `dependencies.depend`: which neighbours wait for each other;
5. `conditions.condition_text`: comparisons as CEL;
6. `components.component_spec`, `components.group_spec`: interfaces;
7. `executors.container_spec`, `executors.importer_spec`: what does the work;
8. `tasks.task_spec`, `tasks.group_task_spec`, `tasks.exit_task_spec`: tasks and the sources of their inputs;
9. `platforms.platform_spec`: the second document;
10. `assembly.assemble`: all of it together, under unique names, nested pipelines folded in;
11. `overrides.override`: what the caller of the compiler sets.

No pass reads a file or the clock; only `Compiler.compile` writes. Start reading at `assembly`.
"""

from __future__ import annotations

from wherry.compiler.manifests import KubernetesManifestOptions
from wherry.compiler.packages import Compiler, compile_package, package_text

__all__ = ["Compiler", "KubernetesManifestOptions", "compile_package", "package_text"]
