"""The server's image: built without a network on a base made of Debian packages, and run as an operator would."""

import http.client
import itertools
import os
import subprocess
import time
import urllib.error
import urllib.request
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import pytest
from engine import Container, Podman
from uv import find_uv_bin

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import kfp
    from kfp import dsl

ROOT = Path(__file__).parents[2]
BASE, IMAGE = "localhost/wherry-base:latest", "localhost/wherry:test"
STATE = "/var/lib/wherry"
TOKEN_FILE = f"{STATE}/state/server/token"
SERVING = ("up", "--host", "0.0.0.0", "--port", "0", "--require-token")  # noqa: S104  in a container

pytestmark = [
    pytest.mark.container,
    # The first one makes the base: one to two minutes.
    pytest.mark.timeout(900),
    # kfp warns about itself.
    pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning", "ignore::UserWarning"),
]


@dsl.component(base_image="python:3.11")
def greet(name: str) -> str:
    return f"ahoy {name}"


@dsl.component(base_image="python:3.11", packages_to_install=["greeting"])
def greet_by_package(text: str) -> str:
    import greeting

    return f"{text}, {greeting.WORD}"


@dsl.component(base_image="python:3.11")
def wait_the_first_time() -> str:
    import pathlib
    import time

    mark = pathlib.Path.home() / "has-waited"
    if mark.exists():
        return "at the second attempt"
    mark.touch()
    time.sleep(600)
    return "never"


@dsl.pipeline(name="greeting")
def greeting(name: str = "crew") -> str:
    return greet_by_package(text=greet(name=name).output).output


@dsl.pipeline(name="waiting")
def waiting() -> str:
    return wait_the_first_time().output


