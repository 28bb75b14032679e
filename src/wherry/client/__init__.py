"""The HTTP client: the surface of ``kfp.Client``, over ``/apis/v2beta1``, with the messages of `wherry.api`.

It needs no more than the standard library's ``http.client`` for it: nothing then can disagree with the pins of a kfp
that is installed beside it. It must not know the engine, the store or the server. Start reading at `client`; each
kind of resource has a module of calls, `connection` sends them, `event_stream` follows a run.
"""

from __future__ import annotations

from wherry.client.client import Client
from wherry.client.result import RunPipelineResult

__all__ = ["Client", "RunPipelineResult"]
