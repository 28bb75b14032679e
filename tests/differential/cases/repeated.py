from kfp import dsl


@dsl.component(base_image="python:3.11")
def say(text: str) -> str:
    return text


@dsl.pipeline
def repeated():
    first = say(text="a")
    second = say(text=first.output)
    third = say(text=second.output).after(first)
    say(text="b").after(third, second)