@pytest.fixture(scope="module")
def podman(tmp_path_factory: pytest.TempPathFactory) -> Podman:
    """With the image in it. The base is kept between runs, in a folder that git ignores."""
    engine = Podman(ROOT / "build" / "container")
    engine.prepare()
    if engine.run("image", "exists", BASE).returncode != 0:
        subprocess.run([ROOT / "deploy" / "container" / "base", BASE], env=engine.environ, check=True)
    dist = tmp_path_factory.mktemp("dist")
    uv = find_uv_bin()
    subprocess.run([uv, "build", "--quiet", "--wheel", "--out-dir", dist, ROOT], check=True)
    wheel = str(next(dist.glob("*.whl")))
    build = [ROOT / "deploy" / "container" / "build", IMAGE]
    subprocess.run(build, env={**engine.environ, "BASE": BASE, "WHEEL": wheel, "UV": uv}, check=True)
    engine("image", "prune", "--force")
    return engine


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of packages: the container has no other way to one."""
    folder = tmp_path_factory.mktemp("packages")
    folder.chmod(0o755)
    about = "greeting-1.0.dist-info"
    files = {
        "greeting.py": "WORD = 'welcome aboard'\n",
        f"{about}/METADATA": "Metadata-Version: 2.1\nName: greeting\nVersion: 1.0\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    with zipfile.ZipFile(folder / "greeting-1.0-py3-none-any.whl", "w") as wheel:
        for name, text in files.items():
            wheel.writestr(name, text)
        wheel.writestr(f"{about}/RECORD", "".join(f"{name},,\n" for name in (*files, f"{about}/RECORD")))
    return folder


_numbers = itertools.count(1)


@contextmanager
def running(podman: Podman, *options: str, command: tuple[str, ...] = ()) -> Iterator[Container]:
    """A healthy container, as locked up as it may be; nothing of it is left afterwards, but its volume."""
    name = f"wherry-test-{os.getpid()}-{next(_numbers)}"
    locked_up = ("--read-only", "--cap-drop", "all", "--security-opt", "no-new-privileges")
    try:
        podman("run", "--detach", "--name", name, *locked_up, *options, IMAGE, *command)
        container = Container(podman, name)
        container.wait_until_healthy()
        yield container
    finally:
        podman.run("rm", "--force", "--time", "5", name)


@pytest.fixture
def volume(podman: Podman) -> Iterator[str]:
    name = f"wherry-test-{os.getpid()}-{next(_numbers)}"
    podman("volume", "create", name)
    yield name
    podman.run("volume", "rm", "--force", name)


@pytest.fixture
def serve(podman: Podman, volume: str, packages: Path) -> Callable[[], Container]:
    """Starts a server on the volume, in the network of this machine."""

    def start():
        return running(
            podman,
            *("--network", "host", "--volume", f"{volume}:{STATE}", "--volume", f"{packages}:/packages:ro"),
            *("--env", "PIP_NO_INDEX=1", "--env", "PIP_FIND_LINKS=/packages"),
            command=SERVING,
        )

    return start


def client_of(container: Container, home: Path):
    token = container.output("cat", TOKEN_FILE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        return kfp.Client(host=container.url, existing_token=token)


def status(container: Container, *, authorization: str | None = None) -> int:
    headers = {} if authorization is None else {"Authorization": authorization}
    request = urllib.request.Request(f"{container.url}/apis/v2beta1/runs", headers=headers)  # noqa: S310  the server under test
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  the server under test
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_a_run_submitted_with_the_token_succeeds_and_is_there_after_a_restart(serve, tmp_path: Path) -> None:
    with serve() as container:
        client = client_of(container, tmp_path)
        run = client.create_run_from_pipeline_func(greeting, arguments={"name": "Ada"})
        ended = client.wait_for_run_completion(run.run_id, timeout=120, sleep_duration=0.2)
        assert ended.state == "SUCCEEDED", ended.error

    with serve() as container:
        client = client_of(container, tmp_path)
        assert [(found.run_id, found.state) for found in client.list_runs().runs] == [(run.run_id, "SUCCEEDED")]
        assert run.run_id[:8] in container.output("wherry", "runs", "list")


def test_whoever_does_not_show_the_token_is_refused(serve) -> None:
    with serve() as container:
        token = container.output("cat", TOKEN_FILE)

        assert status(container) == http.client.UNAUTHORIZED
        assert status(container, authorization=f"Bearer {token}x") == http.client.UNAUTHORIZED
        assert status(container, authorization=f"Bearer {token}") == http.client.OK


def test_a_stopped_container_ends_well_and_the_next_one_runs_its_unfinished_task_again(
    podman: Podman, serve, tmp_path: Path
) -> None:
    with serve() as container:
        client = client_of(container, tmp_path)
        run = client.create_run_from_pipeline_func(waiting)
        deadline = time.monotonic() + 60
        while container.exec("test", "-e", f"{STATE}/has-waited").returncode != 0:
            assert time.monotonic() < deadline, container.logs
            time.sleep(0.1)

        podman("stop", "--time", "20", container.name)

        assert podman.inspect("container", container.name)["State"]["ExitCode"] == 0
        assert container.logs.endswith("Stopped.\n")

    with serve() as container:
        client = client_of(container, tmp_path)
        assert client.wait_for_run_completion(run.run_id, timeout=120, sleep_duration=0.2).state == "SUCCEEDED"


def test_started_with_a_secret_and_nothing_else_it_serves_whoever_knows_the_secret(podman: Podman, volume: str) -> None:
    secret = f"wherry-test-{os.getpid()}"
    podman("secret", "create", secret, "-", given="the-secret-of-this-test\n")
    ask = (
        "import http.client, sys; c = http.client.HTTPConnection('127.0.0.1', 8080); "
        "c.request('GET', '/apis/v2beta1/runs', headers={'Authorization': 'Bearer ' + sys.argv[1]}); "
        "print(c.getresponse().status)"
    )
    try:
        with running(
            podman,
            *("--network", "none", "--volume", f"{volume}:{STATE}"),
            *("--secret", f"{secret},target=/etc/wherry/token,uid=10001,mode=0400"),
            *("--env", "WHERRY_TOKEN_FILE=/etc/wherry/token"),
        ) as container:
            assert container.output("python3", "-c", ask, "the-secret-of-this-test") == "200"
            assert container.output("python3", "-c", ask, "another-secret") == "401"
            assert container.output("id", "-u") == "10001"
            assert "the-secret-of-this-test" not in container.logs
    finally:
        podman("secret", "rm", secret)


def test_the_image_says_what_it_is_and_how_to_see_that_it_is_well(podman: Podman) -> None:
    image = podman.inspect("image", IMAGE)

    assert image["Labels"]["org.opencontainers.image.version"] == version("wherry")
    assert (image["User"], list(image["Config"]["Volumes"])) == ("10001:10001", [STATE])
    assert image["Healthcheck"]["Test"][-1] == "/opt/wherry/healthcheck.py"


def test_a_container_that_serves_nothing_is_not_healthy(podman: Podman) -> None:
    check = podman.inspect("image", IMAGE)["Healthcheck"]["Test"][1:]

    done = podman.run("run", "--rm", "--network", "none", "--entrypoint", check[0], IMAGE, *check[1:])

    assert (done.returncode, done.stdout) == (1, "not serving yet\n")


def test_without_authentication_it_does_not_listen_to_other_machines(podman: Podman) -> None:
    done = podman.run("run", "--rm", "--network", "none", IMAGE, "up", "--host", "0.0.0.0")  # noqa: S104  to be refused

    assert done.returncode == 2
    assert "Add --require-token" in done.stderr
