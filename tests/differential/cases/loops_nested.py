# ruff: noqa: SIM117, UP006, UP035  written as authors write it
from typing import List

from kfp import dsl


@dsl.component(base_image="python:3.11")
def say(text: str) -> str:
    return text


@dsl.component(base_image="python:3.11")
def add(a: int, b: int = 1) -> int:
    return a + b


@dsl.pipeline
def loops_nested(outer: List[str], table: list):
    before = say(text="before")
    with dsl.ParallelFor([1, 2]) as a:
        with dsl.ParallelFor([3, 4]) as b:
            add(a=a, b=b)
            say(text=before.output)
    with dsl.ParallelFor(outer) as text:
        with dsl.ParallelFor([5, 6]) as c:
            add(a=c)
            say(text=text)
    with dsl.ParallelFor(table) as row:
        with dsl.ParallelFor(row.cells) as cell:
            say(text=cell)
            say(text=row.title)
    with dsl.ParallelFor([7, 8]) as d:
        with dsl.If(d == 7):
            add(a=d)
            with dsl.ParallelFor(outer) as inner:
                say(text=inner)
                add(a=d)
