"""Points at which a test can have the process die, as if by ``kill -9``. Off unless a setting names one."""

from __future__ import annotations

import os
from typing import Final

from wherry.errors import InvalidArgumentError

AFTER_COMMIT: Final = "after-commit"
"""A turn is committed, and nothing of it has been done yet."""
BEFORE_LAUNCH: Final = "before-launch"
"""An attempt is recorded, and its launcher has not heard of it."""

KILLED: Final = 137
"""Exit status of a process that died here: what a shell reports of one killed by SIGKILL."""


class Failpoints:
    """Counts the points that are passed.

    Args:
        setting: ``after-commit:N`` or ``before-launch:N``: die at the N-th. Empty: never.

    Raises:
        InvalidArgumentError: the setting is anything else.
    """

    def __init__(self, setting: str) -> None:
        name, _, number = setting.partition(":")
        if setting and (name not in {AFTER_COMMIT, BEFORE_LAUNCH} or not number.isdecimal() or int(number) < 1):
            raise InvalidArgumentError(
                f"WHERRY_ENGINE_FAILPOINT is '{setting}'", hint=f"Write {AFTER_COMMIT}:N or {BEFORE_LAUNCH}:N."
            )
        self._name = name
        self._left = int(number) if setting else 0

    def reach(self, name: str) -> None:
        """Die here, if it is the point and the time."""
        if name == self._name:
            self._left -= 1
            if self._left == 0:
                os._exit(KILLED)
