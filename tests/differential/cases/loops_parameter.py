# ruff: noqa: B006, UP006, UP035  written as authors write it
from typing import Dict, List

from kfp import dsl


@dsl.component(base_image="python:3.11")
def say(text: str) -> str:
    return text


@dsl.component(base_image="python:3.11")
def add(a: int, b: int = 1) -> int:
    return a + b


@dsl.component(base_image="python:3.11")
def numbers() -> list:
    return [1, 2]


@dsl.component(base_image="python:3.11")
def records() -> List[Dict[str, str]]:
    return [{"name": "a"}]


@dsl.component(base_image="python:3.11")
def any_text(text: str, n: int = 0):
    print(text, n)


@dsl.pipeline
def loops_parameter(
    plain: list, texts: List[str] = ["a"], ints: list[int] = [1], rows: List[Dict[str, str]] = [{"k": "v"}]
):
    with dsl.ParallelFor(plain) as item:
        any_text(text=item, n=item)
    with dsl.ParallelFor(texts) as text:
        say(text=text).set_cpu_limit(text).set_container_image(f"python:{text}")
    with dsl.ParallelFor(ints, parallelism=3) as n:
        add(a=n)
    with dsl.ParallelFor(rows) as row:
        say(text=row.k)
    made = numbers()
    with dsl.ParallelFor(made.output) as n:
        any_text(text="x", n=n)
    with dsl.ParallelFor(records().output) as record:
        say(text=record.title)
        with dsl.If(record.title == "x"):
            say(text=record.other)
