import gzip
from pathlib import Path

from wherry.server.interface import built
from wherry.server.route_table import Permission, Route
from wherry.server.routes.entrance import plain_page


def interface_in(folder: Path) -> Path:
    (folder / "assets").mkdir()
    (folder / "index.html").write_text("<!doctype html>")
    (folder / "assets" / "index-1a2b.js").write_text("export {};" * 100)
    return folder


def test_a_folder_without_an_index_is_no_interface(tmp_path: Path) -> None:
    assert built(tmp_path) is None


def test_assets_are_sent_small_and_kept_for_ever(tmp_path: Path) -> None:
    site = built(interface_in(tmp_path))

    assert site is not None
    answer = site.asset("index-1a2b.js", accept_encoding="gzip, br")
    assert answer is not None
    assert gzip.decompress(bytes(answer.body)) == b"export {};" * 100
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_a_name_that_leads_out_of_the_folder_is_no_asset(tmp_path: Path) -> None:
    site = built(interface_in(tmp_path))

    assert site is not None
    assert [site.asset(name, accept_encoding="") for name in ("../index.html", "..", "", "/etc/passwd")] == [None] * 4


def test_the_page_may_run_scripts_from_here_alone(tmp_path: Path) -> None:
    site = built(interface_in(tmp_path))

    assert site is not None
    policy = site.page().headers["content-security-policy"].split("; ")
    assert [rule for rule in policy if rule.startswith(("default-src", "script-src", "style-src"))] == [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
    ]


def test_without_it_a_plain_page_says_how_to_build_it() -> None:
    async def never(_call: object, _body: object) -> object:
        raise AssertionError

    route = Route(
        method="GET",
        path="/apis/v2beta1/<b>",
        operation="x",
        handler=never,  # type: ignore[arg-type]
        permission=Permission.READ,
        summary="A & B.",
    )

    page = plain_page([route], version="1.2")

    assert "<code>make setup</code> builds it" in page
    assert "<td><code>/apis/v2beta1/&lt;b&gt;</code></td><td>A &amp; B.</td>" in page
