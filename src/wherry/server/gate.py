"""What every request passes before a handler sees it: Host, Origin, length, and who calls.

A web page in the user's own browser is the attacker here: it can reach loopback. The Host check stops DNS rebinding,
the Origin check stops forms and fetches of other sites.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from http.cookies import CookieError, SimpleCookie
from typing import Final

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wherry.errors import InvalidArgumentError, PermissionDeniedError, RequestError, TooLargeError, UnauthenticatedError
from wherry.server.errors_to_http import error_answer, upload_error_answer
from wherry.server.parts import ServerSettings
from wherry.server.route_table import Permission, Route

COOKIE: Final = "wherry_session"
PEER_UID: Final = "wherry.peer_uid"
"""Key of the scope's state: uid of the process at the other end, if it is on this machine and known."""
_CALLER: Final = "wherry.caller"
_ENVELOPE: Final = 64 * 1024
_VERSIONS: Final = frozenset({"1.0", "1.1"})
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def caller_of(connection: HTTPConnection) -> str:
    """Name of who calls, as the gate found it."""
    return str(connection.scope.get(_CALLER, ""))


def cookie_value(settings: ServerSettings) -> str:
    """What a browser that has shown the token is given."""
    return hmac.new(settings.secret, b"cookie\0" + settings.token.encode(), hashlib.sha256).hexdigest()


class Gate:
    """ASGI middleware.

    Args:
        app: what comes behind it.
        settings: hosts, token, limits.
        routes: the table; what is PUBLIC in it needs no caller.
    """

    def __init__(self, app: ASGIApp, *, settings: ServerSettings, routes: Sequence[Route]) -> None:
        self._app = app
        self._settings = settings
        # Of a public path at most the last part is a parameter: comparisons are enough.
        public = [route.path for route in routes if route.permission is Permission.PUBLIC]
        self._public = frozenset(path for path in public if "{" not in path)
        self._public_folders = frozenset(path.partition("{")[0] for path in public if "{" in path)
        self._uploads = frozenset(route.path for route in routes if route.upload)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer why not."""
        if scope["type"] != "http":
            return
        upload = scope["path"] in self._uploads
        limit = self._settings.max_body + (_ENVELOPE if upload else 0)
        try:
            connection = HTTPConnection(scope)
            _check_version(scope)
            self._check_host(connection)
            self._check_origin(connection, scope["method"])
            _check_length(connection, limit)
            if not self._is_public(scope["path"]):
                self._check_caller(connection)
        except RequestError as error:
            await (upload_error_answer(error) if upload else error_answer(error))(scope, receive, send)
            return
        scope[_CALLER] = self._settings.owner
        await self._app(scope, _limited(receive, limit, self._settings.patience), _with_headers(send))

    def _check_host(self, connection: HTTPConnection) -> None:
        hosts = connection.headers.getlist("host")
        if len(hosts) != 1:
            raise InvalidArgumentError("a request has one Host header")
        if self._settings.hosts and host_name(hosts[0]) not in self._settings.hosts:
            raise PermissionDeniedError(
                f"the host '{hosts[0][:128]}' is not one of this server's names",
                hint="Call it by the address it printed, or start it with --allow-host NAME.",
            )

    def _check_origin(self, connection: HTTPConnection, method: str) -> None:
        origin = connection.headers.get("origin")
        host = connection.headers["host"]
        if origin is not None and origin.lower() not in {f"http://{host.lower()}", f"https://{host.lower()}"}:
            raise PermissionDeniedError(f"pages of '{origin[:128]}' may not call this server")
        site = connection.headers.get("sec-fetch-site", "none")
        if method not in _SAFE and site not in {"none", "same-origin"}:
            raise PermissionDeniedError("pages of other sites may not call this server")

    def _check_caller(self, connection: HTTPConnection) -> None:
        if not self._is_known(connection):
            raise UnauthenticatedError(
                "this server does not know you",
                hint="Send `Authorization: Bearer TOKEN`; the token stands in server/token of the state folder.",
            )

    def _is_public(self, path: str) -> bool:
        return path in self._public or path[: path.rfind("/") + 1] in self._public_folders

    def _is_known(self, connection: HTTPConnection) -> bool:
        settings = self._settings
        uid = connection.scope.get("state", {}).get(PEER_UID)
        if settings.trust_own_user and uid is not None and uid in settings.known_uids:
            return True
        scheme, _, given = connection.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), settings.token.encode()):
            return True
        return hmac.compare_digest(_cookie(connection.headers).encode(), cookie_value(settings).encode())


def _check_version(scope: Scope) -> None:
    """h11 takes any two digits for a version."""
    if scope["http_version"] not in _VERSIONS:
        raise InvalidArgumentError(
            f"HTTP/{scope['http_version']} is not spoken here", hint="Send the request as HTTP/1.1."
        )


def host_name(host: str) -> str:
    """The name in a Host header, without port and brackets, in lower case."""
    host = host.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.rpartition(":")[0] if host.count(":") == 1 else host


def _cookie(headers: Mapping[str, str]) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return "" if found is None else found.value


def _check_length(connection: HTTPConnection, limit: int) -> None:
    length = connection.headers.get("content-length", "0")
    if not length.isascii() or not length.isdigit():
        raise InvalidArgumentError("Content-Length is no number")
    if len(length) > len(str(limit)) or int(length) > limit:
        raise _too_large(limit)


def _too_large(limit: int) -> TooLargeError:
    return TooLargeError(f"the request is larger than {limit:,} bytes")


def _limited(receive: Receive, limit: int, patience: float) -> Receive:
    """Counts what arrives, since a body sent in chunks declares no length, and waits some time for each part of it."""
    left = limit
    is_whole = False

    async def counted() -> Message:
        nonlocal left, is_whole
        if is_whole:
            return await receive()  # who reads on waits for the caller to leave
        try:
            message = await asyncio.wait_for(receive(), patience)
        except TimeoutError:
            return {"type": "http.disconnect"}
        is_whole = not message.get("more_body", False)
        left -= len(message.get("body", b""))
        if left < 0:
            raise _too_large(limit)
        return message

    return counted


def _with_headers(send: Send) -> Send:
    """Adds what every answer carries unless it says otherwise: nothing is guessed, framed or kept."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", ()))
            names = {name for name, _ in headers}
            if b"x-content-type-options" not in names:
                headers.append((b"x-content-type-options", b"nosniff"))
            if b"cache-control" not in names:
                headers.append((b"cache-control", b"no-store"))
            if b"x-frame-options" not in names:
                headers.append((b"x-frame-options", b"DENY"))
            message = {**message, "headers": headers}
        await send(message)

    return sending
