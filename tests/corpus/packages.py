"""Packages that components ask for are installed, whatever else their commands say; kfp is not."""

import atexit
import shutil
import tempfile
import zipfile
from pathlib import Path

from kfp import dsl

FOLDER = tempfile.mkdtemp()
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)


def wheel(name: str, source: str) -> str:
    """A wheel of one module, as a requirement."""
    path = Path(FOLDER) / f"{name}-1.0-py3-none-any.whl"
    about = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}.py", source)
        archive.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(
            f"{about}/WHEEL", "Wheel-Version: 1.0\nGenerator: corpus\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{about}/RECORD", f"{name}.py,,\n{about}/METADATA,,\n{about}/WHEEL,,\n{about}/RECORD,,\n")
    return f"{name} @ {path.as_uri()}"


GREETING = wheel("corpus_greeting", "def greet(name):\n    return f'hello {name}'\n")
COUNTING = wheel("corpus_counting", "def count(text):\n    return len(text)\n")


@dsl.component(base_image="python:3.11", packages_to_install=[GREETING])
def greet(name: str) -> str:
    from corpus_greeting import greet

    return greet(name)


@dsl.component(base_image="python:3.11", packages_to_install=[GREETING, COUNTING], use_venv=True)
def count(name: str) -> int:
    from corpus_counting import count
    from corpus_greeting import greet

    return count(greet(name))


@dsl.component(base_image="python:3.11", packages_to_install=[COUNTING], install_kfp_package=False)
def without_kfp(name: str) -> list:
    import importlib.metadata
    import importlib.util

    installed = sorted(one.name for one in importlib.metadata.distributions())
    return [importlib.util.find_spec("corpus_greeting") is None, "kfp" in installed, "corpus_counting" in installed]


@dsl.pipeline(name="packages")
def pipeline(name: str = "you"):
    greet(name=name)
    count(name=name)
    without_kfp(name=name)


EXPECTED = {
    "tasks": {"greet": "SUCCEEDED", "count": "SUCCEEDED", "without-kfp": "SUCCEEDED"},
    "parameters": {
        "greet.Output": "hello you",
        "count.Output": 9,
        "without-kfp.Output": [True, False, True],
    },
}
