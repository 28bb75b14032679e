"""The runtime in a process of its own: what it loads, how it ends, and what a fork changes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import wherry

RUNTIME = Path(wherry.__file__).parent / "runtime"

#: Puts nothing but the runtime on the path, under a parent package that holds nothing else.
ALONE = f"""
import sys, types
parent = types.ModuleType("wherry")
parent.__path__ = [{str(RUNTIME.parent)!r}]
sys.modules["wherry"] = parent
"""


def run(code: str, *, python: str = sys.executable, isolated: bool = True) -> str:
    """Standard output of a fresh interpreter that runs ``code``, without site-packages."""
    options = ["-I", "-S"] if isolated else ["-I"]
    ended = subprocess.run(
        [python, *options, "-c", ALONE + code], capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


COMPONENT = '''
source = """
import kfp
from kfp import dsl
from kfp.dsl import *
from typing import *

def add(a: int, b: Optional[int] = 2) -> NamedTuple('Sums', [('total', int), ('both', List[int])]):
    return (a + b, [a, b])
"""
from wherry.runtime.executor import run_component
import json
print(json.dumps(run_component(source=source, function="add", executor_input={"inputs": {"parameterValues": {"a": 1}}})))
'''


def pythons() -> list[str]:
    """Every Python from 3.9 on that this machine has, besides the running one."""
    folders = [Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions", Path("/usr/bin")]
    found = [*folders[0].glob("3.*/bin/python3"), *folders[1].glob("python3.[0-9]*[0-9]")]
    new_enough = "import sys; sys.exit(sys.version_info < (3, 9))"
    return [
        str(path) for path in sorted(found) if subprocess.run([path, "-c", new_enough], check=False).returncode == 0
    ]


@pytest.mark.parametrize("python", [sys.executable, *pythons()])
def test_a_component_runs_with_the_standard_library_alone(python: str) -> None:
    assert json.loads(run(COMPONENT, python=python)) == {"parameterValues": {"total": 3, "both": [1, 2]}}


def test_the_runtime_loads_the_standard_library_alone() -> None:
    code = COMPONENT + (
        "tops = {name.partition('.')[0] for name in sys.modules}\n"
        "print(sorted(tops - set(sys.stdlib_module_names) - {'__main__'}))\n"
        "print(sorted(n for n in sys.modules if n.startswith('wherry.') and not n.startswith(('wherry.runtime', 'wherry.dsl'))))"
    )

    assert run(code, isolated=False).splitlines()[1:] == ["['ephemeral_component', 'kfp', 'wherry']", "[]"]


def test_every_module_of_the_runtime_is_python_3_9() -> None:
    import ast

    for file in RUNTIME.glob("*.py"):
        ast.parse(file.read_text(encoding="utf-8"), feature_version=(3, 9))


def test_a_component_may_log_and_it_shows() -> None:
    code = COMPONENT.replace("return (a + b", "import logging; logging.info('adding'); return (a + b")

    assert run(code).splitlines()[0].endswith(" INFO] adding")


# -- the end of a process ----------------------------------------------------------------------------------------------

LEAVING = """
import atexit, os, threading, time
from wherry.runtime.shutdown import finish_python
"""


def test_a_process_that_leaves_by_exit_does_first_what_python_does() -> None:
    code = LEAVING + (
        "started = threading.Event()\n"
        "def work():\n"
        "    started.wait()\n"
        "    print('thread joined')\n"
        "threading.Thread(target=work).start()\n"
        "threading.Thread(target=threading.Event().wait, daemon=True).start()\n"
        "atexit.register(print, 'handler run')\n"
        "sys.stdout.write('written, ')\n"
        "started.set()\n"
        "finish_python()\n"
        "os._exit(0)\n"
    )

    assert sorted(run(code).replace("written, ", "").splitlines()) == ["handler run", "thread joined"]
    assert run(code).splitlines()[-1] == "handler run"


def test_a_forked_child_ends_as_a_process_does() -> None:
    code = LEAVING + (
        "child = os.fork()\n"
        "if child == 0:\n"
        "    import concurrent.futures\n"
        "    pool = concurrent.futures.ThreadPoolExecutor(1)\n"
        "    pool.submit(print, 'pool drained')\n"
        "    atexit.register(print, 'handler run')\n"
        "    finish_python()\n"
        "    os._exit(3)\n"
        "print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
    )

    assert run(code).splitlines() == ["pool drained", "handler run", "3"]


@pytest.mark.parametrize(
    ("added", "told"),
    [
        ("atexit.register(print, 'handler run')", "handler run"),
        ("threading.Thread(target=print, args=('thread joined',)).start()", "thread joined"),
        (
            (
                "import logging, logging.handlers\n"
                "    late = logging.handlers.MemoryHandler(9, target=logging.StreamHandler(sys.stdout))\n"
                "    late.emit(logging.makeLogRecord({'msg': 'log written'}))"
            ),
            "log written",
        ),
        (
            "import concurrent.futures.thread as pools; pools.ThreadPoolExecutor(1).submit(print, 'pool drained')",
            "pool drained",
        ),
    ],
)
def test_what_a_fork_adds_is_done_at_its_end_though_what_was_there_is_left_out(added: str, told: str) -> None:
    code = LEAVING + (
        "from wherry.runtime.shutdown import count_now\n"
        "atexit.register(print, 'of the zygote')\n"
        "count_now()\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        f"    {added}\n"
        "    finish_python()\n"
        "    os._exit(0)\n"
        "os.waitpid(child, 0)\n"
        "os._exit(0)\n"
    )

    assert told in run(code).splitlines()


def test_a_fork_that_adds_nothing_leaves_the_handlers_of_its_zygote_alone() -> None:
    code = LEAVING + (
        "from wherry.runtime.shutdown import count_now\n"
        "atexit.register(print, 'of the zygote')\n"
        "count_now()\n"
        "sys.stdout.write('flushed')\n"
        "finish_python()\n"
        "os._exit(0)\n"
    )

    assert run(code) == "flushed"


def test_a_handler_that_raises_stops_nothing() -> None:
    code = LEAVING + (
        "atexit.register(print, 'the other handler')\n"
        "atexit.register(lambda: 1 / 0)\n"
        "sys.stderr = None\n"
        "finish_python()\n"
        "os._exit(0)\n"
    )

    assert run(code) == "the other handler\n"


# -- the header, run ahead ---------------------------------------------------------------------------------------------

AHEAD = """
from wherry.runtime.executor import run_component
from wherry.runtime.loader import HEADER, compile_ahead
from wherry.runtime.performance import rehearse
rehearse()

