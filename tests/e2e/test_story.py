"""The employee-attrition story, told by ``wherry demo``, and what its figures are worth."""

import contextlib
import json
import os
import pty
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from command import Command
from served import start

EXAMPLE = Path(__file__).parents[2] / "examples" / "employee_attrition"


def metrics(output: str) -> dict[str, float]:
    """The evaluation's metrics in the final table."""
    return {name: float(value) for name, value in re.findall(r"^  evaluate +(\w+) +([\d.]+)$", output, re.MULTILINE)}


@pytest.mark.timeout(600)
def test_the_demo_tells_its_story_and_tells_it_again(wherry: Command) -> None:
    told = wherry("demo", "--rows", "6000", timeout=400)
    assert told.returncode == 0, told.stdout
    first, second, third = re.split(r"^\d\. ", told.stdout, flags=re.MULTILINE)[1:]

    assert "rows (3.00%) are invalid" in first
    assert "Employee ID" in first
    assert "ingest                       reused from run" in second
    assert "registered as employee-attrition v1" in second
    seconds = re.search(r"all reuse, ([\d.]+) s", third)
    assert seconds is not None
    assert float(seconds.group(1)) < 1
    assert "▶ train" not in third.split("What came of it")[0]
    assert "Which data set produced employee-attrition v1?" in third
    assert "employees-6000.csv, made by ingest" in third
    assert metrics(third)["auc"] > 0.75
    assert re.search(
        r"^Look at it: wherry up --state .*, then http://127\.0\.0\.1:\d+/#/runs/[0-9a-f-]{36}$", third, re.MULTILINE
    )

    tells_it_again_on_a_server_that_runs(wherry)
    keeps_its_server_if_asked(wherry)
    keeps_its_server_at_a_terminal(wherry)


def tells_it_again_on_a_server_that_runs(wherry: Command) -> None:
    server = start(wherry)
    again = wherry("demo", "--rows", "6000", timeout=400)

    assert again.returncode == 0, again.stdout
    assert "employee-attrition v1" in again.stdout
    assert "employee-attrition v2" not in again.stdout
    assert f"The server at {server.url} runs the story." in again.stdout
    page = again.stdout.rsplit("Look at it: ", 1)[1].strip()
    assert server.get(f"/runs/{page.rpartition('/')[2]}").json["state"] == "SUCCEEDED"
    assert "Stopped." in server.stop()


def keeps_its_server_if_asked(wherry: Command) -> None:
    process = wherry.popen("demo", "--rows", "6000", "--serve")
    assert process.stdout is not None
    page = next(line for line in process.stdout if line.startswith("Look at it: ")).split()[3]
    url, _, run = page.partition("/#/runs/")
    with urllib.request.urlopen(f"{url}/apis/v2beta1/runs/{run}", timeout=30) as answer:  # noqa: S310  the server under test
        state = json.loads(answer.read())["state"]
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=30)

    assert (state, process.returncode) == ("SUCCEEDED", 0), output


def keeps_its_server_at_a_terminal(wherry: Command) -> None:
    screen, terminal = pty.openpty()
    demo = subprocess.Popen(
        [str(Path(sys.executable).with_name("wherry")), "demo", "--rows", "6000", "--state", str(wherry.state)],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env={**os.environ, **wherry.environ},
        start_new_session=True,
    )
    os.close(terminal)
    seen = b""
    while b"Ctrl-C stops the server" not in seen:
        seen += os.read(screen, 4096)
    url = re.search(rb"Look at it: (http://[\d.:]+)/#/runs/", seen)
    assert url is not None
    with urllib.request.urlopen(url[1].decode(), timeout=30) as answer:  # noqa: S310  the server under test
        page = answer.status
    demo.send_signal(signal.SIGINT)
    with contextlib.suppress(OSError):  # the terminal's end
        while os.read(screen, 4096):
            pass
    os.close(screen)

    assert (page, demo.wait(30)) == (200, 0)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("labels", ["real", "shuffled"])
def test_the_model_learns_from_real_labels_and_nothing_from_shuffled_ones(
    wherry: Command, tmp_path: Path, labels: str
) -> None:
    data = tmp_path / "employees.csv"
    options = ["--dirty", "0.03", *(["--shuffle-labels"] if labels == "shuffled" else [])]
    subprocess.run([sys.executable, EXAMPLE / "generate.py", data, *options], check=True)

    done = wherry(
        *("run", str(EXAMPLE / "pipeline.py"), "--quiet"),
        *("--param", f"source={data}", "--param", "max_invalid_fraction=0.1"),
        timeout=500,
    )

    assert done.returncode == 0, done.stdout
    found = metrics(done.stdout)
    if labels == "real":
        assert found["auc"] >= 0.75
        assert found["recall_left"] >= 0.6
        assert "registered as employee-attrition v1" in done.stdout
    else:
        assert abs(found["auc"] - 0.5) <= 0.02
        assert "condition was false" in done.stdout
        assert "registered as" not in done.stdout
