"""The stand-in for kfp offers what kfp itself can import in a task, and says which of it it leaves out."""

import json
import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import kfp

import wherry

#: Names that kfp 2.17 has in a task as a side effect of its own imports, and its inner modules. None is public.
LEFT_OUT = {
    "kfp": {"os", "sys", "warnings"},
    "kfp.dsl": {"os", "executor", "executor_main", "kfp_config", "utils"},
}

#: Modules that a task with kfp installed as KFP installs it, without its dependencies, could import and has no use
#: for: kfp's own inside, its compiler's half of the DSL, its command and its local runner.
MODULES_LEFT_OUT = {
    *("kfp.cli", "kfp.cli.diagnose_me", "kfp.cli.utils", "kfp.cli.utils.parsing"),
    *(f"kfp.cli.diagnose_me.{name}" for name in ("dev_env", "gcp", "kubernetes_cluster", "utility")),
    *("kfp.dsl.executor", "kfp.dsl.executor_main", "kfp.dsl.kfp_config", "kfp.dsl.utils"),
    *("kfp.dsl.container_component_artifact_channel", "kfp.dsl.for_loop", "kfp.dsl.pipeline_channel"),
    *("kfp.dsl.pipeline_config", "kfp.dsl.placeholders", "kfp.dsl.types.type_utils"),
    *("kfp.dsl.templates", "kfp.dsl.templates.notebook_executor", "kfp.dsl.v1_modelbase", "kfp.dsl.v1_structures"),
    *("kfp.local", "kfp.local.cache", "kfp.local.config", "kfp.local.io", "kfp.local.logging_utils"),
    *("kfp.local.orchestrator", "kfp.local.pip_install_manager", "kfp.local.placeholder_utils", "kfp.local.status"),
    *("kfp.local.task_handler_interface", "kfp.pipeline_spec"),
}

#: The list itself, so that a change of kfp or of ours is seen.
DSL_EXPORTS = {
    "Artifact",
    "ClassificationMetrics",
    "Dataset",
    "HTML",
    "Input",
    "InputPath",
    "Markdown",
    "Metrics",
    "Model",
    "Output",
    "OutputPath",
    "PIPELINE_JOB_CREATE_TIME_UTC_PLACEHOLDER",
    "PIPELINE_JOB_ID_PLACEHOLDER",
    "PIPELINE_JOB_NAME_PLACEHOLDER",
    "PIPELINE_JOB_RESOURCE_NAME_PLACEHOLDER",
    "PIPELINE_JOB_SCHEDULE_TIME_UTC_PLACEHOLDER",
    "PIPELINE_ROOT_PLACEHOLDER",
    "PIPELINE_TASK_EXECUTOR_INPUT_PLACEHOLDER",
    "PIPELINE_TASK_EXECUTOR_OUTPUT_PATH_PLACEHOLDER",
    "PIPELINE_TASK_ID_PLACEHOLDER",
    "PIPELINE_TASK_NAME_PLACEHOLDER",
    "PipelineTaskFinalStatus",
    "SlicedClassificationMetrics",
    "TaskConfig",
    "WORKSPACE_PATH_PLACEHOLDER",
    "get_uri",
    "run_notebook",
}

STAND_IN = f"""
import sys, types
parent = types.ModuleType("wherry")
parent.__path__ = {list(wherry.__path__)!r}
sys.modules["wherry"] = parent
from wherry.runtime.kfp_standin import install
install()
"""