def told(body):
    source = HEADER + body
    compile_ahead(source, "told")
    return run_component(source=source, function="told", executor_input={})["parameterValues"]["Output"]
"""


def test_a_component_whose_header_was_run_ahead_finds_its_names() -> None:
    body = "\ndef told() -> str:\n    return f'{dsl.Dataset is Dataset} {kfp.__version__}'\n"

    assert run(AHEAD + f"print(told({body!r}))") == "True 2.17.0\n"


def test_nothing_of_the_rehearsal_is_left_for_it() -> None:
    body = "\ndef told() -> list:\n    return sorted(n for n in globals() if 'rehears' in n)\n"

    assert run(AHEAD + f"print(told({body!r}))") == "[]\n"


def test_its_lines_keep_their_numbers() -> None:
    body = "\ndef told() -> str:\n    raise ValueError\n"
    code = (
        AHEAD
        + f"try:\n    told({body!r})\nexcept ValueError as error:\n    print(error.__traceback__.tb_next.tb_next.tb_next.tb_lineno)"
    )

    assert run(code) == "8\n"


def test_a_second_component_in_the_same_process_has_a_module_of_its_own() -> None:
    first, second = (
        "\nsecret = 1\ndef told() -> int:\n    return 1\n",
        "\ndef told() -> bool:\n    return 'secret' in globals()\n",
    )

    assert run(AHEAD + f"told({first!r})\nprint(told({second!r}))") == "False\n"


# -- chance after a fork -----------------------------------------------------------------------------------------------


def draws_of_forked_siblings(imports: str, draw: str) -> list[str]:
    code = (
        f"import os\n{imports}\nfrom wherry.runtime.seeds import reseed\n"
        "for _ in range(3):\n"
        "    child = os.fork()\n"
        "    if child == 0:\n"
        "        reseed()\n"
        f"        print({draw}, flush=True)\n"
        "        os._exit(0)\n"
        "    os.waitpid(child, 0)\n"
    )
    return run(code, isolated=False).splitlines()


def test_unseeded_siblings_draw_different_numbers() -> None:
    assert len(set(draws_of_forked_siblings("import random", "random.random()"))) == 3


def test_unseeded_siblings_draw_different_numbers_of_numpy_too(tmp_path: Path) -> None:
    """Against a numpy.random whose generator, like numpy's, is seeded once, when it is imported."""
    package = tmp_path / "numpy" / "random"
    package.mkdir(parents=True)
    (tmp_path / "numpy" / "__init__.py").touch()
    (package / "__init__.py").write_text(
        "import random as _python\n_generator = _python.Random()\nseed = _generator.seed\nrand = _generator.random\n",
        encoding="utf-8",
    )

    draws = draws_of_forked_siblings(
        f"sys.path.insert(0, {str(tmp_path)!r})\nimport numpy.random", "numpy.random.rand()"
    )
    assert len(set(draws)) == 3


def test_the_folder_may_be_copied_alone(tmp_path: Path) -> None:
    shutil.copytree(RUNTIME, tmp_path / "wherry" / "runtime", ignore=shutil.ignore_patterns("__pycache__"))
    code = COMPONENT.replace("from wherry", f"parent.__path__[:] = [{str(tmp_path / 'wherry')!r}]\nfrom wherry", 1)

    assert json.loads(run(code)) == {"parameterValues": {"total": 3, "both": [1, 2]}}
