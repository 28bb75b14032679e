"""Two tasks."""

from wherry import dsl


@dsl.component(base_image="python:3.11")
def greet(name: str) -> str:
    print(f"greeting {name}")
    return f"Hello, {name}!"


@dsl.component(base_image="python:3.11")
def shout(text: str) -> str:
    return text.upper()


@dsl.pipeline(name="hello")
def hello(name: str = "world") -> str:
    return shout(text=greet(name=name).output).output
