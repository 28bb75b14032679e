"""What needs the output of a task that was not run is not run either; the run succeeds."""

from kfp import dsl


@dsl.component(base_image="python:3.11")
def say(text: str) -> str:
    return text


@dsl.pipeline(name="skipped-downstream")
def inner(text: str) -> str:
    return say(text=text).output


@dsl.pipeline(name="skipped-downstream")
def pipeline(text: str = "no"):
    with dsl.If(text == "yes", name="ask"):
        first = inner(text=text)
        say(text=first.output)
    say(text="also")


EXPECTED = {
    "tasks": {"condition-1": "SKIPPED", "say-2": "SUCCEEDED"},
    "parameters": {"say-2.Output": "also"},
}
