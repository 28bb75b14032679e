"""The tables. Times are BIGINT microseconds UTC, JSON is canonical TEXT, ids and names compare by bytes.

Changing one means a new migration in ``migrations/versions`` and ``python -m wherry.store.generate``; tests compare
the three.
"""

from __future__ import annotations

from typing import Any, Final

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

#: Names of constraints are written out, so that a migration can name what it drops.
METADATA: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: A number the database hands out. SQLite hands out only for a column that is exactly INTEGER.
_SERIAL: Final = BigInteger().with_variant(Integer, "sqlite")


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


#: One row per start of an engine. Its number is the fencing token, so it must never be handed out twice.
owners: Final = Table(
    "owners", METADATA, _serial("token"), _text("name"), _micros("started_at"), sqlite_autoincrement=True
)

#: Packages by digest: a thousand runs of one pipeline keep one copy, and no list of runs reads it.
specs: Final = Table(
    "specs",
    METADATA,
    _id("digest", primary_key=True),
    Column("body", LargeBinary(1 << 30), nullable=False),
    _micros("created_at"),
)

experiments: Final = Table(
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

pipelines: Final = Table(
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

pipeline_versions: Final = Table(
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

pipeline_tags: Final = Table(
    "pipeline_tags",
    METADATA,
    _id("pipeline_id"),
    _text("key"),
    _text("value"),
    PrimaryKeyConstraint("pipeline_id", "key"),
    ForeignKeyConstraint(["pipeline_id"], ["pipelines.id"], ondelete="CASCADE"),
    Index(None, "key", "value", "pipeline_id"),
)

pipeline_version_tags: Final = Table(
    "pipeline_version_tags",
    METADATA,
    _id("version_id"),
    _text("key"),
    _text("value"),
    PrimaryKeyConstraint("version_id", "key"),
    ForeignKeyConstraint(["version_id"], ["pipeline_versions.id"], ondelete="CASCADE"),
    Index(None, "key", "value", "version_id"),
)

#: A time that is not set is 0 where lists are sorted by it: a keyset has no place for NULL. An experiment may be
#: deleted and its runs stay, so there is no foreign key. Keys with many values have an index to be listed by;
#: ``ix_runs_listing`` holds every key there is, so that any other list walks it alone, and reads no row it does not
#: show: 15 ms for a hundred thousand runs, which one more index for every key would make each run pay for.
runs: Final = Table(
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
        "ix_runs_of_pipeline",
        "pipeline_id",
        "created_at",
        "id",
        sqlite_where=text("pipeline_id IS NOT NULL"),
        postgresql_where=text("pipeline_id IS NOT NULL"),
    ),
    Index(
        "ix_runs_of_pipeline_version",
        "pipeline_version_id",
        "created_at",
        "id",
        sqlite_where=text("pipeline_version_id IS NOT NULL"),
        postgresql_where=text("pipeline_version_id IS NOT NULL"),
    ),
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

tasks: Final = Table(
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

attempts: Final = Table(
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

artifacts: Final = Table(
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

#: Who read and who made an artifact. KFP 3.0's table of the same name.
artifact_tasks: Final = Table(
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

cache_entries: Final = Table(
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
    Index(None, "run_id"),
)

#: A run's history, in the same transaction as what it tells: the source of every "why".
run_events: Final = Table(
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
    # The few events of a run itself, among those of its ten thousand tasks.
    Index(
        "ix_run_events_of_run",
        "run_id",
        "seq",
        sqlite_where=text("task IS NULL"),
        postgresql_where=text("task IS NULL"),
    ),
    sqlite_with_rowid=False,
)

#: What people ask of a run that an engine owns.
run_requests: Final = Table(
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

#: Names of registered models.
models: Final = Table(
    "models",
    METADATA,
    _text("namespace"),
    _text("name"),
    _micros("created_at"),
    _text("created_by"),
    PrimaryKeyConstraint("namespace", "name"),
)

model_versions: Final = Table(
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

#: Movable labels on a version, such as "champion".
model_aliases: Final = Table(
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

#: Who asked for what. Appended to, never changed.
audit: Final = Table(
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
