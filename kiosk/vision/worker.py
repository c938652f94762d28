"""The vision process: looks at pictures in the ring and answers over a socket pair. Started by `client`.

It is started anew (`python -m kiosk.vision.worker`), never forked: threads, GL and OpenCV do not survive that. It ends
with its parent, whatever kills the parent: the kernel is asked to (PR_SET_PDEATHSIG), and the socket's end is one more
sign. Faces, the reference and pages are in this process's memory only.
"""

import signal
import socket
import sys
import threading
from collections import deque
from pathlib import Path

import cv2
import msgspec
import numpy as np

from drivers.kinds import Frame
from kiosk.vision import codes, id_photo, messages, papers, wlt
from kiosk.vision.challenge import Challenge
from kiosk.vision.children import end_with
from kiosk.vision.engines import open_engine
from kiosk.vision.faces import Embedding, EngineError, Face, FaceEngine, Image
from kiosk.vision.frames import Ring
from kiosk.vision.id_photo_eyes import Eyes
from kiosk.vision.id_photo_layout import FORMATS
from kiosk.vision.id_photo_result import IdPhoto, PhotoProblem
from kiosk.vision.known import Known
from kiosk.vision.liveness import PassiveNets
from kiosk.vision.masks import MaskClassifier
from kiosk.vision.observation import (
    CodeSeen,
    FaceBand,
    FaceProblem,
    Mask,
    Observation,
    PaperProblem,
    PaperSeen,
    PassiveFiles,
    Reference,
)
from kiosk.vision.pages.direction import DirectionReader
from kiosk.vision.pages.finish import finish
from kiosk.vision.pages.picture import PageProblem
from kiosk.vision.papers.sent import page_in, picture_of
from kiosk.vision.quality import problem_of
from kiosk.vision.scribe import Scribe

LIVENESS_SCORES = 15
"""The networks' newest scores that count."""
INVERSE_EVERY = 4
"""Each so many pictures are also searched for light codes on dark: it takes twice as long."""
TRIES = 3
"""How often a picture that was overwritten while it was looked at is replaced by a newer one."""


