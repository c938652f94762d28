"""RapidOCR's networks (PP-OCRv6 small, Apache-2.0) on given regions, with what else each character may be.

The wheel's own files are used, by path and hash, so nothing is ever downloaded. Of RapidOCR itself its detector and the
recogniser's session and preparation run; the last step is ours, because it must be able to read with a given alphabet
(digits, or the 37 characters of a machine readable zone) and to say what a character was nearly taken for.

The models and their runtime take about 120 MB and are loaded at the first call: the gate's worker never does.
"""

import ctypes
import gc
import hashlib
import importlib.util
import logging
import math
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.faces import Image
from kiosk.vision.text.lines import Glyph, Quad, TextError, TextLine, cut, usable

if TYPE_CHECKING:
    from rapidocr.ch_ppocr_det import TextDetector
    from rapidocr.ch_ppocr_rec import TextRecognizer

THREADS = 2
DETECTOR = ("PP-OCRv6_det_small.onnx", "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f")
RECOGNISER = ("PP-OCRv6_rec_small.onnx", "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884")
HEIGHT, LEAST_WIDTH, MOST_WIDTH = 48, 320, 3200
"""The recogniser's input: 48 pixels high, padded to at least 320 pixels, in which it was trained."""
BATCH_PIXELS = 2400
"""Lines that are recognised together are at most this wide in sum: their answers take 18,710 numbers per 8 pixels."""
SIDE = 960
LEAST_OTHER = 0.005
"""What the network gives less probability to is not told as another reading."""
MOST_OTHERS = 4

TWINS = {
    "<": "く〈《«‹＜∠≤",
    "0": "OoDQ〇○ОоΟ０",
    "1": "IilL|!Ⅰ１丨",
    "2": "ZzΖ２",
    "3": "з３",
    "4": "４",
    "5": "Ss５",
    "6": "Gбb６",
    "7": "７",
    "8": "B８",
    "9": "gq９",
}
"""Characters that look like one of a given alphabet, which the network may prefer when all are allowed."""


@dataclass(frozen=True, slots=True, eq=False)
class _Networks:
    detector: "TextDetector"
    recogniser: "TextRecognizer"
    characters: list[str]
    columns: dict[str, int]


