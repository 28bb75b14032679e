from kfp import dsl


@dsl.component(base_image="python:3.11")
def say(text: str) -> str:
    return text


@dsl.component(base_image="python:3.11")
def add(a: int, b: int = 1) -> int:
    return a + b


@dsl.pipeline
def chain(text: str = "hello"):
    first = say(text=text)
    second = say(text=first.output)
    say(text=second.output)


@dsl.pipeline(name="a-pipeline", description="Says it.", display_name="A pipeline", pipeline_root="gs://bucket/root")
def named():
    say(text="x")


@dsl.pipeline
def described(text: str, times: int = 3) -> str:
    """Says a text.

    More than once.

    Args:
        text: What to say.
        times: How often,
            at most.

    Returns:
        Output: What was said.
    """
    add(a=times)
    return say(text=text).output
