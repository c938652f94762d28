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
@pytest.mark.timeout(300)
def test_key_fields_of_the_shared_documents(tmp_path: Path) -> None:
    if not SHARED.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail("the shared documents are missing")
        pytest.skip("the shared documents are not beside the project")
    truth = json.loads((SHARED / "truth.json").read_text("utf-8"))
    for name in ("id_1", "lic_2"):
        (tmp_path / f"{name}.png").write_bytes((SHARED / f"{name}.png").read_bytes())
    (tmp_path / "truth.json").write_text(json.dumps({name: truth[name] for name in ("id_1", "lic_2")}), "utf-8")
    figures = measure(tmp_path, 1, 10, 1)
    ours = figures["ours"]
    assert isinstance(ours, dict)
    assert [ours[name]["all key fields"] for name in ("as given", "camera frames")] == ["4/4", "4/4"]
