"""Whether tasks may be reused unless they say otherwise."""

from __future__ import annotations

import os

_TRUE = {"1", "true", "t", "yes", "y", "on"}


class _Default:
    enabled = (
        str(os.environ.get("KFP_DISABLE_EXECUTION_CACHING_BY_DEFAULT")).strip().lower()  # noqa: TID251  kfp reads it at import, too
        not in _TRUE
    )


def enabled_by_default() -> bool:
    """True, unless set otherwise or by the environment variable KFP_DISABLE_EXECUTION_CACHING_BY_DEFAULT."""
    return _Default.enabled


def set_default(*, enabled: bool) -> None:
    """Set it for tasks that are placed from now on."""
    _Default.enabled = enabled
