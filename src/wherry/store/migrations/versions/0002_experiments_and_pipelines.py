"""Experiments, registered pipelines, and runs that belong to them.

A copy of what the tables were then, which later changes to `wherry.store.tables` must not reach. SQLite cannot add
columns in the middle of a table or make one NOT NULL, so ``runs`` is made anew and filled from the old one. Runs
recorded before there were experiments go to the default experiment of their namespace.
"""

from __future__ import annotations

import hashlib
from typing import Any

from alembic import op
from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeEngine

revision = "0002"
down_revision = "0001"

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: A number the database hands out. SQLite hands out only for a column that is exactly INTEGER.
_SERIAL = BigInteger().with_variant(Integer, "sqlite")


def _name(length: int = 255) -> TypeEngine[str]:
    """Text that is compared: by bytes on every dialect. SQLite's default collation already does."""
    from sqlalchemy.dialects import mysql

    return (
        String(length)
        .with_variant(String(length, collation="C"), "postgresql")
        .with_variant(mysql.VARCHAR(length, charset="utf8mb4", collation="utf8mb4_bin"), "mysql", "mariadb")
    )


def _long_text() -> TypeEngine[str]:
    from sqlalchemy.dialects import mysql

    return Text().with_variant(mysql.LONGTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mysql", "mariadb")


def _id(name: str, **kwargs: Any) -> Column[str]:
    return Column(name, _name(64), nullable=kwargs.pop("nullable", False), **kwargs)


def _text(name: str, *, length: int = 255, nullable: bool = False) -> Column[str]:
    return Column(name, _name(length), nullable=nullable)


def _long(name: str, *, nullable: bool = False) -> Column[str]:
    return Column(name, _long_text(), nullable=nullable)


def _json(name: str, *, nullable: bool = False) -> Column[str]:
    """Canonical JSON: keys sorted, no spaces."""
    return Column(name, _long_text(), nullable=nullable)


def _micros(name: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=nullable)


def _count(name: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=nullable)


def _serial(name: str) -> Column[int]:
    return Column(name, _SERIAL, primary_key=True, autoincrement=True)


#: Only named here: it is there already.
Table("specs", METADATA, _id("digest", primary_key=True))

experiments = Table(
    "experiments",
    METADATA,
    _id("id", primary_key=True),
    _text("namespace"),
    _text("created_by"),
    _text("display_name"),
    _long("description"),
    _text("storage_state", length=32),
    _micros("created_at"),
    _micros("last_run_created_at"),
    UniqueConstraint("namespace", "display_name"),
    Index(None, "created_at", "id"),
    Index(None, "namespace", "created_at", "id"),
)

pipelines = Table(
    "pipelines",
    METADATA,
    _id("id", primary_key=True),
    _text("namespace"),
    _text("created_by"),
    _text("name"),
    _text("display_name"),
    _long("description"),
    _micros("created_at"),
    UniqueConstraint("namespace", "name"),
    Index(None, "created_at", "id"),
    Index(None, "namespace", "created_at", "id"),
)

pipeline_versions = Table(
    "pipeline_versions",
    METADATA,
    _serial("n"),
    _id("id"),
    _id("pipeline_id"),
    _text("created_by"),
    _text("name"),
    _text("display_name"),
    _long("description"),
    _micros("created_at"),
    _id("spec_digest"),
    _long("code_source_url"),
    _long("package_url"),
    ForeignKeyConstraint(["pipeline_id"], ["pipelines.id"], ondelete="CASCADE"),
    ForeignKeyConstraint(["spec_digest"], ["specs.digest"]),
    UniqueConstraint("id"),
    UniqueConstraint("pipeline_id", "name"),
    Index(None, "pipeline_id", "created_at", "n"),
    Index(None, "spec_digest"),
)

pipeline_tags = Table(
    "pipeline_tags",
    METADATA,
    _id("pipeline_id"),
    _text("key"),
    _text("value"),
    PrimaryKeyConstraint("pipeline_id", "key"),
    ForeignKeyConstraint(["pipeline_id"], ["pipelines.id"], ondelete="CASCADE"),
    Index(None, "key", "value", "pipeline_id"),
)

pipeline_version_tags = Table(
    "pipeline_version_tags",
    METADATA,
    _id("version_id"),
    _text("key"),
    _text("value"),
    PrimaryKeyConstraint("version_id", "key"),
    ForeignKeyConstraint(["version_id"], ["pipeline_versions.id"], ondelete="CASCADE"),
    Index(None, "key", "value", "version_id"),
)

runs = Table(
    "runs",
    METADATA,
    _id("id", primary_key=True),
    _count("generation"),
    _text("namespace"),
    _text("created_by"),
    _text("display_name"),
    _text("pipeline"),
    _id("spec_digest"),
    _json("parameters"),
    _long("pipeline_root"),
    _text("cache", length=32),
    _text("state", length=32),
    _text("storage_state", length=32),
    _micros("created_at"),
    _micros("scheduled_at"),
    _micros("started_at", nullable=True),
    _micros("finished_at"),
    _json("error", nullable=True),
    _count("semantics"),
    _count("crashes"),
    _text("idempotency_key", nullable=True),
    Column("owner_token", BigInteger, nullable=True),
    _text("owner_name", nullable=True),
    _micros("lease_expires_at", nullable=True),
    _id("experiment_id"),
    _long("description"),
    _id("pipeline_id", nullable=True),
    _id("pipeline_version_id", nullable=True),
    _text("service_account"),
    _id("recurring_run_id"),
    ForeignKeyConstraint(["spec_digest"], ["specs.digest"]),
    UniqueConstraint("namespace", "idempotency_key"),
    Index(None, "created_at", "id"),
    Index(None, "namespace", "created_at", "id"),
    Index(None, "state", "created_at", "id"),
    Index(None, "spec_digest", "created_at"),
    Index(None, "scheduled_at", "id"),
    Index(None, "finished_at", "id"),
    Index(None, "display_name", "id"),
    Index(None, "experiment_id", "created_at", "id"),
    Index(
        "ix_runs_listing",
        "created_at",
        "id",
        "namespace",
        "experiment_id",
        "storage_state",
        "state",
        "display_name",
        "scheduled_at",
        "finished_at",
        "recurring_run_id",
        "description",
        mysql_length={"description": 191},
    ),
)


_OLD_COLUMNS = (
    "id, generation, namespace, created_by, display_name, pipeline, spec_digest, parameters, pipeline_root, cache, "
    "state, storage_state, created_at, scheduled_at, started_at, error, semantics, crashes, idempotency_key, "
    "owner_token, owner_name, lease_expires_at"
)


def upgrade() -> None:
    for table in (experiments, pipelines, pipeline_versions, pipeline_tags, pipeline_version_tags):
        table.create(op.get_bind())
    defaults = _make_default_experiments()
    _remake_runs(defaults)
    op.create_index("ix_cache_entries_run_id", "cache_entries", ["run_id"])
    op.create_index(
        "ix_run_events_of_run",
        "run_events",
        ["run_id", "seq"],
        sqlite_where=text("task IS NULL"),
        postgresql_where=text("task IS NULL"),
    )


def _make_default_experiments() -> dict[str, str]:
    """One for each namespace that has runs; returns their ids by namespace."""
    found = op.get_bind().execute(
        text("SELECT namespace, min(created_at), max(created_at) FROM runs GROUP BY namespace ORDER BY namespace")
    )
    defaults = {}
    for namespace, first, last in found.fetchall():
        defaults[namespace] = _default_experiment_id(namespace)
        op.get_bind().execute(
            experiments.insert().values(
                id=defaults[namespace],
                namespace=namespace,
                created_by="",
                display_name="Default",
                description="All runs created without specifying an experiment will be grouped here.",
                storage_state="AVAILABLE",
                created_at=first,
                last_run_created_at=last,
            )
        )
    return defaults


def _remake_runs(defaults: dict[str, str]) -> None:
    # Tables that refer to runs go on doing so: without this they would follow the old one under its new name.
    op.execute("PRAGMA legacy_alter_table = ON")
    op.execute("ALTER TABLE runs RENAME TO runs_0001")
    op.execute("PRAGMA legacy_alter_table = OFF")
    for (name,) in (
        op.get_bind()
        .execute(
            text("SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'runs_0001' AND sql IS NOT NULL")
        )
        .fetchall()
    ):
        op.drop_index(name, "runs_0001")
    runs.create(op.get_bind())
    for namespace, experiment_id in defaults.items():
        op.get_bind().execute(
            text(
                f"INSERT INTO runs ({_OLD_COLUMNS}, finished_at, experiment_id, description, service_account, "  # noqa: S608  constants of ours
                f"recurring_run_id) SELECT {_OLD_COLUMNS}, coalesce(finished_at, 0), :experiment_id, '', '', '' "
                "FROM runs_0001 WHERE namespace = :namespace"
            ),
            {"namespace": namespace, "experiment_id": experiment_id},
        )
    op.execute("DROP TABLE runs_0001")


def _default_experiment_id(namespace: str) -> str:
    digest = hashlib.sha256(f"wherry/default-experiment/{namespace}".encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-8{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}"