class Eye:
    """Everything that the process remembers, and what it does with a picture. One thread.

    Args:
        ring: where pictures come from.
        engine: compares faces.
        decoder: decodes cards' photos.
        masks: tells whether a mask is worn; None where its weights cannot be used.
        passive: the liveness networks, or why they are not there; None where none are configured.
        desk: where the picture of the empty desk is kept; None keeps none.
    """

    def __init__(
        self,
        ring: Ring,
        engine: FaceEngine,
        decoder: wlt.PhotoDecoder,
        masks: MaskClassifier | None = None,
        passive: PassiveNets | None = None,
        desk: Path | None = None,
    ) -> None:
        self._ring, self._engine, self._decoder = ring, engine, decoder
        self._masks, self._passive = masks, passive or PassiveNets(PassiveFiles())
        self._reference: Embedding | None = None
        self._known = Known(ring, self._serving, self._accepts)
        self._scores: deque[float | None] = deque(maxlen=LIVENESS_SCORES)
        self._challenge: Challenge | None = None
        self._page: tuple[Frame, papers.Found] | None = None
        self._desk = papers.EmptyDesk(kept=None if desk is None else papers.KeptDesk(desk))
        self._direction: DirectionReader | None = None
        self._eyes: Eyes | None = None
        self._twice, self._linked = codes.TwoFrames(), codes.Linked()

    def read_directions(self, reader: DirectionReader) -> None:
        """Turn pages upright by their text from now on."""
        self._direction = reader

    def answer(self, request: messages.Request) -> messages.Reply:
        """Carry out a request. Whatever goes wrong with a picture is an answer, not the end of the process."""
        try:
            return self._answer(request)
        except Exception as error:  # noqa: BLE001  a hostile picture may raise anything out of OpenCV or dlib
            return messages.Failed(request.number, f"{type(error).__name__} in {type(request).__name__}")

    def warm_up(self) -> None:
        """Let the networks allocate what they need, so that the first person does not wait for it."""
        blank = np.full((480, 640, 3), 127, np.uint8)
        self._engine.detect(blank)
        points = np.array([[270, 200], [370, 200], [320, 260], [285, 310], [355, 310]], np.float32)
        self._engine.embed(blank, Face((220, 120, 200, 260), points, 1.0))

    def _answer(self, request: messages.Request) -> messages.Reply:
        match request:
            case messages.Remember():
                return self._remember(request)
            case messages.Observe():
                return self._observe(request.number)
            case messages.LookForPaper() | messages.LookForCode():
                return self._look_for(request)
            case messages.TakePage() | messages.TakePhoto() | messages.CropSent():
                return self._take(request)
            case messages.KnowFaces() | messages.Recognise() | messages.TakeTemplate() | messages.RememberKnown():
                return self._ask_known(request)
            case messages.Begin():
                self._challenge = Challenge()
                self._scores.clear()
            case messages.Forget():
                self._reference = self._page = self._challenge = None
                self._scores.clear()
                self._twice.forget()
                self._linked.forget()
        return messages.Done(request.number)

    # Faces ----------------------------------------------------------------------------------------------------------

    def _remember(self, request: messages.Remember) -> messages.Remembered:
        self._reference = None
        self._scores.clear()
        try:
            portrait = self._decoder.decode(request.photo)
        except wlt.NoDecoder as error:
            return messages.Remembered(request.number, Reference.NO_DECODER, str(error))
        except wlt.Unreadable as error:
            return messages.Remembered(request.number, Reference.NO_FACE, str(error))
        self._reference = self._engine.template(portrait)
        if self._reference is None:
            return messages.Remembered(request.number, Reference.NO_FACE, "no face is found in the photo")
        return messages.Remembered(request.number, Reference.READY, "")

    def _observe(self, number: int) -> messages.Reply:
        for _ in range(TRIES):
            view = self._ring.look()
            if view is None:
                return messages.NoPicture(number)
            observation = self._look_at_faces(view.image, view.number, view.taken)
            if view.whole():
                return messages.Observed(number, observation)
        frame = self._ring.copy()  # pictures come faster than they can be looked at
        if frame is None:
            return messages.NoPicture(number)
        return messages.Observed(number, self._look_at_faces(frame.image, frame.number, frame.taken))

    def _look_at_faces(self, image: Image, number: int, taken: float) -> Observation:
        faces = self._engine.detect(image)
        mask = self._mask_of(image, faces[0]) if faces else Mask.NOT_MEASURED
        problem = problem_of(image, faces, mask)
        similarity: float | None = None
        if self._reference is not None and problem is FaceProblem.NONE:
            similarity = self._engine.similarity(self._engine.embed(image, faces[0]), self._reference)
        if problem is FaceProblem.NONE and not self._passive.why_not:
            self._scores.append(self._passive.score(image, faces[0]))
        return Observation(
            number,
            taken,
            tuple(face.seen() for face in faces),
            problem,
            similarity,
            mask,
            self._passive.verdict(self._scores).liveness,
            None if self._challenge is None else self._challenge.see(taken, faces, image),
        )

    def _serving(self, frame: Frame) -> tuple[FaceProblem, Embedding | None]:
        """The nearest face of a picture in numbers, where the picture serves for comparing."""
        faces = self._engine.detect(frame.image)
        mask = self._mask_of(frame.image, faces[0]) if faces else Mask.NOT_MEASURED
        problem = problem_of(frame.image, faces, mask)
        return problem, self._engine.embed(frame.image, faces[0]) if problem is FaceProblem.NONE else None

    def _ask_known(
        self, request: messages.KnowFaces | messages.Recognise | messages.TakeTemplate | messages.RememberKnown
    ) -> messages.Reply:
        match request:
            case messages.KnowFaces():
                return self._known.know(request)
            case messages.Recognise():
                return self._known.recognise(request)
            case messages.TakeTemplate():
                return self._known.take_template(request.number, self._reference)
        self._reference = self._known.template(request.key)
        self._scores.clear()
        found = Reference.NO_FACE if self._reference is None else Reference.READY
        return messages.Remembered(request.number, found, "")

    def _accepts(self, one: Embedding, other: Embedding) -> bool:
        return self._engine.card.bands.of(self._engine.similarity(one, other)) is FaceBand.ACCEPT

    def _take(self, request: messages.TakePage | messages.TakePhoto | messages.CropSent) -> messages.Reply:
        if isinstance(request, messages.CropSent):
            return self._crop_sent(request)
        if isinstance(request, messages.TakePhoto):
            return self._take_photo(request)
        return self._take_page(request.number)

    def _take_photo(self, request: messages.TakePhoto) -> messages.Reply:
        frame = self._ring.copy()
        if frame is None:
            return messages.NoPicture(request.number)
        wanted = FORMATS[request.wanted]
        try:
            self._eyes = self._eyes or Eyes()
        except EngineError:
            photo = IdPhoto(frame.number, (PhotoProblem.NOT_AVAILABLE,), None)
            return messages.PhotoTaken(request.number, photo)
        made = id_photo.attempt(frame.image, self._engine.detect, self._eyes.settle, self._mask_of, wanted)
        jpeg = None if made.photo is None else id_photo.encode(made.photo, wanted)
        return messages.PhotoTaken(request.number, IdPhoto(frame.number, made.problems, jpeg))

    def _mask_of(self, image: Image, face: Face) -> Mask:
        return Mask.NOT_MEASURED if self._masks is None else self._masks.measure(image, face).answer

    # Papers ---------------------------------------------------------------------------------------------------------

    def _look_for(self, request: messages.LookForPaper | messages.LookForCode) -> messages.Reply:
        if isinstance(request, messages.LookForPaper):
            return self._look_for_paper(request.number)
        return self._look_for_code(request.number)

    def _look_for_paper(self, number: int) -> messages.Reply:
        self._page = None
        frame = self._ring.copy()
        if frame is None:
            return messages.NoPicture(number)
        found = self._desk.find(frame.image)
        if found is None:
            return messages.PaperFound(number, PaperSeen(frame.number, frame.taken, None, PaperProblem.NO_PAPER))
        self._page = (frame, found)
        seen = PaperSeen(
            frame.number, frame.taken, found.outline(frame.image), found.problem, round(found.confidence, 3)
        )
        return messages.PaperFound(number, seen)

    def _take_page(self, number: int) -> messages.PageTaken:
        if self._page is None:
            return messages.PageTaken(number, None)
        frame, found = self._page
        self._page = None
        flat = papers.straightened(frame.image, found.corners)
        return messages.PageTaken(number, papers.paper_page(self._finished(flat), frame.number))

    def _crop_sent(self, request: messages.CropSent) -> messages.SentCropped:
        picture = picture_of(request.picture)
        if picture is None:
            return messages.SentCropped(request.number, None, PaperProblem.NO_PAPER)
        problem = PaperProblem.NONE
        if not request.whole:
            picture, problem = page_in(picture)
            picture = self._finished(picture)
        return messages.SentCropped(request.number, papers.paper_page(picture, 0), problem)

    def _finished(self, flat: Image) -> Image:
        """A page made ready; what cannot be is kept as it was seen."""
        finished = finish(flat, reader=self._direction, faces=self._engine.detect)
        return finished.image if finished.problem is PageProblem.NONE else flat

    # Codes ----------------------------------------------------------------------------------------------------------

    def _look_for_code(self, number: int) -> messages.Reply:
        frame = self._ring.copy()
        if frame is None:
            return messages.NoPicture(number)
        seen = codes.live(frame.image, inverse=frame.number % INVERSE_EVERY == 0)
        shown = (*seen.readings, *seen.parts)
        outline = shown[0].outline if shown else None
        for code in self._twice.look(tuple(reading.code for reading in shown)):
            whole = self._linked.add(code)
            if whole is not None:
                said = codes.text_of(whole.segments)
                return messages.CodeFound(number, CodeSeen(frame.number, whole.payload, said.text, outline))
        return messages.CodeFound(number, CodeSeen(frame.number, outline=outline, missing=self._linked.missing))


