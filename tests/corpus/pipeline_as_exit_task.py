"""The exit task is a pipeline; it runs after a failure, and its own failure is shown beside it."""

from kfp import dsl


@dsl.component(base_image="python:3.11")
def say(text: str) -> str:
    return text


@dsl.component(base_image="python:3.11")
def fail(why: str):
    raise RuntimeError(why)


@dsl.pipeline(name="report")
def report(text: str) -> str:
    said = say(text=text)
    fail(why="the report failed").after(said)
    return said.output


@dsl.pipeline(name="pipeline-as-exit-task")
def pipeline(text: str = "to whom it may concern"):
    with dsl.ExitHandler(report(text=text)):
        say(text="all is well")


EXPECTED = {
    "tasks": {
        "exit-handler-1": "SUCCEEDED",
        "exit-handler-1/say": "SUCCEEDED",
        "report": "FAILED",
        "report/say": "SUCCEEDED",
        "report/fail": "FAILED",
    },
    "parameters": {
        "exit-handler-1/say.Output": "all is well",
        "report/say.Output": "to whom it may concern",
    },
    "errors": {"report/fail": "RuntimeError: the report failed"},
}
