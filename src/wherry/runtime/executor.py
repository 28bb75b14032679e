"""Runs one lightweight component in this process: ExecutorInput in, ExecutorOutput out.

What KFP's ``kfp.dsl.executor_main`` does inside a container, without kfp: load the source, bind the inputs, call the
function, check what it returned. Everything the user's code raises passes through unchanged.
"""

from __future__ import annotations

import json
import logging
import os
import posixpath
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from wherry.runtime import kfp_standin
from wherry.runtime.annotations import OutputPath, strip_optional
from wherry.runtime.binding import Task
from wherry.runtime.json_values import json_value
from wherry.runtime.loader import load_function
from wherry.runtime.parameter_files import parse_parameter_file
from wherry.runtime.parameter_types import parameter_type
from wherry.runtime.returned import take_returned_value
from wherry.runtime.uris import set_task_root

#: In mirrored training, the roles whose process reports for all.
_CHIEFS = frozenset({"workerpool0", "chief", "master"})


def run_component(
    *,
    source: str,
    function: str,
    executor_input: Mapping[str, Any],
    output_types: Mapping[str, str] | None = None,
    component: str | None = None,
    use_kfp: bool = False,
    source_folder: str | None = None,
) -> dict[str, Any]:
    """Load a component from its source, run its function, and return what it reports.

    The process belongs to the task from then on: stand-ins for kfp are installed, and the module stays loaded.

    Args:
        source: The component's Python source, as its compiled command carries it.
        function: Name of its function.
        executor_input: KFP's ExecutorInput as JSON.
        output_types: ``ParameterType`` of the IR of each output parameter, for those written to files; without it
            the types of ``OutputPath`` annotations are used.
        component: Name for messages; by default the function's.
        use_kfp: The environment holds kfp itself: it resolves to that, and kfp's own executor runs the function.
        source_folder: As in `load_function`.

    Returns:
        KFP's ExecutorOutput as JSON: ``parameterValues`` and ``artifacts``, each only if there are any.

    Raises:
        ReturnedValueError, NotJsonError, ParameterFileError: an output is not what the component declares.
        Exception: whatever the component's code raises.
    """
    name = component or function
    _log_to_stdout()
    if use_kfp:
        # Read by kfp when it is imported: it then loads what a running component needs, and no more.
        os.environ["_KFP_RUNTIME"] = "true"  # noqa: TID251  kfp has no other switch
    kfp_standin.install(real_kfp=use_kfp)
    loaded = load_function(source, function, component=name, source_folder=source_folder)
    task_output = (executor_input.get("outputs") or {}).get("outputFile") or ""
    set_task_root(posixpath.dirname(task_output) or None)
    task = Task(executor_input, loaded, component=name)
    if use_kfp:
        report = _run_with_kfp(loaded, executor_input)
        values = report.setdefault("parameterValues", {})
    else:
        returned = loaded(**task.arguments())
        values = take_returned_value(task, returned)
        report = {"parameterValues": values, "artifacts": _artifacts(task)}
    values.update(_written_parameters(task, {**_declared_in_signature(task), **(output_types or {})}, set(values)))
    if not _reports():
        return {}
    return {key: part for key, part in report.items() if part}


def _artifacts(task: Task) -> dict[str, Any]:
    ports = {}
    for name, artifact in task.output_artifacts.items():
        where = f"metadata of output {name!r} of component {task.component!r}"
        item = {
            "name": str(artifact.name),
            "uri": str(artifact.uri),
            "metadata": json_value(artifact.metadata, where),
        }
        if artifact.custom_path:
            item["custom_path"] = str(artifact.custom_path)
        ports[name] = {"artifacts": [item]}
    return ports


def _written_parameters(task: Task, types: Mapping[str, str], returned: set[str]) -> dict[str, Any]:
    """Values of the output parameters that were written to their files and not returned."""
    values = {}
    for name, path in task.output_files.items():
        if name in types and name not in returned and Path(path).is_file():
            where = f"output {name!r} of component {task.component!r}"
            values[name] = parse_parameter_file(Path(path).read_bytes(), types[name], where=where)
    return values


def _declared_in_signature(task: Task) -> dict[str, str]:
    types = {}
    for name, annotation in task.function.__annotations__.items():
        declared = strip_optional(annotation)
        if isinstance(declared, OutputPath):
            found = parameter_type(declared.type)
            if found is not None:
                types[name] = found
    return types


def _run_with_kfp(function: Callable[..., Any], executor_input: Mapping[str, Any]) -> dict[str, Any]:
    """Run kfp's executor, which writes its report to a file, and read that."""
    try:
        from kfp.dsl.executor import Executor
    except ImportError:
        from kfp.components.executor import Executor
    written = Executor(executor_input=dict(executor_input), function_to_execute=function).execute()
    if written is None:
        return {}
    report: dict[str, Any] = json.loads(Path(written).read_bytes())
    return report


def _reports() -> bool:
    """False for a helper process of mirrored training, as TensorFlow's CLUSTER_SPEC tells: only its chief reports."""
    spec = os.environ.get("CLUSTER_SPEC")  # noqa: TID251  set by whoever starts the training, not by us
    return not spec or json.loads(spec)["task"]["type"] in _CHIEFS


def _log_to_stdout() -> None:
    """Show what a component logs from INFO upwards, as it is shown on KFP. No effect where logging is set up."""
    if not logging.root.handlers:  # as basicConfig does, but before it has touched all that it needs for more
        logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="[%(asctime)s %(levelname)s] %(message)s")
