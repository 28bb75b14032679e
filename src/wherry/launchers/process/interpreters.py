"""Which Python of this machine stands in for a task's image."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

import msgspec

from wherry.errors import LauncherError
from wherry.model.outcomes import Fault
from wherry.settings import ImageSettings

_ORACLE = "import platform; print(platform.python_version())"


class UnknownImageError(LauncherError):
    """No container engine runs here, and nothing says what stands in for this image."""

    code = "FAILED_PRECONDITION"
    retryable: ClassVar[bool] = False
    fault = Fault.USER

    def __init__(self, image: str) -> None:
        super().__init__(
            f"Image {image!r} cannot run as a process of this machine: it is no python:X.Y image, "
            "and wherry.toml says nothing about it.",
            hint=(
                "Run the task where a container engine is; or say in wherry.toml what the image holds, "
                f'[images] "{image}" = {{ python = "3.11", packages = ["..."] }}; '
                "or give the component base_image='python:3.11' and packages_to_install."
            ),
        )
        self.image = image


class Interpreter(msgspec.Struct, frozen=True, kw_only=True):
    """A CPython on this machine."""

    path: Path
    """The executable; never one inside a virtual environment."""
    version: str
    """Full version, ``3.11.7``."""

    @property
    def minor(self) -> str:
        """``3.11``."""
        return ".".join(self.version.split(".")[:2])


class ImageChoice(msgspec.Struct, frozen=True, kw_only=True):
    """What runs instead of an image."""

    interpreter: Interpreter
    packages: tuple[str, ...] = ()
    """Requirements that the image would have had installed."""
    note: str = ""
    """For the task's author, where another Python runs than the image names. Empty: none needed."""


def running_interpreter() -> Interpreter:
    """The Python below this process: that of its virtual environment, if it is in one."""
    base = getattr(sys, "_base_executable", None) or sys.executable
    return Interpreter(path=Path(base).resolve(), version=platform.python_version())


class Candidate(msgspec.Struct, frozen=True):
    """An executable that by its place is a Python of this minor version."""

    path: Path
    minor: tuple[int, int]


