"""Runs attempts as processes on this machine, through a task host that outlives the engine."""