DESCRIBE = """
import dataclasses, importlib, inspect, json
import kfp
from kfp import dsl
{executor}

def public(module):
    return sorted(name for name in vars(module) if not name.startswith("__"))

def shape(value):
    if isinstance(value, str):
        return value
    if inspect.isclass(value) and dataclasses.is_dataclass(value):
        return [field.name for field in dataclasses.fields(value)]
    if inspect.isclass(value) and hasattr(value, "schema_title"):
        methods = {
            name: list(inspect.signature(member).parameters)
            for name, member in inspect.getmembers(value, inspect.isfunction) if not name.startswith("_")
        }
        instance = value(name="n", uri="gs://b/a", metadata={"k": 1})
        return [value.schema_title, value.schema_version, methods, list(inspect.signature(value).parameters),
                [instance.name, instance.uri, instance.path, instance.metadata, instance.custom_path]]
    return None

print(json.dumps({
    "kfp": public(kfp),
    "kfp.dsl": public(dsl),
    "all": sorted(dsl.__all__),
    "version": kfp.__version__,
    "type check": kfp.TYPE_CHECK,
    "shapes": {name: shape(getattr(dsl, name)) for name in dsl.__all__},
}))
"""


MODULES = """
import importlib, json, pkgutil, sys, warnings
warnings.simplefilter("ignore")
{first}
import kfp

found = {{}}
for name in {names}:
    try:
        module = importlib.import_module(name)
    except Exception:
        continue
    # A package that failed to load may have left its modules behind.
    if "." not in name or name.rpartition(".")[0] in found:
        found[name] = module
print(json.dumps({{name: sorted(one for one in vars(module) if not one.startswith("__")) for name, module in found.items()}}))
"""


def modules(*, real: bool, names: list[str], folder: Path) -> dict[str, list[str]]:
    """The modules of kfp that can be imported without anything else being installed, and what is in each."""
    (folder / "kfp").symlink_to(Path(kfp.__file__).parent)
    code = MODULES.format(first="" if real else STAND_IN, names=names)
    ended = subprocess.run(
        [sys.executable, "-S", "-c", code],
        env={"_KFP_RUNTIME": "true", "PYTHONPATH": str(folder)} if real else {},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    described: dict[str, list[str]] = json.loads(ended.stdout)
    return described


def describe(*, real: bool) -> dict[str, object]:
    """What ``kfp`` and ``kfp.dsl`` hold in a task's process, ours or kfp's own."""
    code = DESCRIBE.replace("{executor}", "import kfp.dsl.executor_main" if real else "")
    environ = {**os.environ, "_KFP_RUNTIME": "true"}
    ended = subprocess.run(
        [sys.executable, "-c", code if real else STAND_IN + code],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    described: dict[str, object] = json.loads(ended.stdout)
    return described


def test_the_stand_in_has_the_names_of_kfp_and_no_others() -> None:
    ours, theirs = describe(real=False), describe(real=True)

    assert set(theirs["all"]) == DSL_EXPORTS
    assert ours["all"] == theirs["all"]
    assert set(ours["kfp"]) == set(theirs["kfp"]) - LEFT_OUT["kfp"]
    assert set(ours["kfp.dsl"]) == set(theirs["kfp.dsl"]) - LEFT_OUT["kfp.dsl"]
    assert (ours["version"], ours["type check"]) == (theirs["version"], theirs["type check"])


def test_what_the_names_stand_for_is_alike() -> None:
    ours, theirs = describe(real=False)["shapes"], describe(real=True)["shapes"]

    assert ours == theirs


def test_every_module_that_a_task_could_import_is_there_or_left_out_on_purpose(tmp_path: Path) -> None:
    names = [
        "kfp",
        *(
            one.name
            for one in pkgutil.walk_packages(kfp.__path__, "kfp.", onerror=lambda _: None)
            if not one.name.endswith("_test") and ".test_data" not in one.name
        ),
    ]
    folders = [tmp_path / "ours", tmp_path / "theirs"]
    for folder in folders:
        folder.mkdir()

    ours = modules(real=False, names=names, folder=folders[0])
    theirs = modules(real=True, names=names, folder=folders[1])

    assert theirs.keys() - ours.keys() == MODULES_LEFT_OUT
    assert ours.keys() - theirs.keys() == set()
    assert {name: set(ours[name]) - set(theirs[name]) for name in ours if set(ours[name]) - set(theirs[name])} == {}
