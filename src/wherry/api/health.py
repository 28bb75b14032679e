"""GetHealthzResponse."""

from __future__ import annotations

import msgspec


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """What kfp.Client asks first. Every field is always sent."""

    commit_sha: str
    tag_name: str
    multi_user: bool
    pipeline_store: str
