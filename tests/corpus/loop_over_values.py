"""ParallelFor over an argument and over the output of a task, at most two at once; the list, collected, adds up."""

from typing import List

from kfp import dsl


@dsl.component(base_image="python:3.11")
def numbers(n: int) -> List[int]:
    return list(range(n))


@dsl.component(base_image="python:3.11")
def square(n: int) -> int:
    return n * n


@dsl.component(base_image="python:3.11")
def total(numbers: List[int]) -> int:
    return sum(numbers)


@dsl.pipeline(name="loop-over-values")
def pipeline(given: List[int] = [1]) -> int:
    with dsl.ParallelFor(given, parallelism=2) as n:
        square(n=n)
    made = numbers(n=4)
    with dsl.ParallelFor(made.output) as m:
        squared = square(n=m)
    return total(numbers=dsl.Collected(squared.output)).output


EXPECTED = {
    "arguments": {"given": [5, 6, 7]},
    "tasks": {
        "for-loop-1": "SUCCEEDED",
        "for-loop-1[0]/square": "SUCCEEDED",
        "for-loop-1[1]/square": "SUCCEEDED",
        "for-loop-1[2]/square": "SUCCEEDED",
        "numbers": "SUCCEEDED",
        "for-loop-2": "SUCCEEDED",
        "for-loop-2[0]/square-2": "SUCCEEDED",
        "for-loop-2[1]/square-2": "SUCCEEDED",
        "for-loop-2[2]/square-2": "SUCCEEDED",
        "for-loop-2[3]/square-2": "SUCCEEDED",
        "total": "SUCCEEDED",
    },
    "parameters": {
        "for-loop-1[0]/square.Output": 25,
        "for-loop-1[1]/square.Output": 36,
        "for-loop-1[2]/square.Output": 49,
        "numbers.Output": [0, 1, 2, 3],
        "for-loop-2[0]/square-2.Output": 0,
        "for-loop-2[1]/square-2.Output": 1,
        "for-loop-2[2]/square-2.Output": 4,
        "for-loop-2[3]/square-2.Output": 9,
        "total.Output": 14,
        "Output": 14,
    },
}
