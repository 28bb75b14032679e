# ruff: noqa: ARG001, UP006, UP035, UP045  written as authors write it
from typing import List, Optional

from kfp import dsl


@dsl.component(base_image="python:3.11")
def add(a: int, b: int = 1) -> int:
    return a + b


@dsl.component(base_image="python:3.11")
def all_kinds(
    a: dsl.Output[dsl.Artifact],
    d: dsl.Output[dsl.Dataset],
    m: dsl.Output[dsl.Model],
    x: dsl.Output[dsl.Metrics],
    c: dsl.Output[dsl.ClassificationMetrics],
    s: dsl.Output[dsl.SlicedClassificationMetrics],
    h: dsl.Output[dsl.HTML],
    k: dsl.Output[dsl.Markdown],
):
    """Makes one of each.

    Args:
        a: An artifact.

    Returns:
        a: An artifact.
        d: A dataset.
    """


@dsl.component(base_image="python:3.11")
def anything(a: dsl.Input[dsl.Artifact]):
    print(a.uri)


@dsl.component(base_image="python:3.11")
def optional(data: dsl.Input[dsl.Dataset] = None, other: Optional[dsl.Input[dsl.Model]] = None):
    print(data, other)


@dsl.component(base_image="python:3.11")
def pythonic(data: dsl.Dataset) -> dsl.Model:
    return dsl.Model(uri="x")


@dsl.component(base_image="python:3.11")
def many(data: dsl.Input[List[dsl.Dataset]]):
    print(len(data))


@dsl.component(base_image="python:3.11")
def paths(
    inp: dsl.InputPath("Dataset"),
    anything: dsl.InputPath(),
    data: dsl.OutputPath("Dataset"),
    number: dsl.OutputPath(int),
    other: dsl.OutputPath(dsl.Model),
):
    print(inp, anything, data, number, other)


@dsl.pipeline
def artifacts(data: dsl.Input[dsl.Dataset], more: dsl.Input[List[dsl.Dataset]], model: dsl.Model) -> dsl.Model:
    kinds = all_kinds()
    anything(a=kinds.outputs["m"])
    optional()
    optional(data=kinds.outputs["d"], other=model)
    many(data=more)
    made = paths(inp=data, anything=kinds.outputs["a"])
    pythonic(data=made.outputs["data"])
    add(a=made.outputs["number"])
    return pythonic(data=kinds.outputs["a"]).output
