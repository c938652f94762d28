"""The same sources make the same release, it runs wherever it is unpacked, and it says what is in it."""

import hashlib
import json
import subprocess
import tarfile
from datetime import UTC, datetime
from importlib.metadata import distribution
from pathlib import Path

import msgspec
import pytest

from provisioning.releases.build import finish, needed, try_imports
from provisioning.releases.repository import Manifest
from provisioning.releases.sbom import sbom
from provisioning.releases.update import link_python
from provisioning.talk import CannotDo
from tests.releases.conftest import MADE, PYTHON

MANIFEST = Manifest(version="0.2.0", made=MADE, python=PYTHON, machine="any", schema=6)


def tree(folder: Path) -> Path:
    site = folder / f"lib/python{PYTHON}/site-packages"
    (site / "kiosk").mkdir(parents=True)
    (site / "kiosk/__init__.py").write_text("")
    (site / "kiosk/__main__.py").write_text(
        "NAMES = {'a', 'b', 'c', 'd'}\nOTHER = frozenset({'x', 'y', 'z'})\nimport sys, kiosk.inner\n"
        "print(sys.prefix, kiosk.inner.where(), 'q' in {'q', 'r', 's'}, sep='|')\n"
    )
    (site / "kiosk/inner.py").write_text("def where():\n    return where.__code__.co_filename\n")
    (folder / "长文件名").write_text("é")
    return folder


def test_same_bytes_twice(tmp_path: Path) -> None:
    made = []
    for name in ("one", "another-place"):
        out = tmp_path / f"{name}.tar.gz"
        finish(tree(tmp_path / name), out, MANIFEST)
        made.append(hashlib.sha256(out.read_bytes()).hexdigest())
    assert made[0] == made[1]
    (tmp_path / "one/长文件名").write_text("è")
    finish(tmp_path / "one", tmp_path / "other.tar.gz", MANIFEST)
    assert hashlib.sha256((tmp_path / "other.tar.gz").read_bytes()).hexdigest() != made[0]


def test_it_runs_wherever_it_is(tmp_path: Path) -> None:
    out = tmp_path / "r.tar.gz"
    said = finish(tree(tmp_path / "made"), out, MANIFEST)
    for place in (tmp_path / "here", tmp_path / "some where else"):
        with tarfile.open(out) as archive:
            archive.extractall(place, filter="data")
        link_python(place)
        ran = subprocess.run([place / "bin/python", "-P", "-m", "kiosk"], capture_output=True, text=True, check=True)
        prefix, code, found = ran.stdout.strip().split("|")
        assert prefix == str(place)
        assert str(tmp_path / "made") not in code  # no path of the machine it was made on
        assert found == "True"
        assert sum(one.stat().st_size for one in place.rglob("*") if one.is_file() and one.name != "python") >= (
            said.unpacked
        )


def test_what_is_needed_is_found_with_what_that_needs() -> None:
    names = {one.metadata["Name"].lower() for one in needed(["httpx>=0.1", "uvicorn"])}
    assert {"httpx", "httpcore", "h11", "idna", "certifi", "uvicorn", "click"} <= names
    assert "pytest" not in names


def test_list_of_parts(tmp_path: Path) -> None:
    lock = tmp_path / "package-lock.json"
    lock.write_text(
        json.dumps(
            {"packages": {"": {"name": "x"}, "node_modules/@fonts/noto": {"version": "5.1.0", "license": "OFL-1.1"}}}
        )
    )
    packages = [distribution("httpx"), distribution("msgspec")]
    made = datetime(2026, 11, 1, tzinfo=UTC)
    one, two = sbom("0.2.0", made, packages, lock), sbom("0.2.0", made, reversed(packages), lock)
    assert one == two
    read = msgspec.json.decode(one)
    assert (read["bomFormat"], read["specVersion"]) == ("CycloneDX", "1.6")
    by_name = {each["name"]: each for each in read["components"]}
    assert by_name["@fonts/noto"]["purl"] == "pkg:npm/%40fonts/noto@5.1.0"
    assert by_name["httpx"]["licenses"][0]["license"]["name"].startswith("BSD")
    assert len({each["bom-ref"] for each in read["components"]}) == 3


def test_a_forgotten_package_is_found_before_it_is_packed(tmp_path: Path) -> None:
    made = tree(tmp_path / "made")
    try_imports(made, ("kiosk.inner",))
    assert not (made / "bin").exists()  # it leaves nothing behind
    assert not (made / "pyvenv.cfg").exists()
    with pytest.raises(CannotDo, match="No module named 'msgspec'"):
        try_imports(made, ("kiosk.inner", "msgspec"))
