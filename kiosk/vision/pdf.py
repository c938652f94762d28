"""Pages as one PDF: small, true to size, searchable, marked PDF/A-2b (ISO 19005-2), the same bytes for the same pages.

`pdf_page` makes each page small at once, so that a document of many pages never needs all its pictures in memory;
`bind` puts them together. Pictures go in by img2pdf without being encoded again; profile, text and mark by pikepdf. The
mark is a claim: no validator is at hand. Nothing but the pages is in it: no names, no dates, no machine.
"""

import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import cv2
import img2pdf
import numpy as np
import pikepdf
from numpy.typing import NDArray
from PIL import Image as Pictures

from kiosk.vision.faces import Image
from kiosk.vision.pages import colour_profile
from kiosk.vision.pages.finish import Tone, toned
from kiosk.vision.pages.picture import PageProblem, as_picture
from kiosk.vision.pages.text_layer import (
    WIDE,
    Codes,
    LineOnPage,
    PlacedLine,
    content,
    empty_font,
    placed,
)

A4_MM = (210.0, 297.0)
A4_SLACK = 0.04
"""A page whose sides are that near to A4's proportion is A4."""
MM_PER_INCH, POINTS_PER_INCH = 25.4, 72.0
MOST_DPI = 300
MOST_PAGES = 200
MOST_BYTES = {Tone.COLOUR: 500_000, Tone.GREY: 500_000, Tone.BILEVEL: 60_000}
QUALITIES = (46, 54, 62, 70, 75, 80, 85)
"""Of JPEG. Below 46 the rings around strokes reach the neighbouring ones."""
FEWER_DPI = (240, 200)
"""When the lowest quality is still too large: 200 dpi is what offices ask at least of a scan."""
LEAST_MM, MOST_MM = 10.0, 1200.0
PRODUCER = "hall-kiosk"
_FONT = "/KioskText"


class PdfProblem(StrEnum):
    """Why there is no page, or no document."""

    NONE = "none"
    NO_PAGES = "no_pages"
    TOO_MANY_PAGES = "too_many_pages"
    """More than 200."""
    PAGE_TOO_LARGE = "page_too_large"
    """More than 60 million pixels."""
    NOT_A_PAGE = "not_a_page"
    """Empty, too small or no picture; or a page that was refused before."""
    BAD_SIZE = "bad_size"
    """The true size given is no paper's: 10 mm to 1.2 m."""


@dataclass(frozen=True, slots=True)
class PdfPage:
    """A page, encoded.

    Attributes:
        data: JPEG, or TIFF of CCITT group 4 for bilevel pages.
        width: in pixels.
        height: in pixels.
        size_mm: of the paper.
        dpi: dots an inch that the picture truly has: never enlarged.
        quality: of JPEG; 0 for bilevel pages.
        small_enough: whether it keeps to `MOST_BYTES` at a quality that can be read.
        lines: text to lay under it.
    """

    data: bytes
    tone: Tone
    width: int
    height: int
    size_mm: tuple[float, float]
    dpi: int
    quality: int
    small_enough: bool
    lines: tuple[PlacedLine, ...]
    problem: PdfProblem = PdfProblem.NONE


@dataclass(frozen=True, slots=True)
class Bound:
    """A document.

    Attributes:
        data: the PDF; empty when there is a problem.
    """

    data: bytes
    pages: int
    problem: PdfProblem


def pdf_page(
    image: NDArray[np.generic],
    tone: Tone = Tone.COLOUR,
    lines: Iterable[LineOnPage] = (),
    size_mm: tuple[float, float] | None = None,
) -> PdfPage:
    """Encode one finished page.

    Args:
        image: (height, width, 3) BGR, or (height, width).
        tone: how to keep it.
        lines: its text, in the picture's pixels.
        size_mm: its true size, where it is known; else A4, within which pages of other proportions are made to fit.
    """
    picture, problem = as_picture(image)
    if problem is PageProblem.TOO_LARGE:
        return _refused(tone, PdfProblem.PAGE_TOO_LARGE)
    if problem is not PageProblem.NONE:
        return _refused(tone, PdfProblem.NOT_A_PAGE)
    height, width = picture.shape[:2]
    size = size_mm or _size(width, height)
    if not all(math.isfinite(side) and LEAST_MM <= side <= MOST_MM for side in size):
        return _refused(tone, PdfProblem.BAD_SIZE)
    text = placed(lines, width, height)
    picture = _at_most(picture, size, MOST_DPI)
    if tone is Tone.BILEVEL:
        return _bilevel_page(picture, size, text, already=image.ndim == 2 and _only_black_and_white(image))
    return _jpeg_page(picture, tone, size, text)


