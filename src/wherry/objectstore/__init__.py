"""Where artifacts lie: one adapter per family. Start at `wherry.objectstore.local`, a folder of this machine."""

from wherry.objectstore.local import LocalObjectStore

__all__ = ["LocalObjectStore"]
