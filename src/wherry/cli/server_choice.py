"""Which server a command works with, if it works with one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from wherry.client import Client
from wherry.client.address import announced_address
from wherry.errors import InvalidArgumentError
from wherry.settings import Settings, load_settings

_PATIENCE_SECONDS: Final = 5.0


@dataclass(frozen=True)
class Choice:
    """Where a command works."""

    settings: Settings
    client: Client | None
    """The server that was named, or that says it holds the state folder."""
    rows: bool
    """Whether the rows of the state folder are at hand. They are not those of a distant server."""

    @property
    def distant(self) -> Client | None:
        """The server to read from; None: the rows tell the same and more, and do not wait for a busy server."""
        return None if self.rows else self.client

    def server(self) -> Client | None:
        """The server to act through; None: there is none, and the state folder is for this process.

        One that merely left its address, and is starting or stopping, does not count: whoever holds the folder then
        is told by its lock.
        """
        if self.client is None or not self.rows or self.client.answers(seconds=_PATIENCE_SECONDS):
            return self.client
        return None


def choose(*, host: str | None, token: str | None, state: Path | None) -> Choice:
    """Decide by what the command line, the environment, wherry.toml and the state folder say, in this order.

    Args:
        host: what ``--host`` said.
        token: what ``--token`` said.
        state: what ``--state`` said. It wins over ``WHERRY_HOST``, which is meant for when nothing is said.

    Raises:
        InvalidArgumentError: ``--host`` and ``--state`` were both given, or the host is no address.
    """
    if host is not None and state is not None:
        raise InvalidArgumentError(
            "--host and --state name two places", hint="A server has a state folder of its own: give one of the two."
        )
    settings = load_settings(state=state)
    announced = announced_address(settings.state)
    named = host or (settings.client.host if state is None else "")
    if named:
        client = Client(named, existing_token=token)
        return Choice(settings, client, rows=announced is not None and announced.url == client.host)
    if announced is None:
        return Choice(settings, None, rows=True)
    client = Client(announced.url, existing_token=token or announced.token or None)
    return Choice(settings, client, rows=True)
