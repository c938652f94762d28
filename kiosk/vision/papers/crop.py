"""Crops a found page: straight, in its own proportions."""

import cv2
import numpy as np

from kiosk.vision.faces import Image
from kiosk.vision.observation import PaperPage
from kiosk.vision.papers.geometry import Corners, length

PAGE_HEIGHT, PREVIEW_HEIGHT = 2000, 800
A4 = 2.0**0.5
_QUALITY, _PREVIEW_QUALITY = 88, 80


def straightened(image: Image, corners: Corners) -> Image:
    """The page as if seen from straight above; one of nearly A4's proportions gets exactly those."""
    across = (length(corners[0], corners[1]) + length(corners[3], corners[2])) / 2
    down = (length(corners[1], corners[2]) + length(corners[0], corners[3])) / 2
    longer, shorter = max(across, down), min(across, down)
    if abs(longer / max(shorter, 1.0) / A4 - 1.0) < 0.1:
        shorter = longer / A4
    width, height = (longer, shorter) if across > down else (shorter, longer)
    size = (max(round(width), 8), max(round(height), 8))
    target = np.array([[0, 0], [size[0] - 1, 0], [size[0] - 1, size[1] - 1], [0, size[1] - 1]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    return np.asarray(cv2.warpPerspective(image, matrix, size, flags=cv2.INTER_CUBIC), np.uint8)


def paper_page(flat: Image, number: int) -> PaperPage:
    """A straightened page as the desk keeps and shows it."""
    return PaperPage(number, _jpeg(flat, PAGE_HEIGHT, _QUALITY), _jpeg(flat, PREVIEW_HEIGHT, _PREVIEW_QUALITY))


def _jpeg(flat: Image, most_height: int, quality: int) -> bytes:
    scale = min(1.0, most_height / flat.shape[0])
    if scale < 1.0:
        size = (max(1, round(flat.shape[1] * scale)), most_height)
        flat = np.asarray(cv2.resize(flat, size, interpolation=cv2.INTER_AREA), np.uint8)
    _, packed = cv2.imencode(".jpg", flat, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return packed.tobytes()
