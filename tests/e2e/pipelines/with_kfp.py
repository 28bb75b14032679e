"""Written for kfp; not a word of it is ours."""

import kfp
from kfp import compiler, dsl
from kfp.dsl import Dataset, Input, Output


@dsl.component(base_image="python:3.11")
def write(text: str, table: Output[Dataset]):
    with open(table.path, "w") as file:
        file.write(text)


@dsl.component(base_image="python:3.11")
def count(table: Input[Dataset]) -> int:
    with open(table.path) as file:
        letters = len(file.read())
    print("letters:", letters)
    return letters


@dsl.pipeline(name="letters", description=f"for kfp {kfp.__version__}")
def letters(text: str = "wherry") -> int:
    return count(table=write(text=text).outputs["table"]).output


if __name__ == "__main__":
    compiler.Compiler().compile(letters, "letters.yaml")
