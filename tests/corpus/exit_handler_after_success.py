"""Two exit handlers; each exit task runs once, is told of success, and a task may wait for a handler."""

from kfp import dsl


@dsl.component(base_image="python:3.11")
def say(text: str) -> str:
    return text


@dsl.component(base_image="python:3.11")
def clean_up(status: dsl.PipelineTaskFinalStatus) -> list:
    return [status.state, status.pipeline_task_name, bool(status.pipeline_job_resource_name), status.error_message]


@dsl.pipeline(name="exit-handler-after-success")
def pipeline():
    with dsl.ExitHandler(clean_up(), name="first") as first:
        say(text="inside")
    last = say(text="without status")
    with dsl.ExitHandler(last):
        say(text="inside too")
    say(text="after the first").after(first)


EXPECTED = {
    "tasks": {
        "exit-handler-1": "SUCCEEDED",
        "exit-handler-1/say": "SUCCEEDED",
        "clean-up": "SUCCEEDED",
        "exit-handler-2": "SUCCEEDED",
        "exit-handler-2/say-3": "SUCCEEDED",
        "say-2": "SUCCEEDED",
        "say-4": "SUCCEEDED",
    },
    "parameters": {
        "exit-handler-1/say.Output": "inside",
        "clean-up.Output": ["SUCCEEDED", "exit-handler-1", True, None],
        "exit-handler-2/say-3.Output": "inside too",
        "say-2.Output": "without status",
        "say-4.Output": "after the first",
    },
}
