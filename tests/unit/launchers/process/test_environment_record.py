"""What an environment is said to hold."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

from wherry.launchers.process.environment_record import read_environment
from wherry.ports import AttemptEnvironment

KEY = "e1-0123456789abcdef01234567"


@pytest.fixture
def environments(tmp_path: Path) -> Path:
    """A folder with one environment, as uv makes it."""
    for name, version in (("pandas", "2.3.3"), ("python_dateutil", "4.0.0")):
        folder = tmp_path / KEY / "lib" / "python3.11" / "site-packages" / f"{name}-{version}.dist-info"
        folder.mkdir(parents=True)
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: {version}\n")
    (tmp_path / KEY / "pyvenv.cfg").write_text("home = /usr/bin\nimplementation = CPython\nversion_info = 3.11.7\n")
    return tmp_path


def test_an_environment_tells_its_python_and_packages(environments: Path) -> None:
    assert read_environment(environments, KEY) == AttemptEnvironment(
        python="3.11.7", packages=("pandas==2.3.3", "python-dateutil==4.0.0")
    )


@pytest.mark.parametrize("key", ["e1-fffffffffffffffffffffff", "e1-../secret", "../..", "", "e0-0123"])
def test_what_is_gone_or_no_key_is_not_known(environments: Path, key: str) -> None:
    assert read_environment(environments, key) is None


def test_a_lent_interpreter_is_this_one(environments: Path) -> None:
    told = read_environment(environments, "current /usr/bin/python3")

    assert told is not None
    assert (told.python, told.packages) == (platform.python_version(), ())
    assert told.note
