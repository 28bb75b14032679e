"""What a task may be given besides inputs: environment, resources, a name, another image; none hinders it here."""

from kfp import dsl


@dsl.component(base_image="python:3.11")
def show(name: str) -> str:
    import os

    return os.environ.get(name, "unset")


@dsl.component(base_image="python:3.11")
def version() -> str:
    import sys

    return "{}.{}".format(*sys.version_info)


@dsl.pipeline(name="settings-of-tasks")
def pipeline(image: str = "python:3.11", cpu: str = "500m", memory: str = "512Mi"):
    show(name="GREETING").set_env_variable("GREETING", "hello there")
    show(name="PATIENCE").set_display_name("Patience")
    version().set_container_image("python:3.11-slim")
    version().set_container_image(image).set_caching_options(False)
    show(name="CPU").set_cpu_request("250m").set_cpu_limit(cpu).set_memory_request(memory).set_memory_limit("1G")
    show(name="GPU").set_accelerator_type("nvidia.com/gpu").set_accelerator_limit(1)


EXPECTED = {
    "tasks": {
        "show": "SUCCEEDED",
        "show-2": "SUCCEEDED",
        "version": "SUCCEEDED",
        "version-2": "SUCCEEDED",
        "show-3": "SUCCEEDED",
        "show-4": "SUCCEEDED",
    },
    "parameters": {
        "show.Output": "hello there",
        "show-2.Output": "unset",
        "version.Output": "3.11",
        "version-2.Output": "3.11",
        "show-3.Output": "unset",
        "show-4.Output": "unset",
    },
}