def bind(pages: Sequence[PdfPage]) -> Bound:
    """Put pages together, in the order given."""
    if not pages:
        return Bound(b"", 0, PdfProblem.NO_PAGES)
    if len(pages) > MOST_PAGES:
        return Bound(b"", 0, PdfProblem.TOO_MANY_PAGES)
    for page in pages:
        if page.problem is not PdfProblem.NONE or not page.data:
            return Bound(b"", 0, page.problem if page.problem is not PdfProblem.NONE else PdfProblem.NOT_A_PAGE)
    codes = Codes(line.text for page in pages for line in page.lines)
    out = io.BytesIO()
    with pikepdf.new() as document:
        font = _font(document, codes) if len(codes) else None
        for page in pages:
            _add(document, page, codes, font)
        _mark(document)
        document.save(
            out, force_version="1.7", deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate
        )
    return Bound(out.getvalue(), len(pages), PdfProblem.NONE)


# Pages --------------------------------------------------------------------------------------------------------------


def _refused(tone: Tone, problem: PdfProblem) -> PdfPage:
    return PdfPage(b"", tone, 0, 0, (0.0, 0.0), 0, 0, small_enough=False, lines=(), problem=problem)


def _size(width: int, height: int) -> tuple[float, float]:
    """A4 upright or on its side; other proportions fit into it."""
    paper = A4_MM if height >= width else (A4_MM[1], A4_MM[0])
    off = (width / height) / (paper[0] / paper[1])
    if abs(off - 1.0) <= A4_SLACK:
        return paper
    if off > 1.0:
        return paper[0], max(LEAST_MM, paper[0] * height / width)
    return max(LEAST_MM, paper[1] * width / height), paper[1]


def _dpi(picture: Image, size: tuple[float, float]) -> int:
    """Dots an inch of the picture on its paper, the lower of the two ways."""
    height, width = picture.shape[:2]
    return round(min(float(width) / size[0], float(height) / size[1]) * MM_PER_INCH)


def _at_most(picture: Image, size: tuple[float, float], dpi: int) -> Image:
    width, height = (round(side / MM_PER_INCH * dpi) for side in size)
    if picture.shape[1] <= width and picture.shape[0] <= height:
        return picture
    scale = min(width / picture.shape[1], height / picture.shape[0])
    to = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    return np.asarray(cv2.resize(picture, to, interpolation=cv2.INTER_AREA), np.uint8)


def _jpeg_page(picture: Image, tone: Tone, size: tuple[float, float], text: tuple[PlacedLine, ...]) -> PdfPage:
    """The best quality that is small enough; then fewer dots; then the smallest there is."""
    budget = MOST_BYTES[tone]
    data, quality = b"", 0
    for dpi in (MOST_DPI, *FEWER_DPI):
        picture = _at_most(picture, size, dpi)
        pixels = toned(picture, tone)
        low, high = 0, len(QUALITIES) - 1
        data, quality = _jpeg(pixels, QUALITIES[low]), QUALITIES[low]
        if len(data) > budget:
            continue
        while low < high:
            middle = (low + high + 1) // 2
            tried = _jpeg(pixels, QUALITIES[middle])
            if len(tried) <= budget:
                low, data, quality = middle, tried, QUALITIES[middle]
            else:
                high = middle - 1
        break
    height, width = picture.shape[:2]
    return PdfPage(data, tone, width, height, size, _dpi(picture, size), quality, len(data) <= budget, text)


def _jpeg(pixels: NDArray[np.uint8], quality: int) -> bytes:
    how = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_OPTIMIZE, 1, cv2.IMWRITE_JPEG_PROGRESSIVE, 1]
    _, data = cv2.imencode(".jpg", pixels, how)
    return data.tobytes()


def _only_black_and_white(image: NDArray[np.generic]) -> bool:
    return image.dtype == np.bool_ or (image.dtype == np.uint8 and bool(np.isin(image, (0, 255)).all()))


