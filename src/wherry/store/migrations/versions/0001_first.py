"""The first schema.

A copy of what the tables were then, which later changes to `wherry.store.tables` must not reach.
"""

from __future__ import annotations

from typing import Any

from alembic import op
from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeEngine

revision = "0001"
down_revision = None

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

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


owners = Table("owners", METADATA, _serial("token"), _text("name"), _micros("started_at"), sqlite_autoincrement=True)

specs = Table(
    "specs",
    METADATA,
    _id("digest", primary_key=True),
    Column("body", LargeBinary(1 << 30), nullable=False),
    _micros("created_at"),
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
    _micros("finished_at", nullable=True),
    _json("error", nullable=True),
    _count("semantics"),
    _count("crashes"),
    _text("idempotency_key", nullable=True),
    Column("owner_token", BigInteger, nullable=True),
    _text("owner_name", nullable=True),
    _micros("lease_expires_at", nullable=True),
    ForeignKeyConstraint(["spec_digest"], ["specs.digest"]),
    UniqueConstraint("namespace", "idempotency_key"),
    Index(None, "created_at", "id"),
    Index(None, "namespace", "created_at", "id"),
    Index(None, "state", "created_at"),
    Index(None, "spec_digest", "created_at"),
)

tasks = Table(
    "tasks",
    METADATA,
    _serial("n"),
    _id("run_id"),
    _count("generation"),
    _text("key", length=700),
    _id("id"),
    _text("parent", length=700, nullable=True),
    _text("name"),
    _text("display_name"),
    _text("component"),
    _text("kind", length=32),
    _text("state", length=32),
    _micros("created_at"),
    _json("outcome", nullable=True),
    _count("iteration_index", nullable=True),
    _count("iteration_count", nullable=True),
    _micros("started_at", nullable=True),
    _micros("ended_at", nullable=True),
    _json("inputs"),
    _json("outputs"),
    _id("base_key", nullable=True),
    _text("fingerprint", nullable=True),
    _json("fingerprint_parts"),
    _long("cache_note"),
    _id("origin_run_id", nullable=True),
    _text("origin_task", length=700, nullable=True),
    _id("origin_attempt_id", nullable=True),
    ForeignKeyConstraint(["run_id"], ["runs.id"], ondelete="CASCADE"),
    UniqueConstraint("run_id", "generation", "key"),
    UniqueConstraint("id"),
    Index(
        None,
        "origin_attempt_id",
        sqlite_where=text("origin_attempt_id IS NOT NULL"),
        postgresql_where=text("origin_attempt_id IS NOT NULL"),
    ),
)

attempts = Table(
    "attempts",
    METADATA,
    _serial("n"),
    _id("id"),
    _id("run_id"),
    _count("generation"),
    _text("task", length=700),
    _count("number"),
    _count("token"),
    _text("state", length=32),
    _micros("created_at"),
    _json("handle", nullable=True),
    _micros("started_at", nullable=True),
    _micros("ended_at", nullable=True),
    _json("failure", nullable=True),
    ForeignKeyConstraint(
        ["run_id", "generation", "task"], ["tasks.run_id", "tasks.generation", "tasks.key"], ondelete="CASCADE"
    ),
    UniqueConstraint("id"),
    UniqueConstraint("run_id", "generation", "task", "number"),
)

artifacts = Table(
    "artifacts",
    METADATA,
    _id("id", primary_key=True),
    _text("namespace"),
    _text("created_by"),
    _text("type"),
    _text("schema_version", length=64),
    _text("name"),
    _long("uri"),
    _json("metadata"),
    _micros("created_at"),
    _count("size", nullable=True),
    _micros("mtime", nullable=True),
    _text("digest", length=80, nullable=True),
    Index(None, "namespace", "created_at", "id"),
    Index(None, "digest"),
)

