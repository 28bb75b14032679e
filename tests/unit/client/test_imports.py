import subprocess
import sys


def test_the_client_brings_neither_the_service_nor_kfp_with_it() -> None:
    heavy = [
        "sqlalchemy",
        "starlette",
        "uvicorn",
        "obstore",
        "kfp",
        "requests",
        "urllib3",
        "wherry.engine",
        "wherry.store",
    ]
    code = f"import sys; from wherry import Client; print([name for name in {heavy} if name in sys.modules])"

    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert shown.stdout == "[]\n"


def test_the_package_itself_imports_nothing() -> None:
    code = "import sys; before = set(sys.modules); import wherry; print(sorted(set(sys.modules) - before))"

    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert shown.stdout == "['wherry']\n"
