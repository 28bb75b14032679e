"""Who may call the server, from where, and who may read what it keeps."""

import http.client
import json
import os
import socket
import stat
import subprocess
import sys
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command import PIPELINES, Command
from served import Served, served

NOBODY = 65534
RUNS = "/apis/v2beta1/runs"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    state = tmp_path_factory.mktemp("lock") / "state"
    state.mkdir(mode=0o755)  # as a careless user leaves it
    with served(state) as running:
        yield running


@pytest.fixture(scope="module")
def token(server: Served) -> str:
    return (server.command.state / "server" / "token").read_text().strip()


# -- other users ------------------------------------------------------------------------------------------------------

#: Calls a server, and prints the statuses of the answers. It is another user's program: it imports nothing of ours.
CALLER = """
import encodings.idna, http.client, json, os, sys
netloc, calls = sys.argv[1], json.loads(sys.argv[2])
if os.getuid() == 0:
    os.setgroups([]); os.setgid({nobody}); os.setuid({nobody})
statuses = []
for method, path, headers in calls:
    connection = http.client.HTTPConnection(netloc, timeout=30)
    connection.request(method, path, headers=headers)
    statuses.append(connection.getresponse().status)
print(json.dumps([os.getuid(), statuses]))
""".replace("{nobody}", str(NOBODY))

asks_for_root = pytest.mark.skipif(os.getuid() != 0, reason="becoming another user needs root")


def called_by_nobody(server: Served, *calls: tuple[str, str, dict[str, str]]) -> list[int]:
    """Statuses of calls that another user of this machine makes."""
    netloc = urllib.parse.urlsplit(server.url).netloc
    done = subprocess.run(
        [sys.executable, "-I", "-c", CALLER, netloc, json.dumps(calls)], check=True, capture_output=True, text=True
    )
    uid, statuses = json.loads(done.stdout)
    assert uid == NOBODY
    return list(statuses)


@asks_for_root
def test_another_user_of_the_machine_is_not_let_in(server: Served) -> None:
    everything = [
        ("GET", RUNS, {}),
        ("POST", RUNS, {}),
        ("DELETE", RUNS + "/x", {}),
        ("GET", RUNS + "/x/events", {}),
        ("GET", "/apis/v2beta1/artifacts/x/download", {}),
        ("POST", "/apis/v2beta1/pipelines/upload", {}),
        ("GET", "/apis/v2beta1/nowhere", {}),
        ("GET", RUNS, {"Authorization": "Bearer nothing"}),
        ("GET", RUNS, {"Authorization": "Bearer "}),
        ("GET", RUNS, {"Authorization": "Basic cm9vdDpyb290"}),
        ("GET", RUNS, {"Cookie": "wherry_session=nothing"}),
        ("GET", RUNS, {"X-Forwarded-For": "127.0.0.1", "X-Remote-User": "root", "kubeflow-userid": "root"}),
    ]

    assert called_by_nobody(server, *everything) == [401] * len(everything)


@asks_for_root
def test_another_user_who_shows_the_token_is_let_in(server: Served, token: str) -> None:
    assert called_by_nobody(server, ("GET", RUNS, {"Authorization": f"Bearer {token}"})) == [200]


@asks_for_root
def test_another_user_sees_that_the_server_lives(server: Served) -> None:
    public = [("GET", path, {}) for path in ("/apis/v2beta1/healthz", "/apis/v1beta1/healthz", "/")]

    assert called_by_nobody(server, *public) == [200, 200, 200]


def test_the_servers_own_user_is_let_in_without_a_token(server: Served) -> None:
    assert server.get("/runs").status == 200


def test_the_servers_own_user_may_have_said_all_it_had_to_say(server: Served) -> None:
    host, port = urllib.parse.urlsplit(server.url).netloc.split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(f"GET {RUNS} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
        connection.shutdown(socket.SHUT_WR)

        answer = connection.recv(65536)

    # uvicorn may take the end of what is sent for the end of the connection; it is no stranger's.
    assert answer[:13] in {b"HTTP/1.1 200 ", b""}


# -- tokens and cookies -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("strict") / "state", "--require-token") as running:
        yield running


def cookie_of(server: Served, token: str) -> tuple[int, str]:
    """Status of a log-in, and the cookie that it gave."""
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(server.url).netloc, timeout=30)
    connection.request("GET", f"/login?token={token}")
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, answer.headers.get("set-cookie", "")


