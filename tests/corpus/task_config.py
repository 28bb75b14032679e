"""A component is told the settings of its task, to hand them on to what it starts."""

from kfp import dsl


@dsl.component(
    base_image="python:3.11",
    task_config_passthroughs=[
        dsl.TaskConfigField.RESOURCES,
        dsl.TaskConfigPassthrough(field=dsl.TaskConfigField.ENV, apply_to_task=True),
    ],
)
def launch(name: str, config: dsl.TaskConfig) -> list:
    import os

    return [name, config.resources, config.env, os.environ.get("MODE"), config.volumes, config.node_selector]


@dsl.pipeline(name="task-config")
def pipeline():
    launch(name="x").set_cpu_limit("2").set_memory_request("1Gi").set_env_variable("MODE", "train")


EXPECTED = {
    "tasks": {"launch": "SUCCEEDED"},
    "parameters": {
        "launch.Output": [
            "x",
            {"limits": {"cpu": "2"}, "requests": {"memory": "1Gi"}},
            [{"name": "MODE", "value": "train"}],
            "train",
            None,
            None,
        ]
    },
}
