"""A folder and a file travel inside a component; the folder can be imported from."""

from pathlib import Path

from kfp import dsl
from kfp.dsl import Dataset

ASSETS = Path(__file__).parent / "assets"


@dsl.component(base_image="python:3.11", embedded_artifact_path=str(ASSETS))
def folder(name: str, assets: dsl.EmbeddedInput[Dataset]) -> str:
    import os

    import greetings

    with open(os.path.join(assets.path, "greetings", "words.txt")) as words:
        return f"{greetings.greet(name)}, {len(words.readlines())} words"


@dsl.component(base_image="python:3.11", embedded_artifact_path=str(ASSETS / "note.txt"))
def single(note: dsl.EmbeddedInput[Dataset]) -> str:
    with open(note.path) as found:
        return found.read()


@dsl.pipeline(name="embedded-artifacts")
def pipeline(name: str = "you"):
    folder(name=name)
    single()


EXPECTED = {
    "tasks": {"folder": "SUCCEEDED", "single": "SUCCEEDED"},
    "parameters": {"folder.Output": "hello you, 2 words", "single.Output": "a single file\n"},
}
