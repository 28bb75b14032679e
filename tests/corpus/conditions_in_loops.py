"""A condition inside a loop decides for each item; outer values reach it; a loop inside a condition runs or not."""

from kfp import dsl


@dsl.component(base_image="python:3.11")
def say(text: str) -> str:
    return text


@dsl.pipeline(name="conditions-in-loops")
def pipeline(wanted: str = "b"):
    said = say(text="outside")
    with dsl.ParallelFor(["a", "b"]) as letter:
        with dsl.If(letter == wanted):
            say(text=f"{letter} after {said.output}")
        with dsl.Else():
            say(text=f"not {letter}")
    with dsl.If(said.output == "inside"):
        with dsl.ParallelFor(["c", "d"]) as letter:
            say(text=letter)
    with dsl.If(said.output == "outside"):
        with dsl.ParallelFor(["c", "d"]) as letter:
            say(text=letter)


EXPECTED = {
    "tasks": {
        "say": "SUCCEEDED",
        "for-loop-2": "SUCCEEDED",
        "for-loop-2[0]/condition-branches-3": "SUCCEEDED",
        "for-loop-2[0]/condition-branches-3/condition-4": "SKIPPED",
        "for-loop-2[0]/condition-branches-3/condition-5": "SUCCEEDED",
        "for-loop-2[0]/condition-branches-3/condition-5/say-3": "SUCCEEDED",
        "for-loop-2[1]/condition-branches-3": "SUCCEEDED",
        "for-loop-2[1]/condition-branches-3/condition-4": "SUCCEEDED",
        "for-loop-2[1]/condition-branches-3/condition-4/say-2": "SUCCEEDED",
        "for-loop-2[1]/condition-branches-3/condition-5": "SKIPPED",
        "condition-6": "SKIPPED",
        "condition-9": "SUCCEEDED",
        "condition-9/for-loop-11": "SUCCEEDED",
        "condition-9/for-loop-11[0]/say-5": "SUCCEEDED",
        "condition-9/for-loop-11[1]/say-5": "SUCCEEDED",
    },
    "parameters": {
        "say.Output": "outside",
        "for-loop-2[0]/condition-branches-3/condition-5/say-3.Output": "not a",
        "for-loop-2[1]/condition-branches-3/condition-4/say-2.Output": "b after outside",
        "condition-9/for-loop-11[0]/say-5.Output": "c",
        "condition-9/for-loop-11[1]/say-5.Output": "d",
    },
}
