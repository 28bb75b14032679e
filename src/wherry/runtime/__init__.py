"""What travels into a task. Standard library only, Python 3.9 syntax, imports nothing of ours."""
