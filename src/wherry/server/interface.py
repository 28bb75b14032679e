"""The built web interface: what Vite left in ``static/`` beside this module, in a wheel always, in a checkout if built.

Only files that were there when it was opened are sent: a name is looked up, never joined to a path.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from starlette.responses import Response

#: Everything from here, and nothing written into the page. Artifacts that are HTML are framed by their own address.
CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
STATIC: Final = Path(__file__).parent / "static"
ASSETS: Final = "/assets/"
_MEDIA_TYPES: Final = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
}
_COMPRESSIBLE: Final = frozenset({".js", ".css", ".svg"})


@dataclass(frozen=True, kw_only=True)
class Interface:
    """The files of the built interface."""

    index: Path
    """The page itself."""
    assets: Mapping[str, Path]
    """Everything it loads, by name. A name carries a digest of the content."""

    def page(self) -> Response:
        """The page."""
        return Response(
            self.index.read_bytes(),
            media_type="text/html; charset=utf-8",
            headers={
                "content-security-policy": CONTENT_SECURITY_POLICY,
                "referrer-policy": "no-referrer",
                "cache-control": "no-cache",
            },
        )

    def asset(self, name: str, *, accept_encoding: str) -> Response | None:
        """A file that the page loads; None if there is none of that name."""
        path = self.assets.get(name)
        if path is None:
            return None
        headers = {"cache-control": "public, max-age=31536000, immutable", "vary": "accept-encoding"}
        content = path.read_bytes()
        if path.suffix in _COMPRESSIBLE and "gzip" in accept_encoding:
            headers["content-encoding"] = "gzip"
            content = _compressed(path)
        return Response(content, media_type=_MEDIA_TYPES.get(path.suffix, "application/octet-stream"), headers=headers)


def built(folder: Path = STATIC) -> Interface | None:
    """The interface in a folder; None if it was not built."""
    index = folder / "index.html"
    if not index.is_file():
        return None
    return Interface(index=index, assets={path.name: path for path in (folder / "assets").iterdir() if path.is_file()})


@lru_cache(maxsize=256)
def _compressed(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), compresslevel=6, mtime=0)
