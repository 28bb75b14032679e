"""A pipeline with a parameter of every type."""

from wherry import dsl


@dsl.component(base_image="python:3.11")
def take(text: str, whole: int, number: float, flag: bool, many: list, fields: dict) -> str:  # noqa: FBT001  the same
    return f"{text} {whole} {number} {flag} {many} {fields}"


@dsl.pipeline(name="typed")
def typed(
    text: str,
    whole: int = 1,
    number: float = 0.5,
    flag: bool = True,  # noqa: FBT001, FBT002  a parameter as users write it
    many: list = [],  # noqa: B006  a default as users write it
    fields: dict = {},  # noqa: B006  the same
) -> str:
    return take(text=text, whole=whole, number=number, flag=flag, many=many, fields=fields).output
