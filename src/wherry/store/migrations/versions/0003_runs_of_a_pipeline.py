"""Runs of a pipeline, and of a version of it, in the order in which they were created."""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    for name, column in (
        ("ix_runs_of_pipeline", "pipeline_id"),
        ("ix_runs_of_pipeline_version", "pipeline_version_id"),
    ):
        rare = text(f"{column} IS NOT NULL")
        op.create_index(name, "runs", [column, "created_at", "id"], sqlite_where=rare, postgresql_where=rare)
