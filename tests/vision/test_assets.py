import hashlib
import io
import tarfile
from pathlib import Path

import pytest

from provisioning import assets


def test_every_person_has_the_pictures_that_the_crowd_needs(people: dict[str, list[Path]]) -> None:
    assert {name: len(pictures) for name, pictures in people.items()} == {"person-1": 3, "person-2": 1, "person-3": 1}


def test_missing_portraits_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(assets.AssetError, match="run `make setup`"):
        assets.portraits(tmp_path)


def test_nothing_is_fetched_when_everything_is_there(
    people: dict[str, list[Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert people
    monkeypatch.setattr(assets, "_fetch", lambda *_, **__: pytest.fail("fetched again"))
    assert assets.bring_portraits() == []


def test_a_picture_that_is_not_the_expected_one_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "thing-1.0.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        info = tarfile.TarInfo("thing-1.0/a.jpg")
        info.size = 5
        tar.addfile(info, io.BytesIO(b"wrong"))
    wanted = assets.Portrait("p/1.jpg", "thing==1.0", "a.jpg", hashlib.sha256(b"right").hexdigest())
    with pytest.raises(assets.AssetError, match="not the picture expected"):
        assets._unpack(archive, wanted, tmp_path)
    with pytest.raises(assets.AssetError, match=r"holds no b\.jpg"):
        assets._unpack(archive, assets.Portrait("p/1.jpg", "thing==1.0", "b.jpg", ""), tmp_path)
    assert not (tmp_path / "p").exists()
    good = assets.Portrait("p/1.jpg", "thing==1.0", "a.jpg", hashlib.sha256(b"wrong").hexdigest())
    assert assets._unpack(archive, good, tmp_path).read_bytes() == b"wrong"


def test_files_are_copied_once_and_again_when_they_change(tmp_path: Path) -> None:
    source, target = tmp_path / "a", tmp_path / "below" / "b"
    with pytest.raises(assets.AssetError, match="npm ci"):
        assets.bring_files([(source, target)])
    source.write_text("one")
    assert assets.bring_files([(source, target)]) == [target]
    assert assets.bring_files([(source, target)]) == []
    source.write_text("other")
    assert assets.bring_files([(source, target)]) == [target]
    assert target.read_text() == "other"
