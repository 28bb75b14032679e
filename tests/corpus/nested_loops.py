"""A loop inside a loop sees both items; what is collected nests one list per loop."""

from kfp import dsl


@dsl.component(base_image="python:3.11")
def join(a: str, b: int) -> str:
    return f"{a}{b}"


@dsl.component(base_image="python:3.11")
def flatten(rows: list) -> str:
    return " | ".join(",".join(row) for row in rows)


@dsl.pipeline(name="nested-loops")
def pipeline() -> str:
    with dsl.ParallelFor(["a", "b"]) as letter:
        with dsl.ParallelFor([1, 2]) as n:
            joined = join(a=letter, b=n)
    return flatten(rows=dsl.Collected(joined.output)).output


EXPECTED = {
    "tasks": {
        "for-loop-2": "SUCCEEDED",
        "for-loop-2[0]/for-loop-4": "SUCCEEDED",
        "for-loop-2[0]/for-loop-4[0]/join": "SUCCEEDED",
        "for-loop-2[0]/for-loop-4[1]/join": "SUCCEEDED",
        "for-loop-2[1]/for-loop-4": "SUCCEEDED",
        "for-loop-2[1]/for-loop-4[0]/join": "SUCCEEDED",
        "for-loop-2[1]/for-loop-4[1]/join": "SUCCEEDED",
        "flatten": "SUCCEEDED",
    },
    "parameters": {
        "for-loop-2[0]/for-loop-4[0]/join.Output": "a1",
        "for-loop-2[0]/for-loop-4[1]/join.Output": "a2",
        "for-loop-2[1]/for-loop-4[0]/join.Output": "b1",
        "for-loop-2[1]/for-loop-4[1]/join.Output": "b2",
        "flatten.Output": "a1,a2 | b1,b2",
        "Output": "a1,a2 | b1,b2",
    },
}
