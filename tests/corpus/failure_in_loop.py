"""One iteration fails: the others end, the loop has failed, and what collects from it is not run."""

from kfp import dsl


@dsl.component(base_image="python:3.11")
def invert(n: int) -> float:
    return 1 / n


@dsl.component(base_image="python:3.11")
def total(numbers: list) -> float:
    return sum(numbers)


@dsl.component(base_image="python:3.11")
def count(numbers: list = [], status: dsl.PipelineTaskFinalStatus = None) -> str:
    return f"{len(numbers)} {status.state}"


@dsl.pipeline(name="failure-in-loop")
def pipeline():
    with dsl.ParallelFor([1, 0, 2]) as n:
        inverted = invert(n=n)
    total(numbers=dsl.Collected(inverted.output))
    count(numbers=dsl.Collected(inverted.output)).ignore_upstream_failure()


EXPECTED = {
    "state": "FAILED",
    "tasks": {
        "for-loop-2": "FAILED",
        "for-loop-2[0]/invert": "SUCCEEDED",
        "for-loop-2[1]/invert": "FAILED",
        "for-loop-2[2]/invert": "SUCCEEDED",
        "total": "SKIPPED",
        "count": "SUCCEEDED",
    },
    "parameters": {
        "for-loop-2[0]/invert.Output": 1.0,
        "for-loop-2[2]/invert.Output": 0.5,
        "count.Output": "0 FAILED",
    },
    "errors": {"for-loop-2[1]/invert": "ZeroDivisionError: division by zero"},
}
