# ruff: noqa: N802, N807  written as authors write it
from kfp import dsl


def outer():
    @dsl.component(
        base_image="python:3.11",
    )
    def indented(
        x: int,
    ) -> int:
        # A comment with "quotes" and a \\ backslash.
        text = """
        two lines
          and more"""
        return len(text) + x

    return indented


indented = outer()


@dsl.component(base_image="python:3.11")
def __strange__name__(x: int) -> int:
    return x


@dsl.component(base_image="python:3.11")
def Upper_Case2(x: int = 1) -> int:
    return x


@dsl.pipeline
def sources():
    indented(x=1)
    __strange__name__(x=1)
    Upper_Case2()
    Upper_Case2()