def serve(
    line: socket.socket, ring: Ring, engine: str, decoder: str, files: PassiveFiles, desk: Path | None = None
) -> int:
    """Answer requests until the parent has gone. Returns the exit status."""
    troubles: list[str] = []
    photos: wlt.PhotoDecoder
    try:
        photos = wlt.open_decoder(decoder)
    except wlt.NoDecoder as error:
        photos = wlt.NoPhoto()
        troubles.append(str(error))
    masks: MaskClassifier | None = None
    try:
        masks = MaskClassifier()
    except EngineError as error:
        troubles.append(str(error))
    passive = PassiveNets(files)
    if passive.why_not and files != PassiveFiles():
        troubles.append(passive.why_not)
    trouble = "; ".join(troubles)
    try:
        eye = Eye(ring, open_engine(engine), photos, masks, passive, desk)
        eye.read_directions(DirectionReader())
        eye.warm_up()
    except (EngineError, ImportError, cv2.error) as error:
        line.sendall(messages.pack(messages.Broken(str(error))))
        return 1
    line.sendall(messages.pack(messages.Ready(trouble)))
    sending = threading.Lock()

    def send(reply: messages.Reply) -> None:
        with sending:
            line.sendall(messages.pack(reply))

    scribe = Scribe(send)
    while (body := _receive(line)) is not None:
        match request := messages.request_of(body):
            case messages.ReadPage() | messages.ReadLines():
                scribe.read(request)
                continue
            case messages.Stop():
                scribe.stop(request.number)
                continue
            case messages.Forget():
                scribe.stop()
        send(eye.answer(request))
    return 0


def _receive(line: socket.socket) -> bytes | None:
    start = _exactly(line, messages.LENGTH_BYTES)
    return None if start is None else _exactly(line, messages.length_of(start))


def _exactly(line: socket.socket, length: int) -> bytes | None:
    got = bytearray()
    while len(got) < length:
        piece = line.recv(length - len(got))
        if not piece:
            return None
        got += piece
    return bytes(got)


def main(words: list[str]) -> int:
    """Run with: the parent's id, socket and ring by descriptor, engine, decoder, liveness files as JSON, data folder.

    Returns:
        The exit status.
    """
    parent, line, ring, engine, decoder, files, desk = words
    end_with(int(parent))
    # Ctrl-C reaches the whole group of processes; the terminal ends this one when it is through.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
    try:
        passive = msgspec.json.decode(files, type=PassiveFiles)
        folder = Path(desk) if desk else None
        return serve(socket.socket(fileno=int(line)), Ring.attach(int(ring)), engine, decoder, passive, folder)
    except (BrokenPipeError, ConnectionResetError):
        return 0  # the parent has gone


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
