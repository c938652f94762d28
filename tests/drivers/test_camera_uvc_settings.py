"""Setting up a USB camera that takes what it likes."""

import cv2
import pytest

from drivers.camera.uvc_settings import Setting, Wanted, set_up

WANTED = Wanted((1280, 720), 30, "MJPG", focus=40, exposure=156)


class Stubborn:
    """A camera as V4L2 shows it: says yes to everything and keeps what it likes.

    Focus is only taken while it does not focus by itself, exposure only while it does not choose it.
    """

    def __init__(self, keeps: dict[int, float]) -> None:
        self.keeps = keeps
        self.values: dict[int, float] = {cv2.CAP_PROP_AUTOFOCUS: 1, cv2.CAP_PROP_AUTO_EXPOSURE: 3}
        self.order: list[int] = []

    def set(self, propId: int, value: float) -> bool:  # noqa: N803  OpenCV's own name
        self.order.append(propId)
        refused = (propId == cv2.CAP_PROP_FOCUS and self.values[cv2.CAP_PROP_AUTOFOCUS] != 0) or (
            propId == cv2.CAP_PROP_EXPOSURE and self.values[cv2.CAP_PROP_AUTO_EXPOSURE] != 1
        )
        if not refused:
            self.values[propId] = self.keeps.get(propId, value)
        return True

    def get(self, propId: int) -> float:  # noqa: N803  the same
        return self.values.get(propId, 0.0)


def refused(settings: tuple[Setting, ...]) -> dict[str, bool]:
    """What was not kept, and whether it is essential."""
    return {one.name: one.essential for one in settings if not one.kept}


def test_a_camera_that_takes_everything() -> None:
    camera = Stubborn({})
    settings = set_up(camera, WANTED)
    assert refused(settings) == {}
    assert {one.name for one in settings} == {"size", "format", "fps", "autofocus", "focus", "exposure"}
    assert camera.order.index(cv2.CAP_PROP_FOURCC) < camera.order.index(cv2.CAP_PROP_FRAME_WIDTH)


@pytest.mark.parametrize(
    ("prop", "value", "name", "essential"),
    [
        (cv2.CAP_PROP_FRAME_WIDTH, 640, "size", True),
        (cv2.CAP_PROP_FOURCC, float(cv2.VideoWriter.fourcc(*"YUYV")), "format", False),
        (cv2.CAP_PROP_FOURCC, -1, "format", False),
        (cv2.CAP_PROP_FPS, 15, "fps", False),
        (cv2.CAP_PROP_FOCUS, 250, "focus", True),
        (cv2.CAP_PROP_EXPOSURE, 10, "exposure", True),
    ],
)
def test_a_camera_that_keeps_something_else(prop: int, value: float, name: str, *, essential: bool) -> None:
    assert refused(set_up(Stubborn({prop: value}), WANTED)) == {name: essential}


def test_a_camera_that_goes_on_focusing_by_itself() -> None:
    assert refused(set_up(Stubborn({cv2.CAP_PROP_AUTOFOCUS: 1}), WANTED)) == {"autofocus": True, "focus": True}


def test_what_is_not_named_is_left_to_the_camera() -> None:
    camera = Stubborn({})
    settings = set_up(camera, Wanted((640, 480), 30, "MJPG"))
    assert {one.name for one in settings} == {"size", "format", "fps"}
    assert not {cv2.CAP_PROP_FOCUS, cv2.CAP_PROP_EXPOSURE} & set(camera.order)
    assert (camera.values[cv2.CAP_PROP_AUTOFOCUS], camera.values[cv2.CAP_PROP_AUTO_EXPOSURE]) == (1, 3)
