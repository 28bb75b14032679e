"""New random seeds after a fork, so that unseeded siblings differ as separate processes would."""

from __future__ import annotations

import random
import sys


def _reseed_numpy() -> None:
    sys.modules["numpy.random"].seed()


#: Module to the function that seeds its global generator anew from the system. Only modules already imported are
#: seeded. Not listed: generators that start from the same seed in every new process anyway (torch), and those that
#: ask the system each time (``secrets``, ``uuid``, ``numpy.random.default_rng``).
SEEDERS = {"random": random.seed, "numpy.random": _reseed_numpy}


def reseed() -> None:
    """Seed every global generator that was imported before the fork. Call it in the child, before user code."""
    for module, seed in SEEDERS.items():
        if module in sys.modules:
            seed()
