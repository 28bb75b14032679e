"""The Python environments of tasks: one for each set of resolved packages, built by uv, shared by all tasks.

Layout under the root folder::

    requests/<digest>.json   what a request was resolved to: the row that spares the network
    e1-<key>/                an environment, complete or absent; ``wherry-environment.json`` describes it
    builds/<id>/             one being built, renamed to its place at the end; ``<id>.lock`` is locked meanwhile
    locks/<name>.lock        one builder per request and per key; ``<key>.lease.lock``: who uses an environment

A lock is a `flock`, so it ends with its holder, however that ends. Everything here blocks: call it in a thread.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec

from wherry.errors import LauncherError
from wherry.launchers.process.file_locks import FileLock, LockKind
from wherry.launchers.process.index_options import IndexOptions, without_passwords
from wherry.launchers.process.interpreters import Interpreters
from wherry.launchers.process.uv import RequirementsError, Uv

#: Version of keys, rows and folders. Another one is ignored and built anew.
FORMAT = "e1"

_DESCRIPTION = "wherry-environment.json"

OnProgress = Callable[[str], None]


def _silent(_message: str) -> None:
    """No one waits for progress."""


class EnvironmentRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a task asks for."""

    python: str
    """Version, ``3.11``; the nearest one that this machine has is used."""
    requirements: tuple[str, ...] = ()
    """As in ``packages_to_install``, in any order: the image's own packages and the component's."""
    index_urls: tuple[str, ...] = ()
    """``pip_index_urls`` of the component."""
    trusted_hosts: tuple[str, ...] = ()
    """``pip_trusted_hosts`` of the component."""


class Environment(msgspec.Struct, frozen=True, kw_only=True):
    """A complete environment on disk."""

    key: str
    """``e1-…``: by Python and resolved packages. Equal keys mean equal contents."""
    path: Path
    python: Path
    """The interpreter in it."""
    python_version: str
    """Full version, ``3.11.7``."""
    lock_digest: str
    """SHA-256 of the resolved packages, for fingerprints."""
    includes_kfp: bool
    """kfp itself is installed: tasks get it instead of the stand-in."""
    lease_file: Path
    """Whoever runs tasks in it holds a shared `flock` on this file; one that is held so is not collected."""


class _Row(msgspec.Struct, frozen=True, kw_only=True):
    """What a request was resolved to."""

    format: str
    requirements: tuple[str, ...]
    """What was asked, for a person who reads the file."""
    interpreter: str
    python_version: str
    sources: str
    """Digest of where packages come from: two indexes may hold different packages of one name and version."""
    lock: str
    """Pinned requirements, one per line, as ``uv pip compile`` prints them."""

    @property
    def lock_digest(self) -> str:
        return hashlib.sha256(self.lock.encode()).hexdigest()

    @property
    def key(self) -> str:
        identity = f"{self.interpreter}\n{self.python_version}\n{self.sources}\n{self.lock}"
        return f"{FORMAT}-{hashlib.sha256(identity.encode()).hexdigest()[:24]}"


class _Description(msgspec.Struct, frozen=True, kw_only=True):
    """Content of ``wherry-environment.json``, which says that an environment is complete."""

    format: str
    key: str
    python_version: str
    packages: tuple[str, ...]


