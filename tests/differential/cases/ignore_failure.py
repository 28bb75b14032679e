from kfp import dsl


@dsl.component(base_image="python:3.11")
def say(text: str) -> str:
    return text


@dsl.component(base_image="python:3.11")
def add(a: int, b: int = 1) -> int:
    return a + b


@dsl.component(base_image="python:3.11")
def report(status: dsl.PipelineTaskFinalStatus, text: str = "none"):
    print(status.state, text)


@dsl.pipeline
def ignore_failure():
    first = say(text="a")
    say(text="b").after(first).ignore_upstream_failure()
    report(text=first.output).ignore_upstream_failure()
