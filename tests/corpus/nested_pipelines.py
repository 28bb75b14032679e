"""A pipeline as a component, twice, with parameters and artifacts through its border, and one inside it."""

from typing import NamedTuple

from kfp import dsl
from kfp.dsl import Dataset, Input, Output


@dsl.component(base_image="python:3.11")
def make(n: int, data: Output[Dataset]) -> int:
    with open(data.path, "w") as out:
        out.write("x" * n)
    return n * 10


@dsl.component(base_image="python:3.11")
def measure(data: Input[Dataset], factor: int = 1) -> int:
    with open(data.path) as found:
        return len(found.read()) * factor


@dsl.pipeline(name="inner")
def inner(data: Input[Dataset], factor: int = 3) -> int:
    return measure(data=data, factor=factor).output


@dsl.pipeline(name="outer")
def outer(n: int) -> NamedTuple("Outputs", data=Dataset, size=int, made=int):
    made = make(n=n)
    size = inner(data=made.outputs["data"])
    outputs = NamedTuple("Outputs", data=Dataset, size=int, made=int)
    return outputs(data=made.outputs["data"], size=size.output, made=made.outputs["Output"])


@dsl.pipeline(name="nested-pipelines")
def pipeline(n: int = 2) -> int:
    first = outer(n=n)
    second = outer(n=first.outputs["size"])
    return measure(data=second.outputs["data"], factor=first.outputs["made"]).output


EXPECTED = {
    "tasks": {
        "outer": "SUCCEEDED",
        "outer/make": "SUCCEEDED",
        "outer/inner": "SUCCEEDED",
        "outer/inner/measure": "SUCCEEDED",
        "outer-2": "SUCCEEDED",
        "outer-2/make": "SUCCEEDED",
        "outer-2/inner": "SUCCEEDED",
        "outer-2/inner/measure": "SUCCEEDED",
        "measure": "SUCCEEDED",
    },
    "parameters": {
        "outer/make.Output": 20,
        "outer/inner/measure.Output": 6,
        "outer-2/make.Output": 60,
        "outer-2/inner/measure.Output": 18,
        "measure.Output": 120,
        "Output": 120,
    },
    "artifacts": {
        "outer/make.data": [{"type": "Dataset", "content": "xx"}],
        "outer-2/make.data": [{"type": "Dataset", "content": "xxxxxx"}],
    },
}
