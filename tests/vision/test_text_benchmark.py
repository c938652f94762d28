"""The text benchmark counts what it says it counts, on the shared documents."""

import json
import os
from pathlib import Path

import pytest

from benchmarks.text import edits_within, measure

SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "documents"


@pytest.mark.parametrize(
    ("line", "text", "edits"),
    [("abc", "xxabcxx", 0), ("abc", "xxabxcxx", 1), ("abc", "xxaccxx", 1), ("abc", "", 3), ("", "abc", 0)],
)
def test_edits_within_a_text(line: str, text: str, edits: int) -> None:
    assert edits_within(line, text) == edits


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_key_fields_of_the_shared_documents(tmp_path: Path) -> None:
    if not SHARED.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail("the shared documents are missing")
        pytest.skip("the shared documents are not beside the project")
    truth = json.loads((SHARED / "truth.json").read_text("utf-8"))
    # A licence in a camera frame takes as long as all the rest: it is the benchmark's.
    for name, frames, right in (
        ("id_1", 1, {"as given": "2/2", "camera frames": "2/2"}),
        ("lic_2", 0, {"as given": "2/2"}),
    ):
        folder = tmp_path / name
        folder.mkdir()
        (folder / f"{name}.png").write_bytes((SHARED / f"{name}.png").read_bytes())
        (folder / "truth.json").write_text(json.dumps({name: truth[name]}), "utf-8")
        ours = measure(folder, frames, 10, 1, peers=False)["ours"]
        assert isinstance(ours, dict)
        assert {of: figures["all key fields"] for of, figures in ours.items()} == right
