# ruff: noqa: E741  written as authors write it
from kfp import dsl


@dsl.component(base_image="python:3.11")
def say(text: str) -> str:
    return text


@dsl.component(base_image="python:3.11")
def nested(l: list, d: dict):
    print(l, d)


@dsl.pipeline
def text_with_values(name: str = "x", n: int = 1):
    said = say(text=f"hello {name}")
    say(text=f"{said.output} and {name}, again {name}: {n}")
    nested(l=[name, f"a {said.output}", 1], d={"a": n, "b": {"c": [said.output]}})
    say(text="job " + dsl.PIPELINE_JOB_NAME_PLACEHOLDER + dsl.PIPELINE_ROOT_PLACEHOLDER)
    with dsl.If(n == 1):
        say(text=f"inner {name} {said.output}")
