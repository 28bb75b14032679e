"""One test suite per port: subclass it, provide the adapter."""
