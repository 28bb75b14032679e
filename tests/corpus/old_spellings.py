"""Spellings that kfp has deprecated and still compiles."""

from kfp import dsl


@dsl.component(base_image="python:3.11")
def say(text: str) -> str:
    return text


@dsl.pipeline(name="Old Spellings", description="Names with capitals and spaces", pipeline_root="gs://bucket/root")
def pipeline(n: int = 1):
    """A docstring.

    Args:
        n: A number.
    """
    with dsl.Condition(n == 1, "is one"):
        say(text="one").set_gpu_limit(1)
    say(text="two").add_node_selector_constraint("nvidia.com/gpu")


EXPECTED = {
    "tasks": {"condition-1": "SUCCEEDED", "condition-1/say": "SUCCEEDED", "say-2": "SUCCEEDED"},
    "parameters": {"condition-1/say.Output": "one", "say-2.Output": "two"},
}
