"""Runs pipelines. Decisions are pure (plan, schedule, driver, fingerprint); effects are in loop. Start at schedule.

`planning` makes a `plan` of a spec; `schedule` decides when tasks are due; `driver` resolves one, `requests` says what
its launcher is told and `publish` reads what it made; `fingerprint` and `retry` say what is reused and tried again.
`owned_run` joins them for one run, with its rows and without I/O; `attempts` has what happens to tasks with work of
their own.

`loop` takes turns over everything that the engine holds (`holdings`), and each part of a turn is a module: `claiming`
takes runs up, `publishing` records what attempts made, `resolving` looks due tasks up in the `cache`, `starting` fills
slots, `committing` writes the `turn`; `quarantine` sets runs aside. What all of that means is written down in
``docs/explanation/semantics.md``.

The engine must not know which adapters it runs on, nor the authoring side.
"""
