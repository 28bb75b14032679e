"""Sends calls over HTTP and reads answers; a refusal becomes one of our errors."""

from __future__ import annotations

import contextlib
import http.client
import json
import secrets
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from wherry.api.dialect import Message, UnknownFields, decode, encode
from wherry.client.refusals import error_of
from wherry.errors import InfrastructureError, InvalidArgumentError, ServerUnreachableError

API: Final = "/apis/v2beta1"
SECONDS: Final = 60.0
"""How long an answer may take."""

_TRIES: Final = 2
_MAX_ERROR_BODY: Final = 1 << 20

M = TypeVar("M", bound=Message)
Query = Mapping[str, str | int | None]


@dataclass(frozen=True, kw_only=True)
class Transport:
    """How to get there, and what to show."""

    url: str
    authorization: Callable[[], str] = field(default=lambda: "", repr=False)
    """Value of the Authorization header; asked for each call, so that tokens can be renewed."""
    cookies: str = field(default="", repr=False)
    proxy: str = ""
    tls: ssl.SSLContext | None = None


class Connection:
    """Calls to one server. May be used by several threads: every call has a connection of its own.

    Args:
        transport: how to get there.
        seconds: how long an answer may take.
    """

    def __init__(self, transport: Transport, *, seconds: float = SECONDS) -> None:
        self._transport = transport
        self._seconds = seconds
        self._parts = urlsplit(transport.url)

    @property
    def url(self) -> str:
        """The server's address, without a slash at its end."""
        return self._transport.url

    def within(self, seconds: float) -> Connection:
        """The same, with less patience: no answer may take longer."""
        return Connection(self._transport, seconds=seconds)

    def get(self, path: str, kind: type[M], **query: str | int | None) -> M:
        """GET a message."""
        return self._message(self._exchange("GET", path, query), kind)

    def post(self, path: str, body: Message | None, kind: type[M], *, key: str = "", **query: str | int | None) -> M:
        """POST a message, and get one.

        Args:
            path: of the call.
            body: None is sent as ``{}``.
            kind: class of the answer.
            key: tells the server that a second call is the first one again, which is sent then if the connection
                breaks before an answer. For calls that know ``Idempotency-Key``.
            query: the other parameters.
        """
        headers = {"content-type": "application/json"}
        if key:
            headers["idempotency-key"] = key
        try:
            content = encode(body) if body is not None else b"{}"
        except (TypeError, msgspec.MsgspecError) as error:
            raise InvalidArgumentError(
                f"something that is to be sent is no JSON: {error}",
                hint="Arguments are numbers, texts, bools, lists and dicts.",
            ) from error
        return self._message(self._exchange("POST", path, query, content, headers), kind)

    def upload(self, path: str, file_name: str, content: bytes, kind: type[M], **query: str | int | None) -> M:
        """POST a file as a form, and get a message."""
        boundary = secrets.token_hex(16)
        quoted = file_name.replace("\\", "_").replace('"', "_").replace("\r", "_").replace("\n", "_")
        form = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="uploadfile"; filename="{quoted}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        ).encode()
        body = form + content + f"\r\n--{boundary}--\r\n".encode()
        headers = {"content-type": f"multipart/form-data; boundary={boundary}"}
        return self._message(self._exchange("POST", path, query, body, headers), kind)

    def delete(self, path: str, **query: str | int | None) -> None:
        """DELETE."""
        self._exchange("DELETE", path, query)

    def read(self, path: str, **query: str | int | None) -> bytes:
        """GET bytes."""
        return self._exchange("GET", path, query)

    @contextlib.contextmanager
    def stream(
        self,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        seconds: float = SECONDS,
        **query: str | int | None,
    ) -> Iterator[http.client.HTTPResponse]:
        """GET a body that is read as it comes. ``seconds``: the longest silence that is waited for.

        Raises:
            ServerUnreachableError: nobody answers, or the connection breaks while it is read.
        """
        connection = self._connect(seconds)
        try:
            with self._reported(), self._send(connection, "GET", path, query, None, headers or {}) as answer:
                yield answer
        finally:
            connection.close()

    def _exchange(
        self,
        method: str,
        path: str,
        query: Query,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        safe = method == "GET" or (headers is not None and "idempotency-key" in headers)
        for left in reversed(range(_TRIES if safe else 1)):
            connection = self._connect(self._seconds)
            try:
                with self._reported(), self._send(connection, method, path, query, body, headers or {}) as answer:
                    return answer.read()
            except ServerUnreachableError as error:
                # A refused connection was not served at all, and will not be in the next millisecond.
                if not left or isinstance(error.__cause__, ConnectionRefusedError | TimeoutError):
                    raise
            finally:
                connection.close()
        raise AssertionError  # the last try returns or raises

    def _connect(self, seconds: float) -> http.client.HTTPConnection:
        transport, parts = self._transport, self._parts
        via = urlsplit(transport.proxy) if transport.proxy else parts
        host, port = via.hostname or "", via.port
        if parts.scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=seconds)
        connection = http.client.HTTPSConnection(host, port, timeout=seconds, context=transport.tls)
        if transport.proxy:
            connection.set_tunnel(parts.hostname or "", parts.port)
        return connection

    def _send(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        query: Query,
        body: bytes | None,
        headers: Mapping[str, str],
    ) -> http.client.HTTPResponse:
        given = {name: value for name, value in query.items() if value not in {None, ""}}
        target = self._parts.path + path + (f"?{urlencode(given)}" if given else "")
        if self._transport.proxy and self._parts.scheme == "http":
            target = f"http://{self._parts.netloc}{target}"
        sent = {"host": self._parts.netloc.rpartition("@")[2], "accept": "*/*", **headers}
        if authorization := self._transport.authorization():
            sent["authorization"] = authorization
        if self._transport.cookies:
            sent["cookie"] = self._transport.cookies
        connection.request(method, target, body, sent)
        answer = connection.getresponse()
        if answer.status < http.client.MULTIPLE_CHOICES:
            return answer
        # Closing the connection does not close an answer that the server ends by closing.
        with answer:
            if answer.status >= http.client.BAD_REQUEST:
                raise error_of(answer.status, answer.read(_MAX_ERROR_BODY), url=self.url)
            raise InvalidArgumentError(
                f"{self.url!r} sends callers on to {answer.headers.get('location', 'somewhere else')!r}",
                hint="Name the server's own address. If it asks browsers to log in, a token is needed.",
            )

    @contextlib.contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except (OSError, http.client.HTTPException) as error:
            raise ServerUnreachableError(
                f"no server answers at {self.url!r}: {_cause(error)}",
                hint="Start one with `wherry up`, or name another: --host, host=, WHERRY_HOST.",
            ) from error

    def _message(self, body: bytes, kind: type[M]) -> M:
        try:
            return decode(body, kind, unknown=UnknownFields.IGNORE)
        except InvalidArgumentError as error:
            raise InfrastructureError(
                f"{self.url!r} does not answer as a Kubeflow Pipelines server does: {error.message}",
                hint="Is it the address of the API? A path in front of /apis/v2beta1 belongs to it.",
            ) from error


def part(identifier: str) -> str:
    """An id as a part of a path.

    Raises:
        InvalidArgumentError: it is empty: the call would mean something else.
    """
    if not identifier:
        raise InvalidArgumentError("the id is empty")
    return quote(identifier, safe="")


def name_filter(name: str) -> str:
    """The ``filter`` of a list call that finds a display name."""
    return json.dumps({"predicates": [{"operation": "EQUALS", "key": "display_name", "stringValue": name}]})


def _cause(error: BaseException) -> str:
    match error:
        case ssl.SSLError():
            return f"TLS failed ({error.reason})"
        case TimeoutError():
            return "it took too long"
        case http.client.RemoteDisconnected():
            return "it closed the connection without an answer"
        case OSError(strerror=str() as text):
            return text.lower()
        case _:
            return str(error) or type(error).__name__
