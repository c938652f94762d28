"""Tarballs that lead out of their folder, on Pythons with and without tarfile's own filters."""

import io
import tarfile
from pathlib import Path

import pytest

from provisioning.releases.unpack import unpack


def _archive(*members: tuple[str, bytes, str]) -> tarfile.TarFile:
    """Members: name, tarfile's type, and content or target of a link."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        for name, kind, text in members:
            member = tarfile.TarInfo(name)
            member.type, member.mode, member.uid, member.uname = kind, 0o4777, 1000, "somebody"
            if kind == tarfile.REGTYPE:
                member.size = len(text)
                archive.addfile(member, io.BytesIO(text.encode()))
            else:
                member.linkname = text
                archive.addfile(member)
    made.seek(0)
    return tarfile.open(fileobj=made, mode="r:gz")


@pytest.fixture(params=["with filters", "without"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    if request.param == "without":  # Debian 12 has Python 3.11.2
        monkeypatch.setattr("provisioning.releases.unpack.HAS_FILTERS", False)
    place = tmp_path / "release"
    place.mkdir()
    return place


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_release_is_unpacked_as_nobody_in_particular(folder: Path) -> None:
    with _archive(
        ("lib", tarfile.DIRTYPE, ""),
        ("lib/a.py", tarfile.REGTYPE, "print(1)"),
        ("lib/b.py", tarfile.SYMTYPE, "a.py"),
        ("bin/run", tarfile.SYMTYPE, "../lib/a.py"),
    ) as archive:
        unpack(archive, folder)
    assert (folder / "lib/b.py").read_text() == "print(1)"
    assert (folder / "bin/run").read_text() == "print(1)"
    assert (folder / "lib/a.py").stat().st_mode & 0o7022 == 0


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    "members",
    [
        [("../out.py", tarfile.REGTYPE, "x")],
        [("/etc/out.py", tarfile.REGTYPE, "x")],
        [("lib/../../out.py", tarfile.REGTYPE, "x")],
        [("a", tarfile.SYMTYPE, "/etc")],
        [("lib/a", tarfile.SYMTYPE, "../../etc")],
        [("a", tarfile.SYMTYPE, "b"), ("a/out.py", tarfile.REGTYPE, "x")],
        [("a", tarfile.SYMTYPE, "b"), ("a", tarfile.REGTYPE, "x")],
        [("a", tarfile.LNKTYPE, "/etc/passwd")],
        [("a", tarfile.CHRTYPE, "")],
        [("a", tarfile.FIFOTYPE, "")],
    ],
    ids=lambda members: f"{members[-1][0]}-{members[-1][1].decode()}",
)
def test_nothing_leads_out_of_the_folder(folder: Path, members: list[tuple[str, bytes, str]]) -> None:
    with _archive(*members) as archive, pytest.raises(tarfile.TarError):
        unpack(archive, folder)
    assert not (folder.parent / "out.py").exists()
