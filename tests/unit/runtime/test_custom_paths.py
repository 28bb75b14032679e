"""What a component wrote elsewhere is copied to where its artifact lies."""

from pathlib import Path
from typing import Any

import pytest

from wherry.runtime.custom_paths import bring_home


def reported(**fields: Any) -> dict[str, Any]:
    return {"data": {"artifacts": [{"name": "data", **fields}]}}


@pytest.mark.parametrize("name", ["custom_path", "customPath"])
def test_a_file_is_copied_to_the_path_of_the_uri(tmp_path: Path, name: str) -> None:
    (tmp_path / "scratch").write_text("rows")
    artifacts = reported(uri=f"{tmp_path}/new/data", **{name: f"{tmp_path}/scratch"})

    bring_home(artifacts)

    assert artifacts == reported(uri=f"{tmp_path}/new/data")
    assert (tmp_path / "new/data").read_text() == "rows"


def test_a_folder_is_copied_with_all_that_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "scratch/inner").mkdir(parents=True)
    (tmp_path / "scratch/inner/a").write_text("a")

    bring_home(reported(uri=f"{tmp_path}/data", custom_path=f"{tmp_path}/scratch"))

    assert (tmp_path / "data/inner/a").read_text() == "a"


def test_a_custom_path_that_leads_nowhere_or_home_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("rows")

    bring_home(reported(uri=f"{tmp_path}/other", custom_path=f"{tmp_path}/missing"))
    bring_home(reported(uri=f"{tmp_path}/data", custom_path=f"{tmp_path}/data"))

    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]
    assert (tmp_path / "data").read_text() == "rows"
