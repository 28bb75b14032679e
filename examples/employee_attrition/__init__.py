"""The running example."""
