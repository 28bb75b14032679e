# ruff: noqa: UP006, UP035  written as authors write it
from typing import List

from kfp import dsl


@dsl.component(base_image="python:3.11")
def read(data: dsl.Input[dsl.Dataset]) -> int:
    return data.metadata["rows"]


@dsl.component(base_image="python:3.11")
def one_number() -> int:
    return 1


@dsl.pipeline
def loops_artifact(many: dsl.Input[List[dsl.Dataset]]):
    with dsl.ParallelFor(many) as one:
        read(data=one)
        with dsl.If(one_number().output == 1):
            read(data=one)
