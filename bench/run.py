"""Measure Wherry beside the floor and two peers, interleaved, in one run; print the table of bench/README.md.

    python bench/run.py                  # everything, about six minutes
    python bench/run.py --reps 3 --only w1 w3

Peers are installed into environments of their own below bench/.venvs. Milliseconds move with the machine and the
hour; the ratios, taken repetition by repetition and then as a median, are what to read.
"""

import argparse
import json
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass

HERE = pathlib.Path(__file__).parent
VENVS = HERE / ".venvs"
PEERS = {"luigi": "luigi==3.8.1", "kfp": "kfp==2.17.0"}


@dataclass(frozen=True)
class Case:
    """One row of the table. ``goal`` is of the ratio to the floor, or of milliseconds."""

    name: str
    workload: str
    tasks: int
    at_once: int
    goal: str
    peers: tuple[str, ...] = ()
    ours: str = "wherry"


CASES = (
    Case("W1 chain of 200", "w1", 200, 1, "<= 1.8 F", ("luigi", "kfp")),
    Case("W2 fan-out of 1,000, 2 at once", "w2", 1000, 2, "<= 1.7 F", ("luigi",)),
    Case("W2 fan-out of 1,000, 8 at once", "w2", 1000, 8, "<= 1.7 F", ("luigi",)),
    Case("W1 through the server", "w1", 200, 1, "<= 1.3 F", ours="served"),
    Case("W2 through the server, 2 at once", "w2", 1000, 2, "<= 1.1 F", ours="served"),
    Case("W3 chain of 200, all reused", "w3-chain", 200, 1, "<= 0.3 ms"),
    Case("W3 fan-out of 1,000, all reused", "w3-fan", 1000, 8, "<= 0.3 ms"),
    Case("W4 200 MB handed over", "w4", 2, 1, "<= write + 20 ms"),
)
_SUBJECTS = {
    "floor": "floor.py",
    "wherry": "ours.py",
    "served": "ours_served.py",
    "luigi": "luigi_.py",
    "kfp": "kfp_local.py",
}


def python_of(subject: str) -> str:
    """The interpreter that has a subject installed."""
    if subject not in PEERS:
        return sys.executable
    python = VENVS / subject / "bin" / "python"
    if not python.exists():
        print(f"installing {PEERS[subject]} …", file=sys.stderr)
        uv = shutil.which("uv") or str(pathlib.Path(sys.executable).parent / "uv")
        subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, VENVS / subject], check=True)
        subprocess.run([uv, "pip", "install", "--quiet", "--python", python, PEERS[subject]], check=True)
    return str(python)


def measure(subject: str, case: Case, folder: pathlib.Path) -> dict[str, float]:
    """One repetition in a process of its own."""
    command = [python_of(subject), str(HERE / "subjects" / _SUBJECTS[subject])]
    if subject == "floor":
        command += ["--tasks", "200"]
    else:
        # kfp.local runs two iterations at once whatever it is told, and a chain of 200 takes it 15 s: 40 are enough.
        tasks = min(case.tasks, 40) if subject == "kfp" else case.tasks
        command += [case.workload, "--tasks", str(tasks), "--at-once", str(case.at_once)]
    command += ["--folder", str(folder)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)
    if done.returncode:
        raise SystemExit(f"{subject} on {case.name} failed:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    result: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def row(case: Case, reps: int, folder: pathlib.Path) -> str:
    """Measure a case, subjects interleaved, and format its line."""
    subjects = ("floor", case.ours, *case.peers)
    seen: dict[str, list[dict[str, float]]] = {subject: [] for subject in subjects}
    for _ in range(reps):
        for subject in subjects:
            seen[subject].append(measure(subject, case, folder))
    ours = [one["ms"] for one in seen[case.ours]]
    floor = [one["ms"] for one in seen["floor"]]
    ratio = statistics.median(o / f for o, f in zip(ours, floor, strict=True))
    cells = [case.name, f"{statistics.median(floor):.2f}", f"{statistics.median(ours):.3g}"]
    if case.workload == "w4":
        extra = statistics.median(one["ms"] - one["write_ms"] for one in seen[case.ours])
        cells += [f"write + {extra:.1f} ms"]
    elif case.workload.startswith("w3"):
        cells += [f"{statistics.median(ours):.3f} ms"]
    else:
        cells += [f"{ratio:.2f} F"]
    cells.append(case.goal)
    for peer in ("luigi", "kfp"):
        if peer in case.peers:
            theirs = [one["ms"] for one in seen[peer]]
            times = statistics.median(t / o for t, o in zip(theirs, ours, strict=True))
            cells.append(f"{statistics.median(theirs):.2f} ({times:.1f} x)")
        else:
            cells.append("")
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reps", type=int, default=5)
    parser.add_argument("--only", nargs="*", default=[], help="prefixes of workloads, such as w1 w3")
    parser.add_argument("--folder", type=pathlib.Path, help="where state is kept; default: a folder beside bench/")
    options = parser.parse_args()
    # On the machine's own disk: a tmpfs would flatter everyone, the floor most. Nothing is deleted before the end:
    # for seconds after large deletions ext4 makes whoever creates files pay for them.
    folder = pathlib.Path(tempfile.mkdtemp(prefix="results-", dir=options.folder or HERE))
    try:
        print(
            "| workload | F ms | wherry ms/task | result | goal | Luigi ms (times ours) | kfp.local ms (times ours) |"
        )
        print("|---|---|---|---|---|---|---|", flush=True)
        for case in CASES:
            if not options.only or any(case.workload.startswith(prefix) for prefix in options.only):
                print(row(case, options.reps, folder), flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
