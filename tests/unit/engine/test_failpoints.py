from __future__ import annotations

import subprocess
import sys

import pytest

from wherry.engine.failpoints import AFTER_COMMIT, Failpoints
from wherry.errors import InvalidArgumentError


def test_the_process_dies_at_the_point_and_the_time() -> None:
    program = (
        "from wherry.engine.failpoints import Failpoints\n"
        "points = Failpoints('after-commit:2')\n"
        "points.reach('before-launch'); points.reach('after-commit'); print('alive', flush=True)\n"
        "points.reach('after-commit'); print('still alive', flush=True)\n"
    )

    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stdout) == (137, "alive\n")


def test_without_a_setting_nothing_happens() -> None:
    Failpoints("").reach(AFTER_COMMIT)


@pytest.mark.parametrize("setting", ["after-commit", "after-commit:0", "after-commit:x", "elsewhere:1"])
def test_a_setting_that_names_no_point_is_refused(setting: str) -> None:
    with pytest.raises(InvalidArgumentError, match="WHERRY_ENGINE_FAILPOINT is"):
        Failpoints(setting)
