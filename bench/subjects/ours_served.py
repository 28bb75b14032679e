"""Wherry on the workloads, through a server: submitted over HTTP by its client, followed until the end.

Prints one JSON object: milliseconds per task.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import workloads

from wherry.client import Client


def run_once(client: Client, pipeline) -> float:
    began = time.perf_counter()
    run = client.create_run_from_pipeline_func(pipeline, enable_caching=False)
    ended = client.wait_for_run_completion(run.run_id, timeout=300)
    seconds = time.perf_counter() - began
    if ended.state != "SUCCEEDED":
        raise SystemExit(f"the run ended {ended.state}: {ended.error}")
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("workload", choices=["w1", "w2"])
    parser.add_argument("--tasks", type=int, default=200)
    parser.add_argument("--at-once", type=int, default=1)
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    options = parser.parse_args()
    state = pathlib.Path(tempfile.mkdtemp(prefix="wherry-", dir=options.folder))
    up = [str(pathlib.Path(sys.executable).with_name("wherry")), "up", "--port", "0", "--state", str(state)]
    server = subprocess.Popen(up, stdout=subprocess.DEVNULL)
    try:
        address = state / "server" / "address.json"
        while not address.exists():
            if server.poll() is not None:
                raise SystemExit("the server did not start")
            time.sleep(0.05)
        client = Client(host=json.loads(address.read_text())["url"])
        run_once(client, workloads.chain_of(1))
        if options.workload == "w1":
            pipeline, count = workloads.chain_of(options.tasks), options.tasks
        else:
            pipeline, count = workloads.fan_of(options.tasks, options.at_once), options.tasks + 1
        print(json.dumps({"ms": run_once(client, pipeline) * 1000 / count}))
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
