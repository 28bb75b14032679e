"""Wherry runs Kubeflow pipelines anywhere.

Authors import `wherry.dsl` and `wherry.compiler`; `wherry.local` runs a pipeline in this process; `wherry.Client`
talks to a server; the ``wherry`` command does all of it from a terminal. This package imports nothing until
``Client`` is asked for, so that ``import wherry.dsl`` stays cheap.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from wherry.client import Client as Client


def __getattr__(name: str) -> object:
    if name == "Client":
        from wherry.client import Client

        return Client
    raise AttributeError(f"module 'wherry' has no attribute {name!r}")