def test_a_browser_that_shows_the_token_is_given_a_cookie_that_lets_it_in(strict: Served) -> None:
    token = (strict.command.state / "server" / "token").read_text().strip()

    status, cookie = cookie_of(strict, token)

    assert status == 303
    assert {"HttpOnly", "samesite=strict"} <= set(cookie.replace("SameSite", "samesite").split("; "))
    assert token not in cookie
    assert strict.get("/runs", headers={"Cookie": cookie.split(";")[0]}).status == 200


@pytest.mark.parametrize("token", ["", "wrong", "%00", "%F0%9F%98%80", "a" * 5000])
def test_a_browser_that_shows_another_token_is_given_none(strict: Served, token: str) -> None:
    assert cookie_of(strict, token) == (401, "")


@pytest.mark.parametrize("cookie", ["wherry_session=", "wherry_session=x", "wherry_session=é", "a=b; =; ;", "x" * 5000])
def test_a_cookie_that_was_not_given_does_not_count(strict: Served, cookie: str) -> None:
    answer = strict.get("/runs", headers={"Cookie": cookie.encode().decode("latin-1")})

    assert (answer.status, "does not know you" in answer.message) == (401, True)


def test_a_token_counts_as_a_whole(strict: Served) -> None:
    token = (strict.command.state / "server" / "token").read_text().strip()

    shown = [token[:-1], token + "x", token.swapcase(), f"{token} {token}", f'"{token}"']
    statuses = [strict.get("/runs", headers={"Authorization": f"Bearer {one}"}).status for one in shown]

    assert statuses == [401] * len(shown)


def test_every_call_that_is_not_public_needs_a_caller(strict: Served) -> None:
    paths = strict.get("/openapi.json").json["paths"]
    open_ = {"/apis/v2beta1/healthz", "/apis/v1beta1/healthz", "/apis/v2beta1/openapi.json", "/login"}
    calls = [(method.upper(), path) for path, methods in paths.items() for method in methods if path not in open_]

    let_in = [
        (method, path)
        for method, path in calls
        if strict.call(method, path.replace("{", "").replace("}", "")).status not in {401, 303}
    ]

    assert len(calls) > 40
    assert [one for one in let_in if not is_a_page(*one)] == []


def is_a_page(method: str, path: str) -> bool:
    """Whether a path is of the web interface, which is the same for everybody and holds nothing of anybody."""
    return method == "GET" and not path.startswith("/apis/")


# -- pages of other sites ---------------------------------------------------------------------------------------------


def sent(server: Served, headers: dict[str, str], method: str = "POST") -> int:
    return server.call(method, "/apis/v2beta1/experiments", {"display_name": "stolen"}, headers=headers).status


def own(server: Served) -> str:
    return urllib.parse.urlsplit(server.url).netloc


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example", "evil.example#localhost",
     "localhost@evil.example", "0.0.0.0", "[::]", "[::ffff:127.0.0.1]", "127.1", "2130706433", "192.168.0.1", "localhost."],  # noqa: S104  a name here
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_name_that_somebody_pointed_at_this_machine_is_refused(server: Served, host: str, method: str) -> None:
    with server.unharmed():
        assert sent(server, {"Host": host}, method) in {400, 403}


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1", "[::1]:80"])
def test_the_servers_own_names_are_taken(server: Served, host: str) -> None:
    assert server.get("/runs", headers={"Host": host}).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "file://"},
        {"Origin": ""},
        {"Origin": "http://localhost:1"},
        {"Origin": "http://127.0.0.1"},
        {"Origin": "HOST"},
        {"Origin": "ftp://HOST"},
        {"Origin": "http://HOST.evil.example"},
        {"Origin": "http://HOST/"},
        {"Origin": "http://HOST http://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "what?"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://HOST"},
        {"Sec-Fetch-Site": "cross-site", "Content-Type": "text/plain"},
    ],
)
def test_a_page_of_another_site_changes_nothing(server: Served, headers: dict[str, str]) -> None:
    with server.unharmed():
        assert sent(server, {name: text.replace("HOST", own(server)) for name, text in headers.items()}) == 403


