"""Where artifacts lie: one adapter per family."""
