"""The container's health check: does the server of this state folder answer? Exit status 0 if so, else 1.

Asks where the server itself says it listens, so another port needs nothing changed here. Standard library only.
"""

import http.client
import json
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

_SECONDS = 4


def main() -> int:
    """Ask, and print what was found; a container engine keeps the line."""
    address = Path(os.environ["WHERRY_STATE"], "server", "address.json")
    try:
        url = json.loads(address.read_text(encoding="utf-8"))["url"]
    except FileNotFoundError:
        print("not serving yet")
        return 1
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(url).port, timeout=_SECONDS)
    try:
        connection.request("GET", "/apis/v2beta1/healthz")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        print(f"{url} does not answer: {error}")
        return 1
    print(f"{url} answers {status}")
    return 0 if status == http.client.OK else 1


if __name__ == "__main__":
    sys.exit(main())
