"""ParallelFor over a list in the source: numbers, and mappings whose fields are used."""

from kfp import dsl


@dsl.component(base_image="python:3.11")
def double(n: int) -> int:
    return n * 2


@dsl.component(base_image="python:3.11")
def describe(label: str, size: str) -> str:
    return f"{label}={size}"


@dsl.pipeline(name="loop-over-constants")
def pipeline():
    with dsl.ParallelFor([1, 2, 3]) as n:
        double(n=n)
    with dsl.ParallelFor([{"label": "a", "size": 1}, {"label": "b's", "size": 2}]) as item:
        describe(label=item.label, size=item.size)


EXPECTED = {
    "tasks": {
        "for-loop-2": "SUCCEEDED",
        "for-loop-2[0]/double": "SUCCEEDED",
        "for-loop-2[1]/double": "SUCCEEDED",
        "for-loop-2[2]/double": "SUCCEEDED",
        "for-loop-4": "SUCCEEDED",
        "for-loop-4[0]/describe": "SUCCEEDED",
        "for-loop-4[1]/describe": "SUCCEEDED",
    },
    "parameters": {
        "for-loop-2[0]/double.Output": 2,
        "for-loop-2[1]/double.Output": 4,
        "for-loop-2[2]/double.Output": 6,
        "for-loop-4[0]/describe.Output": "a=1",
        "for-loop-4[1]/describe.Output": "b's=2",
    },
}
