"""A loop over nothing succeeds, and what is collected from it is an empty list."""

from typing import List

from kfp import dsl
from kfp.dsl import Dataset, Input, Output


@dsl.component(base_image="python:3.11")
def make(n: int, data: Output[Dataset]) -> int:
    return n


@dsl.component(base_image="python:3.11")
def count(numbers: List[int], data: Input[List[Dataset]]) -> str:
    return repr((numbers, data))


@dsl.pipeline(name="empty-loop")
def pipeline(items: List[int] = []) -> list:
    with dsl.ParallelFor(items) as n:
        made = make(n=n)
    count(numbers=dsl.Collected(made.outputs["Output"]), data=dsl.Collected(made.outputs["data"]))
    return dsl.Collected(made.outputs["Output"])


EXPECTED = {
    "tasks": {"for-loop-1": "SUCCEEDED", "count": "SUCCEEDED"},
    "parameters": {"count.Output": "([], [])", "Output": []},
}
