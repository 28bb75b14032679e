"""pip's settings, in uv's words."""

from __future__ import annotations

from pathlib import Path

import pytest

from wherry.launchers.process.index_options import IndexOptions, configuration_files, pip_options, without_passwords


def file(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_without_any_setting_the_options_are_pips_own() -> None:
    assert pip_options({}, files=[]) == IndexOptions()


def test_a_later_file_and_the_install_section_and_the_environment_win(tmp_path: Path) -> None:
    weak = file(tmp_path, "a", "[global]\nindex-url = https://weak\ncert = /weak.pem\n[install]\nno-index = yes\n")
    strong = file(tmp_path, "b", "[global]\nindex_url = https://strong\nno-index = no\n")

    options = pip_options(
        {"PIP_CERT": "/strong.pem", "PIP_EXTRA_INDEX_URL": "https://a https://b"}, files=[weak, strong]
    )

    assert options == IndexOptions(
        index_url="https://strong",
        extra_index_urls=("https://a", "https://b"),
        certificates="/strong.pem",
        no_index=True,
    )


def test_a_list_may_go_over_several_lines(tmp_path: Path) -> None:
    conf = file(tmp_path, "a", "[global]\nfind-links =\n    /one\n    /two\ntrusted-host = a b:8080\n")

    assert pip_options({}, files=[conf]) == IndexOptions(find_links=("/one", "/two"), trusted_hosts=("a", "b:8080"))


@pytest.mark.parametrize("text", ["no section", "[global\n", "\xff[global]"])
def test_a_file_that_cannot_be_read_counts_as_absent(tmp_path: Path, text: str) -> None:
    conf = tmp_path / "pip.conf"
    conf.write_bytes(text.encode("latin-1"))

    assert pip_options({}, files=[conf, tmp_path / "missing"]) == IndexOptions()


def test_files_are_read_in_pips_order(tmp_path: Path) -> None:
    environ = {"HOME": "/home/ada", "XDG_CONFIG_DIRS": "/etc/strong:/etc/weak", "VIRTUAL_ENV": "/venv"}

    assert list(map(str, configuration_files(environ))) == [
        "/etc/weak/pip/pip.conf",
        "/etc/strong/pip/pip.conf",
        "/etc/pip.conf",
        "/home/ada/.pip/pip.conf",
        "/home/ada/.config/pip/pip.conf",
        "/venv/pip.conf",
    ]
    named = file(tmp_path, "mine.conf", "")
    assert list(map(str, configuration_files({"HOME": "/home/ada", "PIP_CONFIG_FILE": str(named)}))) == [
        "/etc/xdg/pip/pip.conf",
        "/etc/pip.conf",
        str(named),
    ]
    assert list(configuration_files({"HOME": "/home/ada", "PIP_CONFIG_FILE": "/dev/null"})) == []


def test_a_components_indexes_come_on_top_of_the_configuration() -> None:
    configured = IndexOptions(index_url="https://old", extra_index_urls=("https://extra",), trusted_hosts=("a",))

    assert configured.for_component(
        ["https://u:p@new/simple", "https://more", "https://extra"], ["https://u:p@new/simple", "b:8080", "a"]
    ) == IndexOptions(
        index_url="https://u:p@new/simple",
        extra_index_urls=("https://extra", "https://more"),
        trusted_hosts=("a", "new", "b:8080"),
    )
    assert configured.for_component([], []) == configured


def test_uv_is_told_to_choose_as_pip_does() -> None:
    options = IndexOptions(
        index_url="https://i",
        extra_index_urls=("https://e",),
        find_links=("/links",),
        trusted_hosts=("a",),
        no_index=True,
        certificates="/c.pem",
        proxy="http://p",
        pre_releases=True,
        constraints=("/k.txt",),
    )

    assert options.uv_arguments() == [
        *("--index-strategy", "unsafe-best-match", "--default-index", "https://i", "--index", "https://e"),
        *("--find-links", "/links", "--allow-insecure-host", "a", "--no-index"),
    ]
    assert options.uv_resolving_arguments() == ["--constraints", "/k.txt", "--prerelease", "allow"]
    assert options.uv_environment() == {"SSL_CERT_FILE": "/c.pem", "ALL_PROXY": "http://p"}


def test_the_digest_follows_the_content_of_constraints(tmp_path: Path) -> None:
    constraints = file(tmp_path, "k.txt", "numpy<2\n")
    options = IndexOptions(constraints=(str(constraints),))
    before = options.digest()
    constraints.write_text("numpy<3\n", encoding="utf-8")

    assert options.digest() != before
    assert IndexOptions().digest() == IndexOptions().digest()


def test_passwords_are_not_shown() -> None:
    text = "fetch https://ada:secret@host/simple and git+ssh://git@host/x, not https://host/a@b"

    assert without_passwords(text) == "fetch https://***@host/simple and git+ssh://***@host/x, not https://host/a@b"
