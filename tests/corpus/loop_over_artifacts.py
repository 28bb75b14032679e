"""ParallelFor over artifacts that a pipeline made in a loop (KFP's own backend refuses this)."""

from typing import List

from kfp import dsl
from kfp.dsl import Dataset, Input, Output


@dsl.component(base_image="python:3.11")
def make(n: int, data: Output[Dataset]):
    with open(data.path, "w") as out:
        out.write("x" * n)


@dsl.component(base_image="python:3.11")
def measure(data: Input[Dataset]) -> int:
    with open(data.path) as found:
        return len(found.read())


@dsl.pipeline(name="many")
def many() -> List[Dataset]:
    with dsl.ParallelFor([1, 2]) as n:
        made = make(n=n)
    return dsl.Collected(made.outputs["data"])


@dsl.pipeline(name="loop-over-artifacts")
def pipeline() -> list:
    made = many()
    with dsl.ParallelFor(made.output) as data:
        measured = measure(data=data)
    return dsl.Collected(measured.output)


EXPECTED = {
    "tasks": {
        "many": "SUCCEEDED",
        "many/for-loop-2": "SUCCEEDED",
        "many/for-loop-2[0]/make": "SUCCEEDED",
        "many/for-loop-2[1]/make": "SUCCEEDED",
        "for-loop-1": "SUCCEEDED",
        "for-loop-1[0]/measure": "SUCCEEDED",
        "for-loop-1[1]/measure": "SUCCEEDED",
    },
    "parameters": {"for-loop-1[0]/measure.Output": 1, "for-loop-1[1]/measure.Output": 2, "Output": [1, 2]},
    "artifacts": {
        "many/for-loop-2[0]/make.data": [{"type": "Dataset", "content": "x"}],
        "many/for-loop-2[1]/make.data": [{"type": "Dataset", "content": "xx"}],
    },
}
