"""A list of artifacts, collected from a loop, is the input of one task, in the order of the loop."""

from typing import List

from kfp import dsl
from kfp.dsl import Dataset, Input, Output


@dsl.component(base_image="python:3.11")
def make(n: int, data: Output[Dataset]):
    with open(data.path, "w") as out:
        out.write("x" * n)
    data.metadata["n"] = n


@dsl.component(base_image="python:3.11")
def sizes(data: Input[List[Dataset]]) -> list:
    import os

    return [[one.metadata["n"], os.path.getsize(one.path), type(one).__name__] for one in data]


@dsl.pipeline(name="artifact-lists")
def pipeline() -> List[Dataset]:
    with dsl.ParallelFor([3, 1, 2]) as n:
        made = make(n=n)
    sizes(data=dsl.Collected(made.outputs["data"]))
    return dsl.Collected(made.outputs["data"])


EXPECTED = {
    "tasks": {
        "for-loop-2": "SUCCEEDED",
        "for-loop-2[0]/make": "SUCCEEDED",
        "for-loop-2[1]/make": "SUCCEEDED",
        "for-loop-2[2]/make": "SUCCEEDED",
        "sizes": "SUCCEEDED",
    },
    "parameters": {"sizes.Output": [[3, 3, "Dataset"], [1, 1, "Dataset"], [2, 2, "Dataset"]]},
    "artifacts": {
        "for-loop-2[0]/make.data": [{"type": "Dataset", "content": "xxx", "metadata": {"n": 3}}],
        "for-loop-2[1]/make.data": [{"type": "Dataset", "content": "x", "metadata": {"n": 1}}],
        "for-loop-2[2]/make.data": [{"type": "Dataset", "content": "xx", "metadata": {"n": 2}}],
    },
}
