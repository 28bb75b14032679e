from __future__ import annotations

import re
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from wherry.store import compiled, generate, schema
from wherry.store.connection import open_writer
from wherry.store.migrations.upgrade import config_of, upgrade
from wherry.store.statement import Statement
from wherry.store.unit import Row

STATEMENTS = {name: value for name, value in vars(compiled).items() if isinstance(value, Statement)}

#: The tables that grow.
NAMES = {"runs", "tasks", "attempts", "artifacts", "artifact_tasks", "cache_entries", "run_events", "run_requests"}
NAMES |= {"made", "readings", "attempt"}


def objects_of(connection: sqlite3.Connection) -> list[Row]:
    """Tables and indexes by name, with their text free of layout."""
    rows = connection.execute("SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'").fetchall()
    return sorted((kind, name, " ".join((sql or "").split())) for kind, name, sql in rows)


def created(folder: Path) -> sqlite3.Connection:
    connection = open_writer(folder / "created.db")
    schema.prepare(connection, folder / "created.db")
    return connection


def test_the_text_is_what_the_constructs_compile_to() -> None:
    assert generate.TARGET.read_text(encoding="utf-8") == generate.source()


def test_the_schema_is_what_the_migrations_lead_to(tmp_path: Path) -> None:
    migrated = open_writer(tmp_path / "migrated.db")
    upgrade(migrated, tmp_path / "migrated.db", start=None)

    assert objects_of(created(tmp_path)) == objects_of(migrated)


def test_a_migrated_database_has_the_revision_that_a_start_looks_for(tmp_path: Path) -> None:
    connection = open_writer(tmp_path / "migrated.db")
    upgrade(connection, tmp_path / "migrated.db", start=None)

    assert schema.revision(connection, tmp_path) == schema.HEAD


def test_a_migration_leaves_a_copy_of_what_was_there(tmp_path: Path) -> None:
    connection = created(tmp_path)
    connection.execute("INSERT INTO owners (name, started_at) VALUES ('x', 1)")
    upgrade(connection, tmp_path / "created.db", start="0001")
    copy = tmp_path / "created.db.0001"

    with closing(sqlite3.connect(copy)) as copied:
        assert copied.execute("SELECT name FROM owners").fetchall() == [("x",)]
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert connection.execute("PRAGMA foreign_keys").fetchone() == (1,)


def test_a_migration_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = open_writer(tmp_path / "migrated.db")

    def stumble(*_: object, **__: object) -> None:
        connection.execute("CREATE TABLE half (n INTEGER)")
        raise RuntimeError("stumbled")

    monkeypatch.setattr("alembic.command.upgrade", stumble)
    with pytest.raises(RuntimeError, match="stumbled"):
        upgrade(connection, tmp_path / "migrated.db", start=None)

    assert objects_of(connection) == []


def test_the_revisions_are_those_of_the_files() -> None:
    files = [each.revision for each in ScriptDirectory.from_config(config_of()).walk_revisions()]

    assert tuple(reversed(files)) == schema.REVISIONS


@pytest.mark.parametrize("name", STATEMENTS)
def test_no_statement_reads_a_whole_table(tmp_path: Path, name: str) -> None:
    connection = created(tmp_path)
    text = STATEMENTS[name].sqlite
    plan = connection.execute(f"EXPLAIN QUERY PLAN {text}", dict.fromkeys(_parameters(text), "1")).fetchall()

    steps = [step[3] for step in plan]
    # A list walks an index in order; the lists inside a query are as long as what was asked.
    whole = [step for step in steps if step.startswith("SCAN") and step.split()[1] in NAMES and "INDEX" not in step]
    assert whole + [step for step in steps if "AUTOMATIC" in step] == []


def _parameters(text: str) -> set[str]:
    return set(re.findall(r":(\w+)", text))


def test_using_the_database_imports_neither_sqlalchemy_nor_alembic(tmp_path: Path) -> None:
    script = (
        "import asyncio, pathlib, sys\n"
        "from wherry.store import StoreMode, open_store\n"
        "for _ in range(2):\n"
        "    store = open_store(pathlib.Path(sys.argv[1]), mode=StoreMode.READ_WRITE)\n"
        "    asyncio.run(store.list_runs())\n"
        "    asyncio.run(store.close())\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'sqlalchemy', 'alembic'}))\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
