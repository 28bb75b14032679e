"""The page on compatibility is true: what it names as a proof exists, and no pipeline of the corpus is missing."""

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
PAGE = (TESTS.parent / "docs" / "explanation" / "kfp-compatibility.md").read_text()
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith("| feature |")
]


def proofs(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def exists(proof: str) -> bool:
    if proof.startswith("corpus/"):
        return (TESTS / f"{proof}.py").is_file()
    path, _, name = proof.partition("::")
    file = TESTS / path
    return file.is_file() and f"\ndef {name}(" in file.read_text()


def test_every_proof_that_the_page_names_exists() -> None:
    named = [proof for row in ROWS for proof in proofs(row[2])]

    assert len(named) > 50
    assert [proof for proof in named if not exists(proof)] == []


def test_whatever_works_has_a_proof() -> None:
    without = [row[0] for row in ROWS if not proofs(row[2])]

    assert [row[0] for row in ROWS if row[0] in without and not row[1].startswith(("no", "partly"))] == []


def test_every_pipeline_of_the_corpus_proves_something() -> None:
    corpus = {f"corpus/{path.stem}" for path in (TESTS / "corpus").glob("*.py")}

    assert corpus - {proof for row in ROWS for proof in proofs(row[2])} == set()


def test_every_row_has_three_cells() -> None:
    assert [row for row in ROWS if len(row) != 3] == []
