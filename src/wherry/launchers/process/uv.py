"""What environments need of uv: resolve, make, install; and its failures in the author's words."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from uv import find_uv_bin

from wherry.errors import LauncherError
from wherry.launchers.process.index_options import IndexOptions, without_passwords
from wherry.model.outcomes import Fault


class EnvironmentBuildError(LauncherError):
    """A task's environment could not be built, by no fault of the author: the network, the disk, uv itself."""

    fault: ClassVar[Fault] = Fault.INFRASTRUCTURE


class RequirementsError(EnvironmentBuildError):
    """A task's environment cannot be built: its packages do not exist, contradict each other or do not compile."""

    code = "INVALID_ARGUMENT"
    retryable = False
    fault = Fault.USER


#: What uv prints when the fault is not in the requirements.
_NETWORK = re.compile(
    r"Failed to fetch|error sending request|Request failed after|dns error|tcp connect error|timed out|"
    r"HTTP status server error|network was disabled",
)
_MACHINE = re.compile(r"No space left on device|Permission denied|Read-only file system|Too many open files")

_LONGEST_EXPLANATION = 12

#: Names that would point uv at another environment or Python than the one asked for.
_NOT_FOR_UV = frozenset({"VIRTUAL_ENV", "CONDA_PREFIX", "CONDA_DEFAULT_ENV", "PYTHONPATH", "PYTHONHOME", "UV_PYTHON"})


class Uv:
    """The uv that was installed with wherry.

    Args:
        environ: The environment of the process.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = {name: value for name, value in environ.items() if name not in _NOT_FOR_UV}
        self._binary = find_uv_bin()

    def resolve(
        self,
        requirements: Sequence[str],
        *,
        interpreter: Path,
        options: IndexOptions,
        folder: Path,
        holding: int,
        refresh: bool,
    ) -> str:
        """Choose versions for requirements and for all that they need.

        Args:
            requirements: As an author writes them.
            interpreter: The Python that they are for.
            options: Where packages come from.
            folder: A folder for files of this call.
            holding: A descriptor that uv inherits, so that a lock on it lasts as long as uv works.
            refresh: Ask the indexes again, although the cache is fresh.

        Returns:
            Pinned requirements, one per line, sorted by name.

        Raises:
            RequirementsError: there are no such versions.
            EnvironmentBuildError: the indexes cannot be reached and the cache does not hold enough.
        """
        asked = folder / "packages_to_install"
        asked.write_text("\n".join(requirements) + "\n", encoding="utf-8")
        arguments = [
            *("pip", "compile", str(asked), "--no-header", "--no-annotate", "--python", str(interpreter)),
            *options.uv_arguments(),
            *options.uv_resolving_arguments(),
        ]
        return self._run_with_cache(
            [*arguments, "--refresh"] if refresh else arguments, options, folder=folder, holding=holding
        )

    def make_environment(self, path: Path, *, interpreter: Path, holding: int) -> None:
        """Make an environment without packages, which may be moved."""
        arguments = ["venv", str(path), "--relocatable", "--no-project", "--python", str(interpreter)]
        self._run(arguments, IndexOptions(), folder=path.parent, holding=holding)

    def install(self, lock: str, *, environment: Path, options: IndexOptions, folder: Path, holding: int) -> None:
        """Install what `resolve` returned, and nothing else.

        Raises:
            RequirementsError: a package cannot be built.
            EnvironmentBuildError: the indexes cannot be reached and the cache does not hold the packages.
        """
        pinned = folder / "lock.txt"
        pinned.write_text(lock, encoding="utf-8")
        arguments = [
            *("pip", "install", "--no-deps", "--requirements", str(pinned)),
            *("--python", str(environment / "bin" / "python")),
            *options.uv_arguments(),
        ]
        self._run_with_cache(arguments, options, folder=folder, holding=holding)

    def _run_with_cache(self, arguments: Sequence[str], options: IndexOptions, *, folder: Path, holding: int) -> str:
        """Run uv; if the network fails, run it once more on what the cache holds."""
        try:
            return self._run(arguments, options, folder=folder, holding=holding)
        except RequirementsError:
            raise
        except EnvironmentBuildError as unreachable:
            cached = [word for word in arguments if word != "--refresh"]
            try:
                return self._run([*cached, "--offline"], options, folder=folder, holding=holding)
            except EnvironmentBuildError:
                raise unreachable from None

    def _run(self, arguments: Sequence[str], options: IndexOptions, *, folder: Path, holding: int) -> str:
        command = [self._binary, *arguments, "--no-python-downloads", "--quiet", "--color", "never"]
        try:
            run = subprocess.run(
                [*command, *self._configuration()],
                # The folder lies in the author's project, whose uv settings are meant for the project.
                cwd=folder,
                env={**self._environ, **options.uv_environment()},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                pass_fds=(holding,),
            )
        except OSError as error:
            raise EnvironmentBuildError(f"uv could not be started: {error}") from error
        if run.returncode != 0:
            raise failure(run.stderr, status=run.returncode, folder=folder)
        return run.stdout

    def _configuration(self) -> list[str]:
        """The person's or the machine's uv settings; never those of the project around the state folder."""
        if self._environ.get("UV_CONFIG_FILE") or self._environ.get("UV_NO_CONFIG"):
            return []
        home = Path(self._environ.get("XDG_CONFIG_HOME") or Path(self._environ.get("HOME", "/")) / ".config")
        for file in (home / "uv" / "uv.toml", Path("/etc/uv/uv.toml")):
            if file.is_file():
                return ["--config-file", str(file)]
        return ["--no-config"]


def failure(printed: str, *, status: int, folder: Path) -> EnvironmentBuildError:
    """Uv's failure as an error of ours.

    Args:
        printed: What uv wrote to standard error.
        status: Its exit status; negative: the signal that ended it.
        folder: The folder it ran in, whose name means nothing to the author.
    """
    explanation = _explanation(printed, folder) or f"uv ended with status {status} and said nothing."
    if _NETWORK.search(explanation):
        return EnvironmentBuildError(
            f"The packages of the task could not be fetched. {explanation}",
            hint="Check the network and the indexes (pip_index_urls, pip.conf, PIP_INDEX_URL), then run it again.",
        )
    if status < 0 or _MACHINE.search(explanation):
        return EnvironmentBuildError(f"The environment of the task could not be built. {explanation}")
    return RequirementsError(
        f"The packages of the task cannot be installed. {explanation}",
        hint="Change packages_to_install of the component, or the Python version of its base_image.",
    )


def _explanation(printed: str, folder: Path) -> str:
    """Uv's text without warnings, passwords and our file names; the first lines of it, where it is long."""
    text = without_passwords(printed).replace(f"{folder}/", "")
    lines = [line.rstrip() for line in text.splitlines() if line.strip() and not line.startswith("warning:")]
    if len(lines) > _LONGEST_EXPLANATION:
        lines = [*lines[:_LONGEST_EXPLANATION], f"… and {len(lines) - _LONGEST_EXPLANATION} more lines"]
    return "\n".join(lines).removeprefix("error: ")
