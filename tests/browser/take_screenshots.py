"""Take docs/screenshots/: every page in both themes, on a server that has told the demo's story (`make screenshots`)."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from chromium import ROOT, Scheme, launch, watched_page
from command import Command
from pages import addresses, open_page
from playwright.sync_api import sync_playwright
from served import end_processes, start
from story import told

FOLDER: Final = ROOT / "docs" / "screenshots"
SCHEMES: Final[tuple[Scheme, ...]] = ("light", "dark")


def main() -> None:
    """Take them all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    # The path is seen in the pictures.
    with tempfile.TemporaryDirectory(prefix="wherry-", dir="/tmp") as folder:
        command = Command(Path(folder) / "state")
        done = command("demo", timeout=600)
        if done.returncode != 0:
            raise SystemExit(done.stdout)
        server = start(command)
        try:
            site = told(server)
            with sync_playwright() as playwright:
                browser = launch(playwright)
                for scheme in SCHEMES:
                    with watched_page(browser, site.url, scheme=scheme) as page:
                        for name, address in addresses(site).items():
                            open_page(page, address)
                            page.screenshot(path=FOLDER / f"{name}-{scheme}.png")
                browser.close()
        finally:
            server.end()
            end_processes(command)


if __name__ == "__main__":
    main()
