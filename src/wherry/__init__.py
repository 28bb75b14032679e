"""Wherry runs Kubeflow pipelines anywhere.

Authors import `wherry.dsl` and `wherry.compiler`; `wherry.local` runs a pipeline in this process; the ``wherry``
command does both from a terminal. This package imports nothing, so that ``import wherry.dsl`` stays cheap.
"""
