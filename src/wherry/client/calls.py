"""What the classes of calls share."""

from __future__ import annotations

from wherry.client.connection import Connection
from wherry.settings import ClientSettings


class Calls:
    """Calls of one kind of resource, over a connection."""

    def __init__(self, connection: Connection, settings: ClientSettings) -> None:
        self._connection = connection
        self._settings = settings

    def _say(self, what: str, link: str) -> None:
        """Tell whoever started something where to look at it, as kfp's client does."""
        print(f"{what}: {link}")  # noqa: T201  kfp.Client prints its links, and notebooks rely on it
