from kfp import dsl


@dsl.component(base_image="python:3.11")
def sphinx(text: str, n: int = 1) -> str:
    """Says it.

    :param text: What to say.
    :param n: How often,
        or never.
    :return: The text.
    """
    return text * n


@dsl.component(base_image="python:3.11")
def short(text: str) -> str:
    """One line only."""
    return text


@dsl.component(base_image="python:3.11")
def long(text: str, n: int) -> str:
    """First line
    goes on here.

    Second paragraph,
    on two lines.

      indented

    Args:
        text (str): With a type.
        n: Plain: with a colon.

    Returns:
        A text, not a name.

    Raises:
        ValueError: If bad.
    """
    return text * n


@dsl.pipeline
def docstrings():
    """A pipeline.

    Example:
        docstrings()
    """
    sphinx(text="a")
    short(text="b")
    long(text="c", n=1)
