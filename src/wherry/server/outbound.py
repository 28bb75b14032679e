"""The one way out of the server: fetches a pipeline package that a caller names by URL.

Whoever may register a pipeline could otherwise make the server ask anything that only the server can reach: a cloud's
metadata, a neighbor's database. So the host has to be on a list, the connection is https, every address of the host has
to be a public one and is the one that is connected to, and a redirect is a new URL that passes the same checks.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import ipaddress
import socket
import ssl
import time
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urljoin, urlsplit

from wherry.errors import InfrastructureError, InvalidArgumentError, PermissionDeniedError, TooLargeError

#: Where KFP's API server fetches packages from.
PACKAGE_HOSTS: Final = frozenset(
    {"storage.googleapis.com", "s3.amazonaws.com", "github.com", "raw.githubusercontent.com"}
)
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_MAX_REDIRECTS: Final = 5
_SECONDS: Final = 60.0
_CHUNK: Final = 1 << 16
_OK: Final = 200
_PORTS: Final = {"https": 443, "http": 80}

_at_once = asyncio.Semaphore(4)


@dataclass(frozen=True, kw_only=True)
class OutboundRules:
    """Where the server may fetch packages from."""

    hosts: frozenset[str] = PACKAGE_HOSTS
    """Names of hosts, in lower case. ``*.example.org`` is every host below ``example.org``."""
    schemes: frozenset[str] = frozenset({"https"})
    own_network: bool = False
    """Whether addresses that are not public may be connected to."""


async def fetch(url: str, *, rules: OutboundRules, limit: int) -> bytes:
    """The content behind a URL.

    Args:
        url: as the caller wrote it.
        rules: what may be fetched.
        limit: bytes of the content.

    Raises:
        InvalidArgumentError: it is no URL, or there is no content behind it.
        PermissionDeniedError: the rules do not allow it; redirects count.
        TooLargeError: the content is larger than the limit.
        InfrastructureError: the host cannot be reached, or broke off.
    """
    async with _at_once:
        return await asyncio.to_thread(_fetch, url, rules, limit)


def _fetch(url: str, rules: OutboundRules, limit: int) -> bytes:
    until = time.monotonic() + _SECONDS
    for _ in range(_MAX_REDIRECTS + 1):
        parts = _allowed(url, rules)
        address = _address(parts, rules)
        connection = _connection(parts, address, until)
        try:
            found = _ask(connection, parts, url, limit, until)
        except (OSError, http.client.HTTPException) as error:
            raise InfrastructureError(f"'{_shown(url)}' could not be fetched: {error}") from error
        finally:
            connection.close()
        if isinstance(found, bytes):
            return found
        url = found.url
    raise InvalidArgumentError(f"'{_shown(url)}' is the {_MAX_REDIRECTS + 1}th redirect in a row")


@dataclass(frozen=True)
class _Redirect:
    url: str


def _ask(
    connection: http.client.HTTPConnection, parts: SplitResult, url: str, limit: int, until: float
) -> bytes | _Redirect:
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection.request("GET", target, headers={"accept-encoding": "identity", "user-agent": "wherry"})
    with contextlib.closing(connection.getresponse()) as answer:
        if answer.status in _REDIRECTS:
            return _Redirect(urljoin(url, answer.headers.get("location", "")))
        if answer.status != _OK:
            raise InvalidArgumentError(f"'{_shown(url)}' answered with status {answer.status}")
        content = bytearray()
        while chunk := answer.read1(_CHUNK):
            content += chunk
            if len(content) > limit:
                raise TooLargeError(f"'{_shown(url)}' is larger than the limit", hint=f"At most {limit:,} bytes.")
            if time.monotonic() > until:
                raise TimeoutError(f"it took longer than {_SECONDS:.0f} s")
        return bytes(content)


def _allowed(url: str, rules: OutboundRules) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise InvalidArgumentError(f"'{_shown(url)}' is no URL: {error}") from error
    if parts.scheme and parts.scheme not in rules.schemes:
        raise PermissionDeniedError(
            f"'{_shown(url)}' is not fetched: only {' and '.join(sorted(rules.schemes))} is", hint=_INSTEAD
        )
    host = (parts.hostname or "").lower()
    if not parts.scheme or not host or not url.isascii() or any(one <= " " for one in url):
        raise InvalidArgumentError(f"'{_shown(url)}' is no URL", hint="Such as https://github.com/OWNER/REPO/raw/….")
    if not (host in rules.hosts or any(_is_below(host, one) for one in rules.hosts)):
        raise PermissionDeniedError(f"packages are not fetched from '{host[:128]}'", hint=_INSTEAD)
    if parts.username is not None or (port not in {None, _PORTS[parts.scheme]} and not rules.own_network):
        raise PermissionDeniedError(f"'{_shown(url)}' names a user or a port", hint=_INSTEAD)
    return parts


_INSTEAD: Final = "Upload the file to /apis/v2beta1/pipelines/upload, or send it as pipeline_spec."


def _is_below(host: str, pattern: str) -> bool:
    return pattern.startswith("*.") and host.endswith(pattern[1:])


def _address(parts: SplitResult, rules: OutboundRules) -> str:
    """An address of the host, if all of them may be connected to."""
    host = str(parts.hostname)
    try:
        found = socket.getaddrinfo(host, parts.port or _PORTS[parts.scheme], type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise InfrastructureError(f"the host '{host}' is not found: {error}") from error
    addresses = [str(sockaddr[0]) for *_, sockaddr in found]
    inside = [one for one in addresses if not ipaddress.ip_address(one.partition("%")[0]).is_global]
    if inside and not rules.own_network:
        raise PermissionDeniedError(f"the host '{host}' is not a public one", hint=_INSTEAD)
    return addresses[0]


def _connection(parts: SplitResult, address: str, until: float) -> http.client.HTTPConnection:
    """A connection to the address that was checked: the name is not looked up once more."""
    host = str(parts.hostname)
    port = parts.port or _PORTS[parts.scheme]
    seconds = max(0.1, until - time.monotonic())
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(host, port, timeout=seconds, context=context)
    else:
        context = None
        connection = http.client.HTTPConnection(host, port, timeout=seconds)
    try:
        plain = socket.create_connection((address, port), timeout=min(seconds, 10.0))
        plain.settimeout(seconds)
        connection.sock = plain
        if context is not None:
            connection.sock = context.wrap_socket(plain, server_hostname=host)
    except OSError as error:
        connection.close()
        raise InfrastructureError(f"the host '{host}' cannot be reached: {error}") from error
    return connection


def _shown(url: str) -> str:
    return url[:256]
