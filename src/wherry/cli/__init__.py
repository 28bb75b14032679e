"""The wherry command: one module per command group."""