def test_a_page_of_another_site_is_told_nothing_it_could_read(server: Served) -> None:
    answer = server.get("/runs", headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"})

    assert [name for name in answer.headers if name.lower().startswith("access-control-")] == []
    assert (answer.headers["x-content-type-options"], answer.headers["x-frame-options"]) == ("nosniff", "DENY")


def test_a_preflight_request_is_not_answered(server: Served) -> None:
    asking = {"Origin": "http://evil.example", "Access-Control-Request-Method": "DELETE"}

    answer = server.call("OPTIONS", RUNS, headers=asking)

    assert answer.status == 403
    assert [name for name in answer.headers if name.lower().startswith("access-control-")] == []


def test_the_servers_own_pages_may_call_it(server: Served) -> None:
    headers = {"Origin": server.url, "Sec-Fetch-Site": "same-origin"}

    answer = server.post("/experiments", {"display_name": "own"}, headers=headers)

    assert answer.status == 200
    server.call("DELETE", f"/apis/v2beta1/experiments/{answer.json['experiment_id']}")


# -- where it listens -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])  # noqa: S104  what is refused
def test_a_server_does_not_listen_elsewhere_without_a_token(wherry: Command, host: str) -> None:
    done = wherry("up", "--host", host, "--port", "0")

    assert done.returncode != 0
    assert "--require-token" in done.stdout
    assert "Traceback" not in done.stdout


def test_a_host_that_there_is_not_is_named(wherry: Command) -> None:
    done = wherry("up", "--host", "nowhere.invalid", "--port", "0")

    assert done.returncode != 0
    assert "'nowhere.invalid'" in done.stdout


def test_a_server_that_demands_a_token_listens_anywhere(tmp_path: Path) -> None:
    with served(tmp_path / "state", "--host", "0.0.0.0", "--require-token") as server:  # noqa: S104  on purpose
        token = (tmp_path / "state" / "server" / "token").read_text().strip()

        assert server.get("/runs").status == 401
        assert server.get("/runs", headers={"Authorization": f"Bearer {token}"}).status == 200


# -- files ------------------------------------------------------------------------------------------------------------


def test_nobody_else_can_read_what_the_server_keeps(server: Served, tmp_path: Path) -> None:
    done = Command(tmp_path)("compile", str(PIPELINES / "hello.py"), "-o", str(tmp_path / "hello.yaml"))
    assert done.returncode == 0
    pipeline = server.upload("/pipelines/upload?name=hello", "hello.yaml", (tmp_path / "hello.yaml").read_bytes()).json
    body: dict[str, Any] = {
        "display_name": "hello",
        "pipeline_version_reference": {"pipeline_id": pipeline["pipeline_id"]},
    }
    server.events(server.post("/runs", body).json["run_id"])

    assert [path.name for path in reachable(server.command.state)] == ["format"]  # a number
    assert (server.command.state / "server" / "token").stat().st_mode & 0o777 == 0o600
    assert (server.command.state / "server" / "secret").stat().st_mode & 0o777 == 0o600


def reachable(folder: Path) -> Iterator[Path]:
    """What others may read below a folder that they may enter. Sockets and links say nothing by their mode."""
    for path in folder.iterdir():
        mode = path.lstat().st_mode
        if stat.S_ISDIR(mode) and mode & 0o055:
            yield from reachable(path)
        elif stat.S_ISREG(mode) and mode & 0o044:
            yield path


def test_a_token_that_was_kept_stays(tmp_path: Path) -> None:
    tokens = []
    for _ in range(2):
        with served(tmp_path / "state") as server:
            tokens.append((server.command.state / "server" / "token").read_text())

    assert tokens[0] == tokens[1]
    assert len(tokens[0].strip()) >= 43
