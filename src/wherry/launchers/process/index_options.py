"""Where packages come from: what pip.conf, ``PIP_*`` and a component's own indexes say, in uv's words.

Authors write for pip, which is what runs in a component's image, so pip's settings are honoured here too.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from configparser import Error, RawConfigParser
from pathlib import Path
from urllib.parse import urlsplit

import msgspec


class IndexOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The options of ``pip install`` that say where packages come from. The defaults are pip's."""

    index_url: str = ""
    """Replaces the default index; empty: PyPI."""
    extra_index_urls: tuple[str, ...] = ()
    """Searched as well; the best version wins, wherever it is."""
    find_links: tuple[str, ...] = ()
    """Folders, files or pages with packages, searched as well."""
    trusted_hosts: tuple[str, ...] = ()
    """``host`` or ``host:port`` whose certificate is not checked."""
    certificates: str = ""
    """File with the certificate authorities to trust; empty: the system's."""
    constraints: tuple[str, ...] = ()
    """Files with versions that must be kept to."""
    proxy: str = ""
    """Proxy for every download; empty: as the environment says."""
    no_index: bool = False
    """No index at all: only ``find_links``."""
    pre_releases: bool = False
    """Pre-releases count as versions too."""

    def for_component(self, index_urls: Sequence[str], trusted_hosts: Sequence[str]) -> IndexOptions:
        """These options with a component's own on top, as pip puts a command line on top of its configuration."""
        return msgspec.structs.replace(
            self,
            index_url=index_urls[0] if index_urls else self.index_url,
            extra_index_urls=_unique((*self.extra_index_urls, *index_urls[1:])),
            trusted_hosts=_unique((*self.trusted_hosts, *map(_host, trusted_hosts))),
        )

    def uv_arguments(self) -> list[str]:
        """The same for ``uv pip``. pip takes the best version of all indexes, uv by default the first index's."""
        arguments = ["--index-strategy", "unsafe-best-match"]
        if self.index_url:
            arguments += ["--default-index", self.index_url]
        for option, values in (
            ("--index", self.extra_index_urls),
            ("--find-links", self.find_links),
            ("--allow-insecure-host", self.trusted_hosts),
        ):
            for value in values:
                arguments += [option, value]
        if self.no_index:
            arguments.append("--no-index")
        return arguments

    def uv_resolving_arguments(self) -> list[str]:
        """What only the choice of versions looks at."""
        arguments = [word for file in self.constraints for word in ("--constraints", file)]
        return [*arguments, "--prerelease", "allow"] if self.pre_releases else arguments

    def uv_environment(self) -> dict[str, str]:
        """Environment variables that uv needs for these options."""
        environment = {}
        if self.certificates:
            environment["SSL_CERT_FILE"] = self.certificates
        if self.proxy:
            environment["ALL_PROXY"] = self.proxy
        return environment

    def digest(self) -> str:
        """Changes when a resolution under these options may come out differently. SHA-256 in hexadecimal."""
        hasher = hashlib.sha256(msgspec.json.encode(self))
        for file in self.constraints:
            # A constraint by URL is not read: a change there shows with --upgrade.
            path = Path(file)
            hasher.update(path.read_bytes() if path.is_file() else file.encode())
        return hasher.hexdigest()


def pip_options(environ: Mapping[str, str], *, files: Sequence[Path] | None = None) -> IndexOptions:
    """Read pip's configuration as pip does: its files in order, section ``[install]`` over ``[global]``, then ``PIP_*``.

    Args:
        environ: The environment of the process.
        files: Configuration files, the strongest last; by default those that pip would read.

    Returns:
        The options; a file that cannot be read or parsed counts as absent, as the packages may be found without it.
    """
    values: dict[str, str] = {}
    for section in ("global", "install"):
        for file in configuration_files(environ) if files is None else files:
            values.update(_section(file, section))
    for name, value in environ.items():
        if name.startswith("PIP_") and value:
            values[name.removeprefix("PIP_").lower().replace("_", "-")] = value
    return IndexOptions(
        index_url=values.get("index-url", ""),
        extra_index_urls=_words(values.get("extra-index-url")),
        find_links=_words(values.get("find-links")),
        trusted_hosts=tuple(map(_host, _words(values.get("trusted-host")))),
        certificates=values.get("cert", ""),
        constraints=_words(values.get("constraint")),
        proxy=values.get("proxy", ""),
        no_index=_is_true(values.get("no-index")),
        pre_releases=_is_true(values.get("pre")),
    )


def configuration_files(environ: Mapping[str, str]) -> Iterator[Path]:
    """Pip's configuration files on Linux, the strongest last. ``PIP_CONFIG_FILE=/dev/null`` means none."""
    named = environ.get("PIP_CONFIG_FILE", "")
    if named == "/dev/null":
        return
    for folder in reversed(environ.get("XDG_CONFIG_DIRS", "/etc/xdg").split(":")):
        if folder:
            yield Path(folder) / "pip" / "pip.conf"
    yield Path("/etc/pip.conf")
    home = environ.get("HOME")
    if home and not (named and Path(named).exists()):
        yield Path(home) / ".pip" / "pip.conf"
        yield Path(environ.get("XDG_CONFIG_HOME") or Path(home) / ".config") / "pip" / "pip.conf"
    if environ.get("VIRTUAL_ENV"):
        yield Path(environ["VIRTUAL_ENV"]) / "pip.conf"
    if named:
        yield Path(named)


def _section(file: Path, section: str) -> dict[str, str]:
    parser = RawConfigParser()
    try:
        parser.read_string(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, Error):
        return {}
    if not parser.has_section(section):
        return {}
    return {name.replace("_", "-"): value for name, value in parser.items(section) if value}


def _words(value: str | None) -> tuple[str, ...]:
    return tuple(value.split()) if value else ()


def _is_true(value: str | None) -> bool:
    return (value or "").lower() in {"1", "true", "yes", "on", "y", "t"}


def _unique(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def _host(value: str) -> str:
    """``host[:port]`` of a trusted host; kfp 2.17 writes whole index URLs there."""
    if "//" not in value:
        return value
    host = urlsplit(value)
    return f"{host.hostname}:{host.port}" if host.port else host.hostname or value


def without_passwords(text: str) -> str:
    """``text`` with the user and password of every URL in it replaced by ``***``, to be shown or kept."""
    return re.sub(r"(\w+://)[^/\s@]+@", r"\1***@", text)
