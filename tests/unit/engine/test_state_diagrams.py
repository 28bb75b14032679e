from __future__ import annotations

from pathlib import Path

from wherry.engine.state_diagrams import state_machines_page

PAGE = Path(__file__).parents[3] / "docs" / "explanation" / "state-machines.md"


def test_the_page_about_states_is_what_the_table_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == state_machines_page(), (
        "write it anew: python -c 'from wherry.engine.state_diagrams import *; print(state_machines_page(), end=\"\")'"
    )
