"""The benchmark's arithmetic on lists whose answer is known, and the whole command on real faces."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import typer

from benchmarks.face_figures import equal_error_rate, errors_at, pair_accuracy, true_accept_rate
from benchmarks.face_names import is_east_asian
from benchmarks.face_sets import CHIP_BYTES, all_pairs, card_photo, person_of, read_pairs, sample
from benchmarks.faces import measure
from kiosk.vision.faces import FaceEngine


def test_pairs_that_lie_apart_are_all_told_apart_and_shuffled_ones_half() -> None:
    rng = np.random.default_rng(1)
    same = np.arange(400) < 200
    apart = np.where(same, 0.7, 0.1) + rng.normal(0, 0.02, 400)
    assert pair_accuracy(apart, same, 1)["accuracy"] == 1.0
    mixed = pair_accuracy(rng.random(400), same, 1)["accuracy"]
    assert isinstance(mixed, float)
    assert 0.35 < mixed < 0.65
    assert pair_accuracy(apart[:205], same[:205], 1)["accuracy"] is None


def test_two_normal_distributions_have_the_rates_of_the_tables() -> None:
    rng = np.random.default_rng(2)
    strangers, genuine = rng.normal(0, 1, 200_000), rng.normal(4, 1, 200_000)
    assert equal_error_rate(genuine, strangers) == pytest.approx(0.02275, abs=5e-4)
    rate = true_accept_rate(genuine, strangers, 1e-3)
    assert rate is not None
    assert rate["threshold"] == pytest.approx(3.09, abs=0.06)
    assert rate["tar"] == pytest.approx(0.8186, abs=0.02)
    assert true_accept_rate(genuine, strangers[:9_000], 1e-3) is None


def test_error_rates_count_both_sorts_with_their_bounds() -> None:
    found = errors_at(0.4, np.array([0.39, 0.4, 0.9, 0.2]), np.array([0.1, 0.4, 0.3]))
    assert found is not None
    fmr, fnmr = found["fmr"], found["fnmr"]
    assert isinstance(fmr, dict)
    assert isinstance(fnmr, dict)
    assert (fmr["hits"], fmr["of"], fnmr["hits"], fnmr["of"], fnmr["share"]) == (1, 3, 2, 4, 0.5)
    assert fnmr["low"] < 0.5 < fnmr["high"]
    assert errors_at(None, np.array([1.0]), np.array([0.0])) is None
    nothing = errors_at(0.4, np.empty(0), np.empty(0))
    assert nothing is not None
    assert nothing["fmr"] == {"share": None, "low": 0.0, "high": 1.0, "hits": 0, "of": 0}


def test_all_pairs_are_all_pairs_and_the_draw_keeps_to_its_size() -> None:
    names = ("a", "a", "b", "c", "a")
    pairs = all_pairs(names, np.array([True, True, True, True, False]), most=100, seed=1)
    got = set(zip(pairs.live.tolist(), pairs.reference.tolist(), pairs.same.tolist(), strict=True))
    assert {(0, 1, True), (1, 0, True), (0, 2, False), (2, 0, False), (3, 2, False)} <= got
    assert len(got) == len(pairs.same) == 12
    few = all_pairs(tuple(str(n) for n in range(300)), np.ones(300, np.bool_), most=500, seed=1)
    assert len(few.same) == 500
    assert not few.same.any()
    assert (few.live != few.reference).all()
    assert len(all_pairs(("a",), np.array([True]), most=5, seed=1).same) == 0


def test_names_are_taken_for_east_asian_only_where_they_are_built_so() -> None:
    theirs = "Hu_Jintao Kim_Dae-jung Roh_Moo-hyun Lucy_Liu Jackie_Chan Chan_Ho_Park Junichiro_Koizumi Szu_Yu_Chen"
    others = "Kim_Clijsters Lee_Baca Martin_Short Demi_Moore Romano_Prodi Naomi_Watts Rita_Moreno Dai_Bachtiar Zico"
    assert [name for name in theirs.split() if not is_east_asian(name)] == []
    assert [name for name in others.split() if is_east_asian(name)] == []


def test_people_are_known_by_the_names_of_the_files(tmp_path: Path) -> None:
    for name in ("Li_Na_0001.jpg", "Li_Na_0002.jpg", "below/Ana_Lee_0012.png", "note.txt", "alone.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found, drawn = sample(tmp_path, 100, 1)
    assert sorted(found.names) == ["Ana_Lee", "Li_Na", "Li_Na", "alone"]
    assert drawn.all()
    assert person_of(Path("Jean-Luc_d_Or_0003.jpg")) == "Jean-Luc_d_Or"


@pytest.mark.parametrize("text", ["", "a.jpg\tb.jpg\n", "a.jpg\tb.jpg\tyes\n", "a b 1\n", "\x00\xff"])
def test_a_list_that_is_none_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "pairs.tsv"
    file.write_text(text, encoding="latin-1")
    with pytest.raises(typer.BadParameter):
        read_pairs(file, tmp_path)


def test_a_card_photo_is_as_small_as_a_card_s(people: dict[str, list[Path]], sface: FaceEngine) -> None:
    import cv2

    image = np.asarray(cv2.imread(str(people["person-1"][0])), np.uint8)
    photo = card_photo(image, sface.detect(image)[0])
    assert photo.shape == (126, 102, 3)
    assert len(cv2.imencode(".jpg", photo, [cv2.IMWRITE_JPEG_QUALITY, 20])[1]) < CHIP_BYTES * 2
    face = sface.detect(photo)[0]
    assert face.pupils_px == pytest.approx(25, abs=2)


def test_a_picture_without_a_face_is_a_failed_comparison(shared_data: Path, tmp_path: Path) -> None:
    import cv2

    faces = shared_data / "faces"
    rows = [line.split("\t") for line in (faces / "pairs.tsv").read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if row[2] == "1"][:2]
    for name in {name for row in rows for name in row[:2]}:
        (tmp_path / name).write_bytes((faces / name).read_bytes())
    cv2.imwrite(str(tmp_path / rows[0][1]), np.full((250, 250, 3), 90, np.uint8))
    (tmp_path / rows[1][1]).write_bytes(b"no picture")
    file = tmp_path / "pairs.tsv"
    file.write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")
    figures = measure(tmp_path, file, every=False, chip=True, engines=("sface",), most=50, seed=1)
    text = json.dumps(figures)
    report = json.loads(text)["pairs"]["sface"]
    assert report["not_found_in_reference"] == {"count": 1, "first": [rows[0][1]]}
    assert report["unreadable"] == {"count": 1, "first": [rows[1][1]]}
    assert report["accept"]["fnmr"]["hits"] == report["accept"]["fnmr"]["of"] == 2


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_the_command_tells_real_pairs_apart(shared_data: Path, root: Path, tmp_path: Path) -> None:
    faces = shared_data / "faces"
    lines = (faces / "pairs.tsv").read_text(encoding="utf-8").splitlines(keepends=True)
    some = tmp_path / "pairs.tsv"
    some.write_text("".join(lines[::12]), encoding="utf-8")
    words = ["-m", "benchmarks", "faces", "--dir", str(faces), "--pairs", str(some), "--chip", "--json"]
    done = subprocess.run([sys.executable, *words], cwd=root, capture_output=True, text=True, check=True, timeout=230)
    report = json.loads(done.stdout)["pairs"]["sface"]
    assert (report["not_found"]["count"], report["not_found_in_reference"]["count"]) == (0, 0)
    assert report["pair_accuracy"]["accuracy"] >= 0.97
    assert report["accept"]["fmr"]["hits"] == 0
    assert report["accept"]["fnmr"]["share"] <= 0.12
