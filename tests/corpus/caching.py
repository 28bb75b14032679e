"""A task with the same inputs is reused, one with caching off runs again, and a cache key replaces the inputs."""

from kfp import dsl
from kfp.dsl import Dataset, Input, Output


@dsl.component(base_image="python:3.11")
def make(n: int, data: Output[Dataset]) -> int:
    with open(data.path, "w") as out:
        out.write("x" * n)
    return n


@dsl.component(base_image="python:3.11")
def read(data: Input[Dataset]) -> str:
    with open(data.path) as found:
        return found.read()


@dsl.pipeline(name="caching")
def pipeline():
    first = make(n=3)
    again = make(n=3).after(first)
    read(data=first.outputs["data"]).set_caching_options(False)
    read(data=again.outputs["data"]).set_caching_options(False)
    never = make(n=3).after(again).set_caching_options(False)
    with dsl.ParallelFor([4, 5], parallelism=1) as n:
        make(n=n).after(never).set_caching_options(True, cache_key="mine")


EXPECTED = {
    "tasks": {
        "make": "SUCCEEDED",
        "make-2": "CACHED",
        "read": "SUCCEEDED",
        "read-2": "SUCCEEDED",
        "make-3": "SUCCEEDED",
        "for-loop-2": "SUCCEEDED",
        "for-loop-2[0]/make-4": "SUCCEEDED",
        "for-loop-2[1]/make-4": "CACHED",
    },
    "parameters": {
        "make.Output": 3,
        "make-2.Output": 3,
        "read.Output": "xxx",
        "read-2.Output": "xxx",
        "make-3.Output": 3,
        "for-loop-2[0]/make-4.Output": 4,
        "for-loop-2[1]/make-4.Output": 4,
    },
    "artifacts": {
        "make.data": [{"type": "Dataset", "content": "xxx"}],
        "make-2.data": [{"type": "Dataset", "content": "xxx"}],
        "make-3.data": [{"type": "Dataset", "content": "xxx"}],
        "for-loop-2[0]/make-4.data": [{"type": "Dataset", "content": "xxxx"}],
        "for-loop-2[1]/make-4.data": [{"type": "Dataset", "content": "xxxx"}],
    },
}