class RapidText:
    """Finds and recognises printed Chinese and Latin text. Not safe for two threads at once.

    Args:
        threads: for the networks.
        go_on: asked before each run of a network; once it says no, every call raises `TextError`.
    """

    def __init__(self, threads: int = THREADS, go_on: Callable[[], bool] = lambda: True) -> None:
        self._threads, self._go_on = threads, go_on
        self._networks: _Networks | None = None
        self._alphabets: dict[str, tuple[list[str], list[NDArray[np.intp]]]] = {}

    @property
    def loaded(self) -> bool:
        """Whether the networks are in memory."""
        return self._networks is not None

    def close(self) -> None:
        """Give the networks' memory back. The next call loads them anew."""
        self._networks = None
        self._alphabets.clear()
        gc.collect()
        # glibc keeps what is freed in small pieces: 240 MB stay without this, 124 MB with it.
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)

    def find(self, image: Image, side: int = SIDE) -> tuple[Quad, ...]:
        """Where lines of text are, from top to bottom.

        Args:
            side: the longer side of the copy that is searched, in pixels: its cost grows with the square.

        Raises:
            TextError: the models cannot be loaded, or the runtime failed.
        """
        picture = usable(image)
        if picture is None:
            return ()
        networks = self._load()
        scale = min(side / max(picture.shape[:2]), 3.0)
        small, (across, down) = _scaled(picture, scale)
        self._still_wanted()
        try:
            boxes = networks.detector(small).boxes
        except Exception as error:  # onnxruntime's own errors have no common class
            raise TextError(f"the detector failed: {type(error).__name__}") from error
        if boxes is None:
            return ()
        factor = np.array([1 / across, 1 / down])
        return tuple(_clockwise(np.asarray(box, np.float64) * factor) for box in boxes)

    def recognise(self, image: Image, quads: Sequence[Quad], alphabet: str | None = None) -> tuple[TextLine, ...]:
        """Read lines, in the order given.

        Args:
            alphabet: the only characters that can be there, or None for all that the network knows.

        Raises:
            TextError: the models cannot be loaded, or the runtime failed.
        """
        picture = usable(image)
        if picture is None:
            return tuple(TextLine("", 0.0, quad) for quad in quads)
        return self.recognise_cut([cut(picture, quad) for quad in quads], quads, alphabet)

    def recognise_cut(
        self, strips: Sequence[Image], quads: Sequence[Quad], alphabet: str | None = None
    ) -> tuple[TextLine, ...]:
        """Read lines that are cut out already.

        Args:
            strips: each (height, width, 3), one line of text.
            quads: where they come from.
        """
        if not strips:
            return ()
        networks = self._load()
        answers: dict[int, tuple[Glyph, ...]] = {}
        for places in _batches([strip.shape[1] / strip.shape[0] for strip in strips]):
            prepared = [_prepared(strips[place]) for place in places]
            width = max([LEAST_WIDTH, *(strip.shape[2] for strip in prepared)])
            batch = np.zeros((len(places), 3, HEIGHT, width), np.float32)
            for row, strip in zip(batch, prepared, strict=True):
                row[:, :, : strip.shape[2]] = strip
            self._still_wanted()
            try:
                numbers = np.asarray(networks.recogniser.session(batch), np.float32)
            except Exception as error:  # the same
                raise TextError(f"the recogniser failed: {type(error).__name__}") from error
            for place, table, strip in zip(places, numbers, prepared, strict=True):
                answers[place] = self._decoded(table, strip.shape[2] / width, alphabet)
        return tuple(_line(answers[place], quad) for place, quad in enumerate(quads))

    def read(self, image: Image) -> tuple[TextLine, ...]:
        """Find and recognise every line; those in which nothing is read are left out.

        Raises:
            TextError: the models cannot be loaded, or the runtime failed.
        """
        return tuple(line for line in self.recognise(image, self.find(image)) if line.text)

    # Decoding -------------------------------------------------------------------------------------------------------

    def _decoded(self, table: NDArray[np.float32], share: float, alphabet: str | None) -> tuple[Glyph, ...]:
        """Greedy CTC: of each run of one character the step where it is surest.

        Args:
            table: (steps, characters), probabilities, the first for "none".
            share: how much of the steps the line takes; the rest is padding.
        """
        networks = self._load()
        raw = networks.characters
        characters = raw
        full = table
        if alphabet is not None:
            characters, groups = self._alphabet(alphabet)
            table = np.stack([full[:, group].max(axis=1) for group in groups], axis=1)
            # "None" must not win because a look-alike outside of the alphabet took the probability.
            table /= np.maximum(table.sum(axis=1, keepdims=True), 1e-9)
        steps = max(1.0, len(table) * share)
        best = table.argmax(axis=1)
        glyphs = []
        start = 0
        for end in range(1, len(best) + 1):
            if end < len(best) and best[end] == best[start]:
                continue
            if best[start] != 0:
                column = int(best[start])
                weights = table[start:end, column]
                peak = start + int(weights.argmax())
                place = (float(np.average(np.arange(start, end), weights=weights)) + 0.5) / steps
                glyphs.append(
                    Glyph(
                        characters[column],
                        float(weights.max()),
                        min(place, 1.0),
                        _others(table[peak], column, characters),
                        raw[int(full[peak, 1:].argmax()) + 1],
                    )
                )
            start = end
        return tuple(glyphs)

    def _alphabet(self, alphabet: str) -> tuple[list[str], list[NDArray[np.intp]]]:
        if alphabet not in self._alphabets:
            columns = self._load().columns
            characters, groups = ["blank"], [np.array([0], np.intp)]
            for character in alphabet:
                alike = character + TWINS.get(character, "")
                if character.isalpha() and character.isascii():
                    alike += character.lower() + chr(ord(character) + 0xFEE0)
                own = [one for one in dict.fromkeys(alike) if one == character or one not in alphabet]
                taken = [columns[one] for one in own if one in columns]
                groups.append(np.array(taken, np.intp))
                characters.append(character)
            self._alphabets[alphabet] = (characters, groups)
        return self._alphabets[alphabet]

    def _still_wanted(self) -> None:
        if not self._go_on():
            raise TextError("stopped")

    def _load(self) -> _Networks:
        if self._networks is None:
            self._networks = _load(self._threads)
        return self._networks


