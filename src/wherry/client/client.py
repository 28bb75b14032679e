"""`Client`: one method per call of the API, under the names and signatures of ``kfp.Client``."""

from __future__ import annotations

import ssl
import threading
from typing import Any, Final

from wherry.api.dialect import Message
from wherry.client.address import Address, address_of, announced_address, default_address
from wherry.client.artifacts import ArtifactCalls
from wherry.client.connection import API, Connection, Transport
from wherry.client.pages import PageCalls
from wherry.client.pipelines import PipelineCalls
from wherry.client.recurring_runs import RecurringRunCalls
from wherry.errors import InvalidArgumentError, ServerUnreachableError
from wherry.settings import Settings, load_settings

_HEALTH_TRIES: Final = 5


class Health(Message, frozen=True, kw_only=True):
    """v2beta1GetHealthzResponse."""

    multi_user: bool = False
    commit_sha: str = ""
    tag_name: str = ""
    pipeline_store: str = ""


class Client(PipelineCalls, RecurringRunCalls, ArtifactCalls, PageCalls):
    """Talks to a server: wherry's or, where that has the call, KFP's own.

    Without arguments it goes to the server that ``WHERRY_HOST`` or wherry.toml names, else to the one that holds the
    state folder (``WHERRY_STATE`` or ``.wherry``), else where ``KF_PIPELINES_ENDPOINT`` says, else to
    ``http://127.0.0.1:8080``. Nothing is sent before the first call.

    Args:
        host: address, such as ``http://127.0.0.1:8080``; a path prefix is kept. Without scheme: http.
        client_id: Google's Identity-Aware Proxy is not supported; use ``existing_token``.
        namespace: for servers with several users; see `set_user_namespace`.
        other_client_id: see ``client_id``.
        other_client_secret: see ``client_id``.
        existing_token: a bearer token. Default: ``WHERRY_TOKEN``, else the one in the state folder of the server.
        cookies: sent as they are.
        proxy: address of an HTTP proxy.
        ssl_ca_cert: file with the certificates to trust.
        kube_context: forwarding through a cluster's API server is not supported; use ``kubectl port-forward``.
        credentials: an object of kfp's ``TokenCredentialsBase``, asked before every call.
        ui_host: where the pages are, if elsewhere than the API.
        verify_ssl: False trusts any certificate.

    Raises:
        InvalidArgumentError: the address is none, or something that is not supported was asked for.
    """

    def __init__(
        self,
        host: str | None = None,
        client_id: str | None = None,
        namespace: str = "kubeflow",
        other_client_id: str | None = None,
        other_client_secret: str | None = None,
        existing_token: str | None = None,
        cookies: str | None = None,
        proxy: str | None = None,
        ssl_ca_cert: str | None = None,
        kube_context: str | None = None,
        credentials: Any | None = None,
        ui_host: str | None = None,
        verify_ssl: bool | None = None,  # noqa: FBT001  kfp's signature
    ) -> None:
        _refuse(client_id=client_id, other_client_id=other_client_id, other_client_secret=other_client_secret)
        if kube_context is not None:
            raise InvalidArgumentError(
                "kube_context is not supported",
                hint="Run `kubectl port-forward` and give the local address as host.",
            )
        settings = load_settings()
        address = _address(host, settings)
        authorization = _Authorization(existing_token or settings.client.token or address.token, credentials)
        transport = Transport(
            url=address.url,
            authorization=authorization,
            cookies=cookies or "",
            proxy=proxy or "",
            tls=_tls(ssl_ca_cert, verify=verify_ssl),
        )
        super().__init__(Connection(transport), settings.client)
        self._namespace = "" if namespace == "kubeflow" else namespace
        self._pages = (ui_host or address.url).rstrip("/")

    def __repr__(self) -> str:
        return f"Client({self.host!r})"

    @property
    def host(self) -> str:
        """The server's address."""
        return self._connection.url

    def run_url(self, run_id: str) -> str:
        """The page that shows a run."""
        return f"{self._pages}/#/runs/{run_id}"

    def get_kfp_healthz(self, sleep_duration: int = 5) -> Health:
        """Whether the server is there, and of what kind it is.

        Args:
            sleep_duration: seconds between tries; there are five.

        Raises:
            ServerUnreachableError: it did not answer one of them.
        """
        for left in reversed(range(_HEALTH_TRIES)):
            try:
                return self._connection.get(f"{API}/healthz", Health)
            except ServerUnreachableError:
                if not left:
                    raise
            threading.Event().wait(sleep_duration)
        raise AssertionError  # the last try returns or raises

    def answers(self, *, seconds: float) -> bool:
        """Whether the server is there and says so within so many seconds."""
        try:
            self._connection.within(seconds).get(f"{API}/healthz", Health)
        except ServerUnreachableError:
            return False
        return True

    def get_user_namespace(self) -> str:
        """What `set_user_namespace` or ``namespace=`` said; empty for none."""
        return self._namespace

    def set_user_namespace(self, namespace: str) -> None:
        """Remember a namespace for `get_user_namespace`. kfp writes it to a file; this lasts as long as the client."""
        self._namespace = namespace


class _Authorization:
    """The value of the Authorization header, asked for each call."""

    def __init__(self, token: str, credentials: Any | None) -> None:
        self._token = token
        self._credentials = credentials
        self.api_key: dict[str, str] = {}
        """Where kfp's credentials write the token, as into the configuration of kfp's client."""

    def __call__(self) -> str:
        token = self._token
        if self._credentials is not None:
            self._credentials.refresh_api_key_hook(self)
            token = self.api_key.get("authorization", "")
        return token if not token or " " in token else f"Bearer {token}"


def _address(host: str | None, settings: Settings) -> Address:
    announced = announced_address(settings.state)
    if named := host or settings.client.host:
        address = address_of(named)
        return announced if announced is not None and announced.url == address.url else address
    if announced is not None:
        return announced
    return address_of(settings.client.kfp_endpoint) if settings.client.kfp_endpoint else default_address()


def _refuse(**given: str | None) -> None:
    if names := [name for name, value in given.items() if value is not None]:
        raise InvalidArgumentError(
            f"{', '.join(names)}: logging in through Google's Identity-Aware Proxy is not supported",
            hint="Get a token yourself and give it as existing_token.",
        )


def _tls(ca_cert: str | None, *, verify: bool | None) -> ssl.SSLContext | None:
    if ca_cert is None and verify is not False:
        return None
    context = ssl.create_default_context(cafile=ca_cert)
    if verify is False:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
