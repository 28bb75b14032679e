"""How fast the page of a run is, in a real Chromium, on a real server, with pipelines that really ran.

Run it with `make web && python bench/web_run_page.py`. It starts a server on a state folder of its own, runs the demo,
a loop of 1,000 iterations and a static pipeline of 1,000 tasks (ten stages of a hundred chains), and then visits each
page in a fresh browser profile. Needs Chromium (`CHROMIUM`, else `/usr/bin/chromium`).
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from wherry import dsl
from wherry.client import Client

ROOT = Path(__file__).parent.parent
WHERRY = Path(sys.executable).parent / "wherry"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
REPETITIONS = 5
STAGES, CHAINS = 10, 100
#: Goals of the project, in milliseconds.
DEMO_GOAL, LARGE_GOAL = 1000, 1500
#: Notes the moment at which the graph has been painted, counted from the start of the navigation.
WATCH = """
new MutationObserver((_, observer) => {
  if (document.querySelector('[data-testid=graph] :is([data-node], canvas)') === null) return;
  observer.disconnect();
  requestAnimationFrame(() => setTimeout(() => { document.documentElement.dataset.drawn = performance.now(); }));
}).observe(document, { childList: true, subtree: true });
"""
#: Collects how long each frame took, until it is asked.
FRAMES = """
() => {
  window.frames_ = [];
  let last = performance.now();
  const tick = (now) => { window.frames_.push(now - last); last = now; window.ticking = requestAnimationFrame(tick); };
  window.ticking = requestAnimationFrame(tick);
}
"""


@dsl.component(base_image="python:3.11")
def noop(x: int) -> int:
    """What it is given."""
    return x


@dsl.pipeline(name="loop-of-1000")
def loop_of_1000() -> None:
    """A thousand iterations."""
    with dsl.ParallelFor(items=list(range(1000))) as item:
        noop(x=item)


@dsl.pipeline(name="mesh-of-1000")
def mesh_of_1000() -> None:
    """A thousand tasks that stand one by one in the specification."""
    for chain in range(CHAINS):
        task = noop(x=chain)
        for _ in range(STAGES - 1):
            task = noop(x=task.output)


@contextlib.contextmanager
def served(state: Path) -> Iterator[str]:
    """A server's address."""
    command = [str(WHERRY), "up", "--port", "0", "--state", str(state)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        (address,) = re.findall(r"http://\S+?:\d+", process.stdout.readline() if process.stdout else "")
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def first_picture(browser: Browser, address: str) -> float:
    """Milliseconds from the navigation to the painted graph, with nothing cached."""
    context = browser.new_context(viewport={"width": 1400, "height": 850})
    try:
        page = context.new_page()
        page.add_init_script(WATCH)
        page.goto(address, wait_until="commit")
        # Not `wait_for_function`: the page's content security policy allows no evaluation.
        return float(page.locator("html[data-drawn]").get_attribute("data-drawn", timeout=60_000) or "nan")
    finally:
        context.close()


def frames(browser: Browser, address: str) -> list[float]:
    """Milliseconds of each frame while one pans and zooms for some seconds."""
    context = browser.new_context(viewport={"width": 1400, "height": 850})
    try:
        page = context.new_page()
        page.goto(address)
        page.wait_for_selector("[data-testid=graph] :is([data-node], canvas)")
        page.wait_for_timeout(1000)
        page.evaluate(FRAMES)
        _move_about(page)
        return [
            float(each) for each in page.evaluate("() => { cancelAnimationFrame(ticking); return frames_.slice(1); }")
        ]
    finally:
        context.close()


def _move_about(page: Page) -> None:
    page.mouse.move(700, 500)
    for delta in (-60, 60):
        for _ in range(30):
            page.mouse.wheel(0, delta)
    page.mouse.down()
    for step in range(60):
        page.mouse.move(700 + 4 * (step % 30), 500 + 2 * step)
    page.mouse.up()


def report(browser: Browser, what: str, address: str, goal: float) -> None:
    """Measure one page and print a row of the table."""
    pictures = [first_picture(browser, address) for _ in range(REPETITIONS)]
    moved = sorted(frames(browser, address))
    print(
        f"| {what} | {statistics.median(pictures):.0f} | {max(pictures):.0f} | <= {goal:.0f} "
        f"| {statistics.median(moved):.0f} | {moved[int(len(moved) * 0.95)]:.0f} | {moved[-1]:.0f} |",
        flush=True,
    )


def main() -> None:
    """Run the pipelines, visit the pages, print the table."""
    with tempfile.TemporaryDirectory(prefix="wherry-web-") as folder, contextlib.ExitStack() as stack:
        state = Path(folder)
        subprocess.run([WHERRY, "demo", "--rows", "8000", "--state", state], check=True, stdout=subprocess.DEVNULL)
        url = stack.enter_context(served(state))
        client = Client(host=url)
        ids = {"demo": next(run.run_id for run in client.list_runs().runs or () if run.state == "SUCCEEDED")}
        for pipeline in (loop_of_1000, mesh_of_1000):
            began = time.perf_counter()
            run = client.create_run_from_pipeline_func(pipeline, arguments={})
            client.wait_for_run_completion(run.run_id, timeout=600)
            ids[pipeline.name] = run.run_id
            print(f"{pipeline.name} ran in {time.perf_counter() - began:.1f} s", flush=True)
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        print(
            "\n| page | first picture ms | worst | goal | frame ms, median | 95 % | worst |\n|---|---|---|---|---|---|---|"
        )
        report(browser, "demo", f"{url}/#/runs/{ids['demo']}", DEMO_GOAL)
        report(browser, "loop of 1,000", f"{url}/#/runs/{ids['loop-of-1000']}", LARGE_GOAL)
        report(browser, "mesh of 1,000", f"{url}/#/runs/{ids['mesh-of-1000']}", LARGE_GOAL)
        browser.close()


if __name__ == "__main__":
    main()
