"""A small package that a component carries with it."""


def greet(name: str) -> str:
    return f"hello {name}"
