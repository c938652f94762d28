"""What becomes of a file from a telephone: pages as JPEG and nothing else of it.

Every file is opened in a process of its own, with bounds on memory and time: whatever it does to a library that reads
pictures or PDFs, it does it there. No metadata (place, camera, owner) comes through, nor anything that runs.
"""

import io
import sys
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import msgspec
import pikepdf
import pypdfium2  # type: ignore[import-untyped]  # ships no types
from PIL import Image, ImageOps, UnidentifiedImageError

from hub.apart import confine, run_apart
from hub.pdf import forbidden_in
from kiosk.wire.events import MAX_PAPER_BYTES

MOST_BYTES: Final = 30 * 1024 * 1024
"""Of one file: the largest photos of telephones have 15 to 25 MB."""
MOST_PIXELS: Final = 130_000_000
"""Of a JPEG, which is decoded smaller; others are decoded whole."""
MOST_PIXELS_WHOLE: Final = 50_000_000
LEAST_SIDE: Final = 200
LONGEST: Final = 3000
"""Pixels of a photo's longer side afterwards."""
LONGEST_PAGE: Final = 2000
"""The same of a page of a PDF."""
PREVIEW: Final = 1000
"""The same of a page that is only looked at."""
_QUALITY: Final = 90
_HEIF: Final = (b"ftypheic", b"ftypheix", b"ftyphevc", b"ftypheim", b"ftypheis", b"ftypmif1", b"ftypmsf1", b"ftypavif")


class FileProblem(StrEnum):
    """Why a file is not taken."""

    TOO_LARGE = "too_large"
    HEIC = "heic"
    """The telephone's own format, which offices cannot open."""
    OTHER_KIND = "other_kind"
    """Neither a picture nor a PDF."""
    DAMAGED = "damaged"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_SMALL = "too_small"
    LOCKED = "locked"
    """A PDF with a password."""
    RUNS = "runs"
    """A PDF with scripts or files in it."""
    TOO_MANY_PAGES = "too_many_pages"
    TOO_SLOW = "too_slow"