def _bilevel_page(picture: Image, size: tuple[float, float], text: tuple[PlacedLine, ...], *, already: bool) -> PdfPage:
    """Group 4; a page full of dots (a photo, a screen) is cleaned of the smaller ones until it is small enough."""
    page = np.where(picture[:, :, 0] > 127, 255, 0).astype(np.uint8) if already else toned(picture, Tone.BILEVEL)
    budget = MOST_BYTES[Tone.BILEVEL]
    data = _group4(page)
    for side in (3, 5):
        if len(data) <= budget:
            break
        page = np.asarray(cv2.medianBlur(page, side), np.uint8)
        data = _group4(page)
    height, width = page.shape[:2]
    dpi = _dpi(picture, size)
    return PdfPage(data, Tone.BILEVEL, width, height, size, dpi, 0, len(data) <= budget, text)


def _group4(page: NDArray[np.uint8]) -> bytes:
    out = io.BytesIO()
    Pictures.fromarray(page > 127).save(out, "TIFF", compression="group4")
    return out.getvalue()


# The document -------------------------------------------------------------------------------------------------------


def _points(millimetres: float) -> float:
    return round(millimetres / MM_PER_INCH * POINTS_PER_INCH, 2)


def _add(document: pikepdf.Pdf, page: PdfPage, codes: Codes, font: pikepdf.Object | None) -> None:
    width, height = _points(page.size_mm[0]), _points(page.size_mm[1])

    def layout(_width: int, _height: int, _dpi: tuple[float, float]) -> tuple[float, float, float, float]:
        return width, height, width, height

    single = img2pdf.convert(page.data, layout_fun=layout, nodate=True, engine=img2pdf.Engine.pikepdf)
    with pikepdf.open(io.BytesIO(single)) as source:
        document.pages.append(source.pages[0])
    if font is None or not page.lines:
        return
    added = document.pages[-1]
    added.Resources.Font = pikepdf.Dictionary({_FONT: font})
    # Before the picture: a viewer that draws text of mode 3 all the same draws it under the page.
    added.contents_add(content(page.lines, codes, width, height, _FONT), prepend=True)


def _font(document: pikepdf.Pdf, codes: Codes) -> pikepdf.Object:
    """The empty font with this document's codes: a composite font of TrueType outlines (ISO 32000-1, 9.7)."""
    name = pikepdf.Name("/KIOSKT+Unseen")
    descriptor = document.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.FontDescriptor,
            FontName=name,
            Flags=4,
            FontBBox=pikepdf.Array([0, -120, 1000, 880]),
            ItalicAngle=0,
            Ascent=880,
            Descent=-120,
            CapHeight=880,
            StemV=80,
            FontFile2=document.make_stream(empty_font(), Length1=len(empty_font())),
        )
    )
    child = document.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.CIDFontType2,
            BaseFont=name,
            CIDSystemInfo=pikepdf.Dictionary(Registry=b"Adobe", Ordering=b"Identity", Supplement=0),
            FontDescriptor=descriptor,
            DW=WIDE,
            W=pikepdf.Array([1, pikepdf.Array(codes.widths())]),
            CIDToGIDMap=document.make_stream(codes.glyphs()),
        )
    )
    return document.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.Type0,
            BaseFont=name,
            Encoding=pikepdf.Name("/Identity-H"),
            DescendantFonts=pikepdf.Array([child]),
            ToUnicode=document.make_stream(codes.to_unicode()),
        )
    )


def _mark(document: pikepdf.Pdf) -> None:
    """What PDF/A-2b wants of the document as a whole: profile, metadata, and the claim."""
    profile = document.make_stream(colour_profile.srgb(), N=3, Alternate=pikepdf.Name.DeviceRGB)
    document.Root.OutputIntents = pikepdf.Array(
        [
            pikepdf.Dictionary(
                Type=pikepdf.Name.OutputIntent,
                S=pikepdf.Name.GTS_PDFA1,
                OutputConditionIdentifier=colour_profile.NAME.encode("ascii"),
                Info=colour_profile.NAME.encode("ascii"),
                DestOutputProfile=profile,
            )
        ]
    )
    metadata = document.make_stream(_XMP.encode("utf-8"))
    metadata.stream_dict.Type = pikepdf.Name.Metadata
    metadata.stream_dict.Subtype = pikepdf.Name.XML
    document.Root.Metadata = metadata
    document.Root.Lang = pikepdf.String("zh-CN")
    document.docinfo[pikepdf.Name.Producer] = PRODUCER


_XMP = f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
 xmlns:dc="http://purl.org/dc/elements/1.1/">
<pdfaid:part>2</pdfaid:part>
<pdfaid:conformance>B</pdfaid:conformance>
<pdf:Producer>{PRODUCER}</pdf:Producer>
<dc:format>application/pdf</dc:format>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>
"""
