"""Times, durations and sizes, as the pages have them: integers with a unit."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import msgspec

Moment: TypeAlias = Annotated[
    int, msgspec.Meta(description="Microseconds since 1970-01-01T00:00:00Z.", extra_json_schema={"format": "int64"})
]
Duration: TypeAlias = Annotated[int, msgspec.Meta(description="Microseconds.", extra_json_schema={"format": "int64"})]
Bytes: TypeAlias = Annotated[int, msgspec.Meta(description="Bytes.", extra_json_schema={"format": "int64"})]