artifact_tasks = Table(
    "artifact_tasks",
    METADATA,
    _serial("n"),
    _id("artifact_id"),
    _id("run_id"),
    _count("generation"),
    _text("task", length=700),
    _text("kind", length=32),
    _text("port"),
    _count("position"),
    _text("producer_task", length=700, nullable=True),
    _text("producer_port", nullable=True),
    ForeignKeyConstraint(["artifact_id"], ["artifacts.id"]),
    ForeignKeyConstraint(["run_id"], ["runs.id"], ondelete="CASCADE"),
    UniqueConstraint("run_id", "generation", "task", "kind", "port", "position", name="uq_artifact_tasks_port"),
    Index(None, "artifact_id", "kind"),
)

cache_entries = Table(
    "cache_entries",
    METADATA,
    _serial("n"),
    _text("namespace"),
    _id("base_key"),
    _text("fingerprint"),
    _text("component"),
    _text("pipeline"),
    _id("run_id"),
    _count("generation"),
    _text("task", length=700),
    _id("attempt_id"),
    _micros("created_at"),
    _json("artifact_inputs"),
    _json("outputs"),
    _json("fingerprint_parts"),
    ForeignKeyConstraint(["run_id"], ["runs.id"], ondelete="CASCADE"),
    Index(None, "namespace", "base_key", "n"),
    Index(None, "namespace", "pipeline", "component", "n"),
)

run_events = Table(
    "run_events",
    METADATA,
    _id("run_id"),
    _count("seq"),
    _micros("at"),
    _text("kind", length=64),
    _text("task", length=700, nullable=True),
    _json("body"),
    PrimaryKeyConstraint("run_id", "seq"),
    ForeignKeyConstraint(["run_id"], ["runs.id"], ondelete="CASCADE"),
    sqlite_with_rowid=False,
)

run_requests = Table(
    "run_requests",
    METADATA,
    _serial("id"),
    _id("run_id"),
    _text("kind", length=32),
    Column("by", _name(), nullable=False),
    _micros("at"),
    _micros("handled_at", nullable=True),
    ForeignKeyConstraint(["run_id"], ["runs.id"], ondelete="CASCADE"),
    Index(None, "run_id", "handled_at", "id"),
    sqlite_autoincrement=True,
)

models = Table(
    "models",
    METADATA,
    _text("namespace"),
    _text("name"),
    _micros("created_at"),
    _text("created_by"),
    PrimaryKeyConstraint("namespace", "name"),
)

model_versions = Table(
    "model_versions",
    METADATA,
    _text("namespace"),
    _text("name"),
    _count("version"),
    _id("artifact_id"),
    _micros("created_at"),
    _text("created_by"),
    PrimaryKeyConstraint("namespace", "name", "version"),
    ForeignKeyConstraint(["namespace", "name"], ["models.namespace", "models.name"]),
    ForeignKeyConstraint(["artifact_id"], ["artifacts.id"]),
    UniqueConstraint("namespace", "name", "artifact_id"),
    Index(None, "artifact_id"),
)

model_aliases = Table(
    "model_aliases",
    METADATA,
    _text("namespace"),
    _text("name"),
    _text("alias"),
    _count("version"),
    PrimaryKeyConstraint("namespace", "name", "alias"),
    ForeignKeyConstraint(
        ["namespace", "name", "version"],
        ["model_versions.namespace", "model_versions.name", "model_versions.version"],
        ondelete="CASCADE",
    ),
    Index(None, "namespace", "name", "version"),
)

audit = Table(
    "audit",
    METADATA,
    _serial("n"),
    _micros("at"),
    _text("who"),
    _text("action", length=64),
    _text("namespace"),
    _text("object_kind", length=64),
    _text("object_id", length=700),
    _json("detail"),
    Index(None, "object_kind", "object_id", "n"),
    sqlite_autoincrement=True,
)


def upgrade() -> None:
    METADATA.create_all(op.get_bind(), checkfirst=False)
