"""A task that ignores the failure before it runs with its defaults, and is told of the failure."""

from kfp import dsl


@dsl.component(base_image="python:3.11")
def fail(text: str) -> str:
    raise ValueError(text)


@dsl.component(base_image="python:3.11")
def go_on(text: str = "the default", status: dsl.PipelineTaskFinalStatus = None) -> str:
    return f"{text}, {status.pipeline_task_name} {status.state}"


@dsl.component(base_image="python:3.11")
def say(text: str) -> str:
    return text


@dsl.pipeline(name="ignored-failure")
def pipeline():
    broken = fail(text="broken")
    gone_on = go_on(text=broken.output).ignore_upstream_failure()
    say(text=gone_on.output)
    say(text=broken.output)


EXPECTED = {
    "state": "FAILED",
    "tasks": {"fail": "FAILED", "go-on": "SUCCEEDED", "say": "SUCCEEDED", "say-2": "SKIPPED"},
    "parameters": {"go-on.Output": "the default, fail FAILED", "say.Output": "the default, fail FAILED"},
}
