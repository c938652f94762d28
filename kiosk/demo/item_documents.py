"""The documents of an application as somebody else's programs see them: poppler opens them and finds their text."""

import io
import shutil
import subprocess
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import pikepdf
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
MOST_BYTES_A_PAGE: Final = 500_000
_SECONDS: Final = 30


@dataclass(frozen=True, slots=True)
class Looked:
    """One document.

    Attributes:
        pictures: of each page, (h, w, 3) BGR.
        text: of each page, without spaces; None where poppler is not on this machine, or cannot open the document.
        opens: whether poppler opens it; None where it is not here.
        claim: which PDF/A it says it is: `2B`; empty for none.
        page_bytes: of the whole file, shared out among its pages.
    """

    pictures: tuple[Picture, ...]
    text: tuple[str, ...] | None
    opens: bool | None
    claim: str
    page_bytes: int


def looked_at(document: bytes) -> Looked:
    """Look at a document.

    Raises:
        pikepdf.PdfError: it is no PDF.
    """
    with pikepdf.open(io.BytesIO(document)) as pdf:
        pictures = tuple(_picture(page) for page in pdf.pages)
        with pdf.open_metadata() as said:
            claim = f"{said.get('pdfaid:part', '')}{said.get('pdfaid:conformance', '')}"
    opens, text = _by_poppler(document)
    return Looked(pictures, text, opens, claim, len(document) // max(len(pictures), 1))


def _picture(page: pikepdf.Page) -> Picture:
    images = [pikepdf.PdfImage(image) for image in page.images.values() if isinstance(image, pikepdf.Stream)]
    largest = max(images, key=lambda image: image.width * image.height)
    rgb = np.asarray(largest.as_pil_image().convert("RGB"), np.uint8)
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), np.uint8)


def _by_poppler(document: bytes) -> tuple[bool | None, tuple[str, ...] | None]:
    program = shutil.which("pdftotext")
    if program is None:
        return None, None
    done = subprocess.run(  # noqa: S603  a program of the system, and a document that it reads from its input
        [program, "-", "-"], input=document, capture_output=True, timeout=_SECONDS, check=False
    )
    if done.returncode != 0:
        return False, None
    return True, tuple("".join(page.split()) for page in done.stdout.decode().split("\f")[:-1])
