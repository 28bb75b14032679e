"""Recognises the command of a lightweight Python component, as kfp 2.x and wherry compile it. Pure.

Such a command is a shell script that installs packages by pip, a second one that writes the source to a file and
runs KFP's executor on it, and then the source and the name of its function. The launcher needs what it says, not
the shell: packages, indexes, source, function.
"""

from __future__ import annotations

import functools
import re
import shlex
from collections.abc import Iterator, Sequence

import msgspec


class LightweightComponent(msgspec.Struct, frozen=True, kw_only=True):
    """What the command of a lightweight component says."""

    source: str
    """Python text that defines the function, with its imports."""
    function: str
    """Name of the function to call."""
    packages: tuple[str, ...] = ()
    """The author's ``packages_to_install``, in order."""
    kfp_requirement: str | None = None
    """How KFP would install itself: ``kfp==2.17.0``, or the author's ``kfp_package_path``. None: it would not."""
    index_urls: tuple[str, ...] = ()
    """The author's ``pip_index_urls``: the first replaces the default index, the rest are searched as well."""
    trusted_hosts: tuple[str, ...] = ()
    """Hosts whose certificate is not checked: ``host``, ``host:port``, or an index URL as kfp 2.17 writes it."""


class _Install(msgspec.Struct, frozen=True, kw_only=True):
    """One ``pip install`` of the script."""

    requirements: tuple[str, ...]
    index_urls: tuple[str, ...]
    trusted_hosts: tuple[str, ...]
    dependencies: bool


_PROGRAM = re.compile(
    r'program_path=\$\(mktemp -d\)\s+printf "%s" "\$0" > "\$program_path/ephemeral_component\.py"\s+'
    r"(?P<runtime>_KFP_RUNTIME=true )?python3 -m kfp\.(?:dsl|components)\.executor_main\s+"
    r'--component_module_path\s+"\$program_path/ephemeral_component\.py"\s+"\$@"\s*'
)

#: Commands of the script that change nothing for us: they look for pip, or make the virtual environment of use_venv.
_PREPARATIONS = frozenset(
    {
        ("if", "!", "[", "-x", "$(command -v pip)", "]"),
        ("then", "python3", "-m", "ensurepip"),
        ("then",),
        ("python3", "-m", "ensurepip"),
        ("python3", "-m", "ensurepip", "--user"),
        ("apt-get", "install", "python3-pip"),
        ("fi",),
        ("export", "PIP_DISABLE_PIP_VERSION_CHECK=1"),
        ("tmp=$",),
        ("mktemp", "-d"),
        ("python3", "-m", "venv", "$tmp/venv", "--system-site-packages"),
        (".", "$tmp/venv/bin/activate"),
    }
)

_PIP_INSTALL = ("python3", "-m", "pip", "install")
_QUIET_OPTIONS = frozenset({"--quiet", "--no-warn-script-location", "--disable-pip-version-check"})
_SEPARATORS = "&|;()\n"


def recognise(command: Sequence[str]) -> LightweightComponent | None:
    """Read a container's command and arguments.

    Args:
        command: Command and arguments in one sequence, as the spec has them; placeholders need not be replaced.

    Returns:
        What it says, or None if it is any other command, one with other pip options among them: that runs as written.
    """
    parts = list(command)
    script = None
    if parts[:2] == ["sh", "-c"] and parts[3:5] == ["sh", "-ec"]:
        script, parts = parts[2], parts[3:]
    if parts[:2] != ["sh", "-ec"] or len(parts) < 4:  # noqa: PLR2004  sh, -ec, program, source
        return None
    program = _PROGRAM.fullmatch(parts[2])
    function = _value_of("--function_to_execute", parts[4:])
    installs = _installs(script) if script is not None else ()
    if program is None or function is None or installs is None:
        return None
    packages, kfp_requirement = _split(installs, kfp_is_last=program["runtime"] is None)
    return LightweightComponent(
        source=parts[3],
        function=function,
        packages=packages,
        kfp_requirement=kfp_requirement,
        index_urls=installs[0].index_urls if installs else (),
        trusted_hosts=installs[0].trusted_hosts if installs else (),
    )


def _value_of(option: str, arguments: Sequence[str]) -> str | None:
    for index, argument in enumerate(arguments[:-1]):
        if argument == option:
            return arguments[index + 1]
    return None


@functools.lru_cache(maxsize=256)
def _installs(script: str) -> Sequence[_Install] | None:
    """The pip commands of the installing script, or None if it does anything else that we do not know."""
    installs: list[_Install] = []
    try:
        commands = list(_simple_commands(script))
    except ValueError:  # an unbalanced quote
        return None
    if not commands or commands[-1] != ("$0", "$@"):
        return None
    for words in commands[:-1]:
        rest = words[1:] if words[0] == "PIP_DISABLE_PIP_VERSION_CHECK=1" else words
        if rest[:4] == _PIP_INSTALL:
            install = _pip_install(rest[4:])
            if install is None:
                return None
            installs.append(install)
        elif rest and rest not in _PREPARATIONS:
            return None
    return installs


def _simple_commands(script: str) -> Iterator[tuple[str, ...]]:
    lexer = shlex.shlex(script, posix=True, punctuation_chars=_SEPARATORS)
    lexer.whitespace = " \t\r"
    lexer.whitespace_split = True
    lexer.commenters = ""
    words: list[str] = []
    for word in lexer:
        if word and not word.strip(_SEPARATORS):
            if words:
                yield tuple(words)
            words = []
        else:
            words.append(word)
    if words:
        yield tuple(words)


def _pip_install(arguments: Sequence[str]) -> _Install | None:
    requirements: list[str] = []
    index_urls: list[str] = []
    trusted_hosts: list[str] = []
    dependencies = True
    words = iter(arguments)
    for word in words:
        option, equals, value = word.partition("=") if word.startswith("--") else (word, "", "")
        match option:
            case "--no-deps":
                dependencies = False
            case "--index-url" | "--extra-index-url" | "--trusted-host":
                target = trusted_hosts if option == "--trusted-host" else index_urls
                found = value if equals else next(words, None)
                if found is None:
                    return None
                target.append(found)
            case _ if option in _QUIET_OPTIONS:
                pass
            case _ if option.startswith("-"):
                return None
            case _:
                requirements.append(word)
    return _Install(
        requirements=tuple(requirements),
        index_urls=tuple(index_urls),
        trusted_hosts=tuple(trusted_hosts),
        dependencies=dependencies,
    )


def _split(installs: Sequence[_Install], *, kfp_is_last: bool) -> tuple[tuple[str, ...], str | None]:
    """The author's packages, and what KFP added for itself.

    Since 2.1, KFP installs itself by a command of its own: without dependencies, or, where the author gave a
    ``kfp_package_path``, after the author's packages. Before, it was the last requirement of the one command
    (``kfp_is_last``), and its program did not set ``_KFP_RUNTIME``.
    """
    own = next((install for install in installs if not install.dependencies), None)
    if own is None and len(installs) > 1:
        own = installs[-1]
    packages = tuple(requirement for install in installs if install is not own for requirement in install.requirements)
    if own is not None:
        return packages, own.requirements[0] if own.requirements else None
    if kfp_is_last and packages and re.match(r"kfp\s*(==|$)", packages[-1]):
        return packages[:-1], packages[-1]
    return packages, None
