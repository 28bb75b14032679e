"""A value passes from task to task; an argument replaces a default."""

from kfp import dsl


@dsl.component(base_image="python:3.11")
def add(a: int, b: int = 2) -> int:
    return a + b


@dsl.pipeline(name="chain")
def pipeline(a: int = 1) -> int:
    first = add(a=a)
    second = add(a=first.output)
    return add(a=second.output, b=first.output).output


EXPECTED = {
    "arguments": {"a": 5},
    "tasks": {"add": "SUCCEEDED", "add-2": "SUCCEEDED", "add-3": "SUCCEEDED"},
    "parameters": {"add.Output": 7, "add-2.Output": 9, "add-3.Output": 16, "Output": 16},
}