class NotTaken(Exception):
    """The file is not taken.

    Attributes:
        problem: Why.
    """

    def __init__(self, problem: FileProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Pages:
    """What came out of a file.

    Attributes:
        pages: JPEGs in order, without metadata.
        photo: It was a picture; otherwise they are pages of a PDF.
    """

    pages: tuple[bytes, ...]
    photo: bool


class _Made(msgspec.Struct):
    problem: str = ""
    photo: bool = False
    pages: tuple[bytes, ...] = ()


def kind_of(content: bytes) -> str:
    """`jpeg`, `png`, `webp`, `pdf`, `heic`, or empty: by its first bytes, whatever the telephone calls it."""
    if content.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    if content.startswith(b"%PDF-"):
        return "pdf"
    return "heic" if content[4:12] in _HEIF else ""


def pages_of(content: bytes, most: int) -> Pages:
    """Make pages of a file, in this process.

    Args:
        content: All of it.
        most: At most so many pages.

    Raises:
        NotTaken: It gives none.
    """
    kind = kind_of(content)
    if kind == "heic":
        raise NotTaken(FileProblem.HEIC)
    if not kind:
        raise NotTaken(FileProblem.OTHER_KIND)
    if len(content) > MOST_BYTES:
        raise NotTaken(FileProblem.TOO_LARGE)
    if kind == "pdf":
        return Pages(_pdf_pages(content, most), photo=False)
    return Pages((_photo(content, kind),), photo=True)


def _photo(content: bytes, kind: str) -> bytes:
    try:
        with Image.open(io.BytesIO(content), formats=[kind.upper()]) as picture:
            wide, high = picture.size
            if wide * high > (MOST_PIXELS if kind == "jpeg" else MOST_PIXELS_WHOLE):
                raise NotTaken(FileProblem.TOO_MANY_PIXELS)
            if min(wide, high) < LEAST_SIDE:
                raise NotTaken(FileProblem.TOO_SMALL)
            if kind == "jpeg":
                picture.draft("RGB", (LONGEST, LONGEST))  # decoded at a half, a quarter or an eighth
            return _jpeg(ImageOps.exif_transpose(picture), LONGEST)
    except (
        UnidentifiedImageError,
        OSError,
        ValueError,
        SyntaxError,
        MemoryError,
        Image.DecompressionBombError,
    ) as error:
        raise NotTaken(FileProblem.DAMAGED) from error


def _jpeg(picture: Image.Image, longest: int) -> bytes:
    if picture.mode != "RGB":
        clear = picture.convert("RGBA")
        picture = Image.new("RGB", clear.size, "white")
        picture.paste(clear, mask=clear.getchannel("A"))
    picture.thumbnail((longest, longest))
    # Only the pixels go on: whatever else the file carried stays behind with it.
    bare = Image.frombytes("RGB", picture.size, picture.tobytes())
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def _pdf_pages(content: bytes, most: int) -> tuple[bytes, ...]:
    try:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            count = len(pdf.pages)
            if forbidden_in(pdf):
                raise NotTaken(FileProblem.RUNS)
    except pikepdf.PasswordError as error:
        raise NotTaken(FileProblem.LOCKED) from error
    except (pikepdf.PdfError, ValueError, OverflowError, RecursionError, MemoryError) as error:
        raise NotTaken(FileProblem.DAMAGED) from error
    if count > most:
        raise NotTaken(FileProblem.TOO_MANY_PAGES)
    if not count:
        raise NotTaken(FileProblem.DAMAGED)
    try:
        with pypdfium2.PdfDocument(content) as document:
            return tuple(_drawn(document, place) for place in range(count))
    except (pypdfium2.PdfiumError, ValueError, OSError, MemoryError) as error:
        raise NotTaken(FileProblem.DAMAGED) from error


def drawn_page(content: bytes, place: int, longest: int = LONGEST_PAGE) -> bytes:
    """One page of a PDF that is known to be sound, as JPEG. Pages count from 0."""
    with pypdfium2.PdfDocument(content) as document:
        return _drawn(document, place, longest)


def _drawn(document: pypdfium2.PdfDocument, place: int, longest: int = LONGEST_PAGE) -> bytes:
    page = document[place]
    wide, high = page.get_size()
    scale = longest / max(wide, high, 1.0)
    bitmap = page.render(scale=min(scale, 20.0), may_draw_forms=False)
    return _jpeg(bitmap.to_pil(), longest)


# In a process of its own ---------------------------------------------------------------------------------------------


async def preview_apart(content: bytes) -> bytes:
    """The first page of a file that the hub holds, small, in a process of its own.

    Raises:
        NotTaken: It cannot be drawn.
    """
    return (await _apart(content, ["--preview"])).pages[0]


async def pages_apart(content: bytes, most: int) -> Pages:
    """Make pages of a file, in a process of its own.

    Args:
        content: All of it.
        most: At most so many pages.

    Raises:
        NotTaken: It gives none, or takes too long, or more memory than it may.
    """
    kind = kind_of(content)
    if kind in ("", "heic"):  # said at once, without a process
        raise NotTaken(FileProblem.HEIC if kind else FileProblem.OTHER_KIND)
    if len(content) > MOST_BYTES:
        raise NotTaken(FileProblem.TOO_LARGE)
    return await _apart(content, [str(most)])


async def _apart(content: bytes, words: list[str]) -> Pages:
    told = await run_apart("hub.phone.pictures", content, words)
    if told is None:
        raise NotTaken(FileProblem.TOO_SLOW)
    try:
        made = msgspec.msgpack.decode(told, type=_Made)
    except msgspec.DecodeError as error:
        raise NotTaken(FileProblem.DAMAGED) from error  # the process was ended by what it read
    if made.problem:
        raise NotTaken(FileProblem(made.problem))
    return Pages(made.pages, made.photo)


def _preview(content: bytes) -> Pages:
    if kind_of(content) == "pdf":
        return Pages((drawn_page(content, 0, PREVIEW),), photo=False)
    with Image.open(io.BytesIO(content), formats=["JPEG", "PNG"]) as picture:
        return Pages((_jpeg(ImageOps.exif_transpose(picture), PREVIEW),), photo=True)


def main(word: str) -> None:
    """Read a file from stdin, write what it gives to stdout.

    Args:
        word: How many pages at most; or `--preview`.
    """
    confine()
    Image.MAX_IMAGE_PIXELS = None  # ours are stricter, and come with a reason
    try:
        content = sys.stdin.buffer.read(MAX_PAPER_BYTES)
        made = _preview(content) if word == "--preview" else pages_of(content, int(word))
        said = _Made(photo=made.photo, pages=made.pages)
    except NotTaken as error:
        said = _Made(problem=error.problem.value)
    sys.stdout.buffer.write(msgspec.msgpack.encode(said))


if __name__ == "__main__":
    main(sys.argv[1])
