from kfp import dsl


@dsl.component(base_image="python:3.11")
def say(text: str) -> str:
    return text


@dsl.pipeline
def branches(text: str = "a", n: int = 1):
    with dsl.If(text == "a"):
        say(text="1")
    with dsl.Else():
        say(text="2")
    with dsl.If(text == "a", name="first"):
        say(text="3")
    with dsl.Elif(n == 2, name="second"):
        say(text="4")
    with dsl.Elif(text == "c"):
        say(text="5")
    with dsl.Else(name="last"):
        say(text="6")
    say(text="after")


@dsl.pipeline
def open_chain(text: str = "a"):
    say(text="before")
    with dsl.If(text == "a"):
        say(text="1")
    with dsl.Elif(text == "b"):
        say(text="2")


@dsl.pipeline
def nested_branches(text: str = "a", n: int = 1):
    with dsl.If(text == "a"):
        with dsl.If(n == 1):
            say(text="1")
        with dsl.Elif(n == 2):
            say(text=text)
        with dsl.Else():
            say(text="3")
    with dsl.Else():
        say(text="4")
