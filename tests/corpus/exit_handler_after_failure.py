"""The exit task runs after a failure, is told of it, and its own success does not hide the failure."""

from kfp import dsl


@dsl.component(base_image="python:3.11")
def say(text: str) -> str:
    return text


@dsl.component(base_image="python:3.11")
def fail():
    raise ValueError("out of luck")


@dsl.component(base_image="python:3.11")
def clean_up(status: dsl.PipelineTaskFinalStatus, text: str) -> dict:
    return {
        "state": status.state,
        "task": status.pipeline_task_name,
        "error": "out of luck" in status.error_message,
        "text": text,
    }


@dsl.pipeline(name="exit-handler-after-failure")
def pipeline(text: str = "always"):
    with dsl.ExitHandler(clean_up(text=text)):
        broken = fail()
        say(text="never").after(broken)
        say(text="on its own")


EXPECTED = {
    "state": "FAILED",
    "tasks": {
        "exit-handler-1": "FAILED",
        "exit-handler-1/fail": "FAILED",
        "exit-handler-1/say": "SKIPPED",
        "exit-handler-1/say-2": "SUCCEEDED",
        "clean-up": "SUCCEEDED",
    },
    "parameters": {
        "exit-handler-1/say-2.Output": "on its own",
        "clean-up.Output": {"state": "FAILED", "task": "exit-handler-1", "error": True, "text": "always"},
    },
    "errors": {"exit-handler-1/fail": "ValueError: out of luck"},
}
