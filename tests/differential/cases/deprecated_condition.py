from kfp import dsl


@dsl.component(base_image="python:3.11")
def say(text: str) -> str:
    return text


@dsl.pipeline
def deprecated_condition(text: str):
    with dsl.Condition(text == "a", "named"):
        say(text="1")
