# ruff: noqa: SIM117, UP006, UP035  written as authors write it
from typing import List

from kfp import dsl


@dsl.component(base_image="python:3.11")
def add(a: int, b: int = 1) -> int:
    return a + b


@dsl.component(base_image="python:3.11")
def total(numbers: list) -> int:
    return sum(numbers)


@dsl.component(base_image="python:3.11")
def make(rows: int, data: dsl.Output[dsl.Dataset]):
    data.metadata["rows"] = rows


@dsl.component(base_image="python:3.11")
def merge(data: dsl.Input[List[dsl.Dataset]]) -> int:
    return len(data)


@dsl.pipeline
def collected(n: int = 1) -> list:
    with dsl.ParallelFor([1, 2, 3]) as x:
        doubled = add(a=x, b=x)
        made = make(rows=x)
    total(numbers=dsl.Collected(doubled.output))
    merge(data=dsl.Collected(made.outputs["data"]))
    with dsl.If(n == 1):
        total(numbers=dsl.Collected(doubled.output))
    return dsl.Collected(doubled.output)


@dsl.pipeline
def collected_twice() -> List[dsl.Dataset]:
    with dsl.ParallelFor([1, 2]) as x:
        with dsl.ParallelFor([3, 4]) as y:
            summed = add(a=x, b=y)
            made = make(rows=y)
        total(numbers=dsl.Collected(summed.output))
    total(numbers=dsl.Collected(summed.output))
    return dsl.Collected(made.outputs["data"])


@dsl.pipeline
def collected_from_condition():
    with dsl.ParallelFor([1, 2]) as x:
        with dsl.If(x == 1):
            summed = add(a=x)
    total(numbers=dsl.Collected(summed.output))


@dsl.pipeline
def collected_into_loop():
    with dsl.ParallelFor([1, 2]) as x:
        summed = add(a=x)
    with dsl.ParallelFor([1, 2]) as y:
        total(numbers=dsl.Collected(summed.output))
        add(a=y)


@dsl.pipeline
def in_loop_and_condition(n: int = 1):
    with dsl.If(n == 1):
        with dsl.ParallelFor([1, 2]) as x:
            summed = add(a=x)
        total(numbers=dsl.Collected(summed.output))
