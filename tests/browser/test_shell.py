"""What stands around every page: search, theme, connection, kfp's links, a path prefix, empty and error states."""

import contextlib
import http.client
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest
from chromium import watched_page
from playwright.sync_api import Browser, Page, expect
from served import Served, served
from story import Site

PREFIX: Final = "/tools/wherry"


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server on which nothing has happened."""
    with served(tmp_path_factory.mktemp("bare") / "state") as server:
        yield server


@contextlib.contextmanager
def below_a_prefix(url: str) -> Iterator[str]:
    """A proxy that passes on what lies below the prefix, as an ingress does."""
    target = urlsplit(url)

    class Proxy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if not self.path.startswith(PREFIX + "/"):
                self.send_error(404)
                return
            connection = http.client.HTTPConnection(str(target.hostname), target.port or 80, timeout=30)
            connection.request("GET", self.path.removeprefix(PREFIX), headers={"Accept-Encoding": "identity"})
            answer = connection.getresponse()
            body = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in {"connection", "transfer-encoding", "content-length"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            connection.close()

        def log_message(self, *_: object) -> None:
            pass

    proxy = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    thread = threading.Thread(target=proxy.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{proxy.server_port}"
    finally:
        proxy.shutdown()
        thread.join()
        proxy.server_close()


def open_search(page: Page) -> None:
    """Press Ctrl-K until the page, which may have just been drawn, listens to it."""
    search = page.get_by_role("dialog").get_by_label("Search")
    for _ in range(10):
        page.keyboard.press("Control+k")
        with contextlib.suppress(AssertionError):
            expect(search).to_be_focused(timeout=2000)
            return
    expect(search).to_be_focused()


@pytest.mark.parametrize(
    ("text", "found", "lands"),
    [
        ("employee-attr", r"^employee-attrition .*Failed", r"#/runs/[0-9a-f-]{36}"),
        ("typed", r"^typed", r"#/pipelines/[0-9a-f-]{36}"),
        ("employee", r"^employee-attrition 1 version", r"#/models/employee-attrition"),
        ("defau", r"^Default$", r"#/runs\?experiment="),
    ],
)
def test_control_k_finds(page: Page, text: str, found: str, lands: str) -> None:
    page.goto("/#/models")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    open_search(page)
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Search").fill(text)
    dialog.get_by_role("button", name=re.compile(found)).last.click()

    expect(page).to_have_url(re.compile(lands))


def test_the_first_find_opens_with_the_enter_key(page: Page, site: Site) -> None:
    page.goto("/#/models")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    open_search(page)
    page.keyboard.type(site.failed[:8])
    expect(page.get_by_role("dialog").get_by_text(site.failed[:8])).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(site.failed))


def test_the_theme_follows_the_system_until_it_is_chosen(browser: Browser, site: Site) -> None:
    with watched_page(browser, site.url, scheme="dark") as page:
        page.goto("/#/models")
        html = page.locator("html")
        expect(html).to_have_attribute("data-mantine-color-scheme", "dark")
        page.get_by_role("button", name=re.compile("Theme: as the system")).click()
        expect(html).to_have_attribute("data-mantine-color-scheme", "light")
        page.reload()
        expect(html).to_have_attribute("data-mantine-color-scheme", "light")


def test_links_that_kfp_prints_lead_to_the_right_page(page: Page, site: Site) -> None:
    experiment = site.pages(f"/runs/{site.failed}")["run"]["experiment"]["id"]
    pipeline = site.pipelines["typed"]
    version = site.pages(f"/pipelines/{pipeline}")["versions"][0]["id"]

    landed = {}
    for link in (
        f"runs/details/{site.failed}",
        f"experiments/details/{experiment}",
        f"pipelines/details/{pipeline}",
        f"pipelines/details/{pipeline}/version/{version}",
        f"compare?runlist={site.failed},{site.reused}",
        "archive/runs",
    ):
        page.goto(f"/#/{link}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        page.wait_for_function("!location.hash.includes('/details/') && !location.hash.includes('/archive/')")
        landed[link.partition("?")[0]] = page.evaluate("location.hash")

    assert list(landed.values())[:4] == [
        f"#/runs/{site.failed}",
        f"#/runs?experiment={experiment}",
        f"#/pipelines/{pipeline}",
        f"#/pipelines/{pipeline}?version={version}",
    ]
    assert landed["compare"] != ""
    assert landed["archive/runs"] == "#/runs?archived=only"


def test_everything_works_below_a_path_prefix(browser: Browser, site: Site) -> None:
    with below_a_prefix(site.url) as url, watched_page(browser, url) as page:
        page.goto(f"{PREFIX}/#/models")
        page.get_by_role("link", name="employee-attrition").first.click()
        page.get_by_role("link", name="Lineage").click()

        expect(page.get_by_test_id("graph").get_by_role("button", name=re.compile("^raw"))).to_be_visible()
        assert page.url.startswith(f"{url}{PREFIX}/#/lineage")


@pytest.mark.parametrize(
    ("path", "heading"),
    [
        ("runs", "Nothing has run yet"),
        ("pipelines", "No pipeline is registered"),
        ("models", "No model is registered"),
        ("runs/new", "No pipeline is registered"),
        ("compare", "No runs are chosen"),
        ("lineage", "Lineage of what?"),
        ("nowhere", "There is no such page"),
    ],
)
def test_where_there_is_nothing_it_says_what_to_do(browser: Browser, bare: Served, path: str, heading: str) -> None:
    with watched_page(browser, bare.url) as page:
        page.goto(f"/#/{path}")

        expect(page.get_by_role("heading", name=heading)).to_be_visible()


@pytest.mark.parametrize(
    "path", ["runs/no-such", "pipelines/no-such", "models/no-such", "artifacts/no-such", "lineage?artifact=no-such"]
)
def test_what_does_not_exist_is_said_not_to(browser: Browser, bare: Served, path: str) -> None:
    with watched_page(browser, bare.url, expected=("404",)) as page:
        page.goto(f"/#/{path}")

        expect(page.get_by_role("alert")).to_contain_text("Not found")
        expect(page.get_by_role("alert")).to_contain_text("no-such")


def test_a_server_that_falls_silent_is_noticed(browser: Browser, tmp_path: Path) -> None:
    with served(tmp_path / "state") as server, watched_page(browser, server.url, expected=("ERR_",)) as page:
        page.goto("/#/models")
        expect(page.get_by_text("Wherry 0.")).to_be_visible()

        server.stop()

        expect(page.get_by_text("Not connected")).to_be_visible()