def _load(threads: int) -> _Networks:
    detector, recogniser = _model(*DETECTOR), _model(*RECOGNISER)
    try:
        from onnxruntime import InferenceSession, SessionOptions  # noqa: PLC0415  20 MB, only when text is read
        from rapidocr import RapidOCR  # noqa: PLC0415  30 MB, the same
        from rapidocr.ch_ppocr_det import TextDetector  # noqa: PLC0415  the same
        from rapidocr.ch_ppocr_rec import TextRecognizer  # noqa: PLC0415  the same
    except ImportError as error:
        raise TextError(f"rapidocr cannot be loaded: {error}") from error
    logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
    options = SessionOptions()
    options.intra_op_num_threads = min(threads, os.cpu_count() or 1)
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    # Waiting threads that spin would take the screens' processor.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # It loads nothing by itself before it is called: only its settings are taken, and sessions of our own put in.
    settings = RapidOCR(
        params={"Global.log_level": "critical", "Det.limit_type": "max", "Det.limit_side_len": 4096}
    ).cfg
    settings._set_flag("allow_objects", True)  # noqa: FBT003, SLF001  omegaconf's only way to hold a session
    settings.Rec.font_path = None
    try:
        settings.Det.session = InferenceSession(detector, options, providers=["CPUExecutionProvider"])
        settings.Rec.session = InferenceSession(recogniser, options, providers=["CPUExecutionProvider"])
        reader = TextRecognizer(settings.Rec)
        networks = _Networks(TextDetector(settings.Det), reader, reader.postprocess_op.character, {})
    except Exception as error:  # onnxruntime's own errors have no common class
        raise TextError(f"the models of rapidocr cannot be loaded: {error}") from error
    networks.columns.update({character: place for place, character in enumerate(networks.characters)})
    return networks


def _model(name: str, sha256: str) -> str:
    spec = importlib.util.find_spec("rapidocr")
    for place in [] if spec is None else spec.submodule_search_locations or ():
        path = Path(place) / "models" / name
        if path.is_file():
            if hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
                raise TextError(f"{name} of the package rapidocr is not the one expected")
            return str(path)
    raise TextError(f"the package rapidocr with {name} is not installed")


def _scaled(image: Image, scale: float) -> tuple[Image, tuple[float, float]]:
    """Bring a picture to a size in whole 32 pixels, as the detector needs it."""
    height, width = image.shape[:2]
    size = (max(32, round(width * scale / 32) * 32), max(32, round(height * scale / 32) * 32))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, size, interpolation=way), np.uint8), (size[0] / width, size[1] / height)


def _clockwise(quad: Quad) -> Quad:
    """Start at the corner nearest to the top left; a line that stands upright stays so."""
    return np.roll(quad, -int(np.argmin(quad.sum(axis=1))), axis=0)


def _prepared(strip: Image) -> NDArray[np.float32]:
    """(3, 48, width), -1 to 1."""
    width = min(max(math.ceil(HEIGHT * strip.shape[1] / strip.shape[0]), 8), MOST_WIDTH)
    way = cv2.INTER_AREA if strip.shape[0] > HEIGHT else cv2.INTER_LINEAR
    small = np.asarray(cv2.resize(strip, (width, HEIGHT), interpolation=way), np.float32)
    return np.ascontiguousarray(small.transpose(2, 0, 1) / np.float32(127.5) - np.float32(1.0))


def _batches(aspects: Sequence[float]) -> Iterator[list[int]]:
    """Lines of about the same length together."""
    batch: list[int] = []
    for place in sorted(range(len(aspects)), key=lambda place: aspects[place]):
        width = min(max(LEAST_WIDTH, math.ceil(HEIGHT * aspects[place])), MOST_WIDTH)
        if batch and width * (len(batch) + 1) > BATCH_PIXELS:
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch


def _others(row: NDArray[np.float32], column: int, characters: list[str]) -> tuple[tuple[str, float], ...]:
    likely = np.flatnonzero(row >= LEAST_OTHER)
    ranked = sorted(((float(row[one]), int(one)) for one in likely if one not in {0, column}), reverse=True)
    return tuple((characters[one], probability) for probability, one in ranked[:MOST_OTHERS])


def _line(glyphs: tuple[Glyph, ...], quad: Quad) -> TextLine:
    text = "".join(glyph.char for glyph in glyphs)
    score = sum(glyph.score for glyph in glyphs) / len(glyphs) if glyphs else 0.0
    return TextLine(text, score, quad, glyphs)