class Interpreters:
    """The Pythons of this machine: the running one, those installed by uv and pyenv, and those on ``PATH``.

    Found by looking at folders; one is started, once, only when it is chosen.

    Args:
        environ: The environment of the process, for ``PATH``, ``HOME``, ``PYENV_ROOT``, ``UV_PYTHON_INSTALL_DIR``.
        running: The Python that is preferred where it fits.
        candidates: What else there is; by default found through ``environ``.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        running: Interpreter | None = None,
        candidates: Callable[[], Sequence[Candidate]] | None = None,
    ) -> None:
        self._running = running or running_interpreter()
        self._candidates = candidates or (lambda: tuple(find_candidates(environ)))
        self._chosen: dict[str, Interpreter] = {}

    @property
    def running(self) -> Interpreter:
        """The Python below this process."""
        return self._running

    def nearest(self, wanted: str) -> Interpreter:
        """The interpreter of version ``wanted`` (``3.11`` or ``3.11.4``), else the one nearest to it.

        Nearest by minor version, the newer of two equally near; a patch version is not looked at.
        """
        minor = _minor(wanted)
        if _minor(self._running.version) == minor:
            return self._running
        if wanted not in self._chosen:
            self._chosen[wanted] = self._search(minor)
        return self._chosen[wanted]

    def _search(self, wanted: tuple[int, int]) -> Interpreter:
        def distance(minor: tuple[int, int]) -> tuple[int, bool]:
            return abs(minor[0] - wanted[0]) * 1000 + abs(minor[1] - wanted[1]), minor < wanted

        # The sort is stable: of one minor version, the candidates keep their order.
        for candidate in sorted(self._candidates(), key=lambda candidate: distance(candidate.minor)):
            if distance(candidate.minor) >= distance(_minor(self._running.version)):
                break
            version = _ask_version(candidate.path)
            if version is not None:
                return Interpreter(path=candidate.path, version=version)
        return self._running

    def for_image(self, image: str, images: Mapping[str, ImageSettings]) -> ImageChoice:
        """What runs instead of ``image``.

        Args:
            image: As the component names it; ``python:X.Y`` with any suffix, registry and digest is understood.
            images: ``[images]`` of wherry.toml. An entry wins, for a Python image too.

        Raises:
            UnknownImageError: it is no Python image and ``images`` does not name it.
        """
        entry = images.get(image)
        if entry is not None:
            wanted, packages = entry.python or self._running.minor, entry.packages
        else:
            tag = _python_tag(image)
            if tag is None:
                raise UnknownImageError(image)
            wanted, packages = _version_of_tag(tag) or self._running.minor, ()
        interpreter = self.nearest(wanted)
        note = ""
        if _minor(interpreter.version) != _minor(wanted):
            note = (
                f"Image {image!r} asks for Python {wanted}, which this machine does not have; "
                f"the task runs on Python {interpreter.version}. 'uv python install {wanted}' installs it."
            )
        return ImageChoice(interpreter=interpreter, packages=tuple(packages), note=note)


_IMAGE = re.compile(r"(?:(?P<prefix>.+)/)?python(?::(?P<tag>[^/@:]+))?(?:@sha256:[0-9a-f]+)?")


def _python_tag(image: str) -> str | None:
    """The tag of the official Python image, from Docker Hub or a mirror of it; None for any other image."""
    match = _IMAGE.fullmatch(image)
    if match is None:
        return None
    prefix = match["prefix"] or "library"
    registry = prefix.split("/")[0]
    # "acme/python" is somebody's own image; "registry.acme.org/python" and ".../library/python" are mirrors.
    if prefix.split("/")[-1] != "library" and not ("." in registry or ":" in registry or registry == "localhost"):
        return None
    return match["tag"] or "latest"


def _version_of_tag(tag: str) -> str | None:
    match = re.match(r"(3\.\d+)", tag)
    return match[1] if match else None


def _minor(version: str) -> tuple[int, int]:
    numbers = re.match(r"(\d+)(?:\.(\d+))?", version)
    if numbers is None:
        raise LauncherError(
            f"{version!r} is no Python version.", hint="Write one such as '3.11' under [images] in wherry.toml."
        )
    return int(numbers[1]), int(numbers[2] or 0)


def find_candidates(environ: Mapping[str, str]) -> Iterator[Candidate]:
    """Executables that uv and pyenv installed, newest patch first, then those on ``PATH``. Nothing is started."""
    home = Path(environ.get("HOME", "~")).expanduser()
    data = Path(environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    folders = (
        (Path(environ.get("UV_PYTHON_INSTALL_DIR") or data / "uv" / "python"), re.compile(r"cpython-(3\.\d+\.\d+)-.*")),
        (Path(environ.get("PYENV_ROOT") or home / ".pyenv") / "versions", re.compile(r"(3\.\d+\.\d+)")),
    )
    for folder, name in folders:
        found = [(match[1], child) for child in _children(folder) if (match := name.fullmatch(child.name))]
        for version, child in sorted(found, key=lambda item: int(item[0].split(".")[2]), reverse=True):
            if (child / "bin" / "python3").is_file():
                yield Candidate(child / "bin" / "python3", _minor(version))
    for folder_name in environ.get("PATH", "").split(os.pathsep):
        # pyenv's shims answer for versions that are not switched on, and then fail.
        if folder_name and not folder_name.rstrip("/").endswith("/shims"):
            for child in _children(Path(folder_name), "python3.*"):
                if re.fullmatch(r"python3\.\d+", child.name) and child.is_file():
                    yield Candidate(child.resolve(), _minor(child.name.removeprefix("python")))


def installed_pythons(environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The Python versions that images can be run with, for a person to read: the running one first.

    Args:
        environ: As for `Interpreters`; by default this process's.
    """
    running = running_interpreter()
    minors = {candidate.minor for candidate in find_candidates(os.environ if environ is None else environ)}  # noqa: TID251  asked by a person
    others = sorted(minors - {_minor(running.version)}, reverse=True)
    return (running.version, *(f"{major}.{minor}" for major, minor in others))


def _children(folder: Path, pattern: str = "*") -> list[Path]:
    try:
        return sorted(folder.glob(pattern))
    except OSError:
        return []


def _ask_version(path: Path) -> str | None:
    """The full version that an executable reports, or None if it does not work."""
    try:
        run = subprocess.run(
            [path, "-I", "-S", "-c", _ORACLE],
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return run.stdout.strip()
