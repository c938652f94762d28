"""docs/devices.md says what the drivers say."""

from pathlib import Path

import pytest

from drivers import catalogue
from drivers.contract import Kind
from drivers.registry import WHERE, driver_class


def test_the_page_is_not_stale(root: Path) -> None:
    page = (root / "docs/devices.md").read_text(encoding="utf-8")
    assert page == catalogue.render(), "run: python -m drivers.catalogue --write docs/devices.md"


@pytest.mark.parametrize("key", WHERE)
def test_every_driver_is_told_of_with_all_its_options(key: str) -> None:
    section = catalogue.render().partition(f"### `{key}`")[2].partition("### ")[0]
    for name in driver_class(key).options.model_fields:
        assert f"| `{name}` |" in section
    for proof in driver_class(key).proven_on:
        assert proof.what in section
    assert catalogue.wire_of(driver_class(key)) != "—"


def test_every_kind_has_a_title() -> None:
    assert set(catalogue.KINDS) == set(Kind)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert catalogue.main([]) == 0
    printed = capsys.readouterr().out
    assert catalogue.main(["--write", str(tmp_path / "page.md")]) == 0
    assert (tmp_path / "page.md").read_text(encoding="utf-8") == printed
    assert catalogue.main(["--what"]) == 2