class Environments:
    """The environments under one folder. Several processes may use the same folder.

    Args:
        root: The folder; made when needed. All of it lies on one file system.
        interpreters: The Pythons of this machine.
        options: Where packages come from; see `wherry.launchers.process.index_options.pip_options`.
        environ: The environment of the process, for uv: its cache, its settings, proxies.
    """

    def __init__(
        self, root: Path, *, interpreters: Interpreters, options: IndexOptions, environ: Mapping[str, str]
    ) -> None:
        self._root = root
        self._interpreters = interpreters
        self._options = options
        self._uv = Uv(environ)

    def find(self, request: EnvironmentRequest) -> Environment | None:
        """The environment that this request was given before, if it is still there. Takes no network and no lock."""
        row = self._row(self._digest(request))
        return None if row is None else self._environment(row)

    def ensure(
        self, request: EnvironmentRequest, *, upgrade: bool = False, on_progress: OnProgress = _silent
    ) -> Environment:
        """The environment for a request: found, or resolved and built. One builder works, the others wait for it.

        Args:
            request: What a task asks for.
            upgrade: Resolve anew, although it is known what this request was resolved to.
            on_progress: Called with short texts while there is something to wait for.

        Raises:
            RequirementsError: the packages do not exist, contradict each other or cannot be built. The author's fault.
            EnvironmentBuildError: the network, the disk or uv failed, and the cache did not help.
        """
        found = None if upgrade else self.find(request)
        if found is not None:
            return found
        _check(request.requirements)
        digest = self._digest(request)
        with self._lock(f"request-{digest}", on_progress):
            row = None if upgrade else self._row(digest)
            if row is None or not Path(row.interpreter).exists():
                row = self._resolve(request, upgrade=upgrade, on_progress=on_progress)
            environment = self._environment(row)
            if environment is None:
                with self._lock(row.key, on_progress):
                    # Another process may have built it while this one waited.
                    environment = self._environment(row) or self._build(row, request, on_progress)
            self._write_row(digest, row)
        return environment

    @contextmanager
    def lease(self, environment: Environment) -> Iterator[None]:
        """Keep an environment from being collected while the block runs.

        Raises:
            LauncherError: it has been collected since it was found: ask `ensure` again.
        """
        with FileLock(environment.lease_file, LockKind.SHARED):
            if not (environment.path / _DESCRIPTION).is_file():
                raise LauncherError(f"Environment {environment.key} was collected before it was used.")
            yield

    def collect(self, keep: Collection[str] = ()) -> tuple[str, ...]:
        """Delete the environments that nobody holds a lease on.

        Args:
            keep: Keys of environments to leave alone.

        Returns:
            The keys of those deleted.
        """
        deleted = []
        for folder in sorted(self._root.glob(f"{FORMAT}-*")):
            if folder.name in keep:
                continue
            lease = FileLock(self._lease_file(folder.name), LockKind.EXCLUSIVE)
            if lease.try_acquire():
                with lease:
                    self._discard(folder)
                    deleted.append(folder.name)
        return tuple(deleted)

    def remove_leftovers(self) -> int:
        """Delete what builders left behind that were killed. Call it at start.

        Returns:
            How many unfinished builds were deleted.
        """
        deleted = 0
        for lock_file in sorted((self._root / "builds").glob("*.lock")):
            lock = FileLock(lock_file, LockKind.EXCLUSIVE)
            if lock.try_acquire():
                with lock:
                    folder = lock_file.with_suffix("")
                    deleted += folder.exists()
                    shutil.rmtree(folder, ignore_errors=True)
                    lock_file.unlink(missing_ok=True)
        return deleted

    # -- rows ---------------------------------------------------------------------------------------------------------

    def _digest(self, request: EnvironmentRequest) -> str:
        asked = msgspec.structs.replace(request, requirements=tuple(sorted(set(request.requirements))))
        return hashlib.sha256(
            b"\0".join((FORMAT.encode(), msgspec.json.encode(asked), self._options.digest().encode()))
        ).hexdigest()[:32]

    def _row(self, digest: str) -> _Row | None:
        try:
            row = msgspec.json.decode((self._root / "requests" / f"{digest}.json").read_bytes(), type=_Row)
        except (OSError, msgspec.DecodeError):
            return None
        return row if row.format == FORMAT else None

    def _write_row(self, digest: str, row: _Row) -> None:
        file = self._root / "requests" / f"{digest}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(f".{secrets.token_hex(4)}.part")
        # A pinned requirement may be a URL with a password in it.
        part.touch(mode=0o600)
        part.write_bytes(msgspec.json.encode(row))
        part.replace(file)

    def _environment(self, row: _Row) -> Environment | None:
        """The environment of a row if it is complete and its interpreter still works."""
        path = self._root / row.key
        python = path / "bin" / "python"
        try:
            description = msgspec.json.decode((path / _DESCRIPTION).read_bytes(), type=_Description)
        except (OSError, msgspec.DecodeError):
            return None
        if not python.exists():
            return None
        return Environment(
            key=row.key,
            path=path,
            python=python,
            python_version=description.python_version,
            lock_digest=row.lock_digest,
            includes_kfp="kfp" in description.packages,
            lease_file=self._lease_file(row.key),
        )

    # -- building -----------------------------------------------------------------------------------------------------

    def _resolve(self, request: EnvironmentRequest, *, upgrade: bool, on_progress: OnProgress) -> _Row:
        interpreter = self._interpreters.nearest(request.python)
        options = self._options.for_component(request.index_urls, request.trusted_hosts)
        lock = ""
        if request.requirements:
            on_progress(f"resolving {_listed(request.requirements)}")
            with self._build_folder() as (folder, lock_file):
                lock = self._uv.resolve(
                    request.requirements,
                    interpreter=interpreter.path,
                    options=options,
                    folder=folder,
                    holding=lock_file.fileno(),
                    refresh=upgrade,
                )
        return _Row(
            format=FORMAT,
            requirements=tuple(map(without_passwords, request.requirements)),
            interpreter=str(interpreter.path),
            python_version=interpreter.version,
            sources=options.digest() if lock else "",
            lock=lock,
        )

    def _build(self, row: _Row, request: EnvironmentRequest, on_progress: OnProgress) -> Environment:
        packages = tuple(line for line in row.lock.splitlines() if line.strip())
        target = self._root / row.key
        with self._build_folder() as (folder, lock_file):
            made = folder / "environment"
            self._uv.make_environment(made, interpreter=Path(row.interpreter), holding=lock_file.fileno())
            if packages:
                on_progress(f"installing {len(packages)} packages: {_listed(packages)}")
                self._uv.install(
                    row.lock,
                    environment=made,
                    options=self._options.for_component(request.index_urls, request.trusted_hosts),
                    folder=folder,
                    holding=lock_file.fileno(),
                )
            description = _Description(
                format=FORMAT,
                key=row.key,
                python_version=row.python_version,
                packages=tuple(_distribution(package) for package in packages),
            )
            (made / _DESCRIPTION).write_bytes(msgspec.json.encode(description))
            # Only what is broken can be in the way: the lock of this key is held, and it was looked for under it.
            self._discard(target)
            made.rename(target)
        environment = self._environment(row)
        if environment is None:
            raise LauncherError(f"Environment {row.key} vanished while it was built.")
        return environment

    @contextmanager
    def _build_folder(self) -> Iterator[tuple[Path, FileLock]]:
        """A folder to build in, which a later start deletes if this process dies."""
        builds = self._root / "builds"
        builds.mkdir(parents=True, exist_ok=True)
        folder = builds / f"{os.getpid()}-{secrets.token_hex(6)}"
        with FileLock(folder.with_name(f"{folder.name}.lock"), LockKind.EXCLUSIVE) as lock:
            folder.mkdir()
            try:
                yield folder, lock
            finally:
                shutil.rmtree(folder, ignore_errors=True)
                lock.path.unlink(missing_ok=True)

    def _discard(self, folder: Path) -> None:
        """Delete an environment, if there is one. It is moved away first, so that no one ever sees a part of it."""
        with self._build_folder() as (away, _):
            try:
                folder.rename(away / "discarded")
            except FileNotFoundError:
                return

    @contextmanager
    def _lock(self, name: str, on_progress: OnProgress) -> Iterator[None]:
        lock = FileLock(self._root / "locks" / f"{name}.lock", LockKind.EXCLUSIVE)
        if not lock.try_acquire():
            on_progress("waiting for the same environment, which another task is building")
        with lock:
            yield

    def _lease_file(self, key: str) -> Path:
        return self._root / "locks" / f"{key}.lease.lock"


def _check(requirements: Collection[str]) -> None:
    for requirement in requirements:
        if requirement.strip().startswith("-") or not requirement.strip() or "\n" in requirement:
            raise RequirementsError(
                f"{requirement!r} in packages_to_install is no requirement.",
                hint="Name one package each, such as 'pandas==2.2.3'; indexes go into pip_index_urls.",
            )


def _distribution(line: str) -> str:
    """Name of the package in a line of the lock, normalised."""
    name = line.split(";", maxsplit=1)[0].split("==", maxsplit=1)[0].split("@", maxsplit=1)[0].split("[", maxsplit=1)[0]
    return name.strip().lower().replace("_", "-").replace(".", "-")


def _listed(requirements: Collection[str]) -> str:
    shown = [without_passwords(requirement) for requirement in list(requirements)[:4]]
    more = len(requirements) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")
