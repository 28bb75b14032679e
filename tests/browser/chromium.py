"""A real Chromium, and pages of it that forgive nothing: no error in the console, no breach of the content policy."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

from playwright.sync_api import Browser, Page, Playwright, expect

Scheme: TypeAlias = Literal["light", "dark"]

ROOT = Path(__file__).parents[2]
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
#: Long enough for a machine that does much else.
PATIENCE_MS = 20_000
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def launch(playwright: Playwright) -> Browser:
    """Chromium as the machine has it."""
    expect.set_options(timeout=PATIENCE_MS)
    path = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")
    assert path is not None, "no Chromium: apt-get install chromium fonts-dejavu-core"
    return playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)


@dataclass
class Watched:
    """What went wrong in a page, as it went wrong."""

    complaints: list[str] = field(default_factory=list)
    #: What the console may say here: parts of messages.
    expected: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.on("console", lambda message: self._said(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))

    def _said(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"} and not any(part in text for part in self.expected):
            self.complaints.append(f"{kind}: {text}")


@contextlib.contextmanager
def watched_page(
    browser: Browser, url: str, *, scheme: Scheme = "light", height: int = 850, expected: tuple[str, ...] = ()
) -> Iterator[Page]:
    """A page in a fresh profile; at the end it must not have complained."""
    watched = Watched(expected=list(expected))
    with browser.new_context(
        base_url=url, viewport={"width": 1400, "height": height}, color_scheme=scheme, reduced_motion="reduce"
    ) as context:
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        watched.watch(page)
        yield page
    if watched.complaints:
        raise AssertionError("\n".join(["the page complained:", *watched.complaints]))


def serious(page: Page) -> list[str]:
    """What axe finds serious or critical in the page, as it stands: WCAG 2 A and AA."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate(
        "() => axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})"
    )
    return [
        f"{violation['id']}: {node['html'][:160]} -- {node['failureSummary'][:300]}"
        for violation in found["violations"]
        if violation["impact"] in {"serious", "critical"}
        for node in violation["nodes"]
        # A node of a graph shows its name cut short, and is called by all of it.
        if not (violation["id"] == "label-content-name-mismatch" and "data-node=" in node["html"])
    ]
