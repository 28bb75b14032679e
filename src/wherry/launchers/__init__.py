"""Where attempts run: one adapter per place."""
