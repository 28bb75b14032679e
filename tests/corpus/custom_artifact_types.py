"""Artifact classes of one's own, from a package: their type is recorded, and the consumer gets the class."""

import atexit
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path

from kfp import dsl
from kfp.dsl import Artifact, Input, Output

FOLDER = tempfile.mkdtemp()
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
SOURCE = """
from kfp import dsl


class Forecast(dsl.Artifact):
    schema_title = "google.Forecast"
    schema_version = "0.0.2"

    @property
    def horizon(self):
        return self.metadata["horizon"]
"""
WHEEL = Path(FOLDER) / "corpus_types-1.0-py3-none-any.whl"
with zipfile.ZipFile(WHEEL, "w") as archive:
    archive.writestr("corpus_types.py", SOURCE)
    archive.writestr("corpus_types-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: corpus_types\nVersion: 1.0\n")
    archive.writestr(
        "corpus_types-1.0.dist-info/WHEEL",
        "Wheel-Version: 1.0\nGenerator: corpus\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    )
    archive.writestr(
        "corpus_types-1.0.dist-info/RECORD",
        "".join(f"{name},,\n" for name in (*archive.namelist(), "corpus_types-1.0.dist-info/RECORD")),
    )
sys.path.insert(0, str(WHEEL))
try:
    import corpus_types
    from corpus_types import Forecast
finally:
    sys.path.remove(str(WHEEL))


@dsl.component(base_image="python:3.11", packages_to_install=[f"corpus_types @ {WHEEL.as_uri()}"])
def make(forecast: Output[corpus_types.Forecast]):
    forecast.metadata["horizon"] = 7


@dsl.component(base_image="python:3.11", packages_to_install=[f"corpus_types @ {WHEEL.as_uri()}"])
def read(forecast: Input[corpus_types.Forecast]) -> int:
    return forecast.horizon


@dsl.component(base_image="python:3.11")
def read_any(forecast: Input[Artifact]) -> list:
    return [type(forecast).__name__, forecast.metadata]


@dsl.pipeline(name="custom-artifact-types")
def pipeline():
    made = make()
    read(forecast=made.output)
    read_any(forecast=made.output)


EXPECTED = {
    "tasks": {"make": "SUCCEEDED", "read": "SUCCEEDED", "read-any": "SUCCEEDED"},
    "parameters": {"read.Output": 7, "read-any.Output": ["Artifact", {"horizon": 7}]},
    "artifacts": {"make.forecast": [{"type": "Artifact", "metadata": {"horizon": 7}}]},
}
