"""What travels between the terminal and its vision process: length and MessagePack over a socket pair."""

from datetime import date, datetime

import msgspec

from kiosk.vision.id_photo_result import IdPhoto
from kiosk.vision.observation import (
    CodeSeen,
    KnownFace,
    Observation,
    PaperPage,
    PaperProblem,
    PaperSeen,
    Recognition,
    Reference,
)
from kiosk.vision.reading import DocumentKind, PageLines, Reading

MOST_BYTES = 32 * 1024 * 1024
"""Of one message; a page of 2,000 pixels takes some 1 MB."""
MOST_PAGE_BYTES = 24 * 1024 * 1024
"""Of a page that is to be read."""
LENGTH_BYTES = 4


class Remember(msgspec.Struct, frozen=True, tag=True):
    """Take a card's photo block as the reference."""

    number: int
    photo: bytes


class Observe(msgspec.Struct, frozen=True, tag=True):
    """Look for faces in the newest picture."""

    number: int


class Begin(msgspec.Struct, frozen=True, tag=True):
    """Begin a new active challenge."""

    number: int


class KnowFaces(msgspec.Struct, frozen=True, tag=True):
    """Know these from now on, and nobody else.

    Attributes:
        most: so many at most.
        rate: how often a stranger may be taken for one of them.
        now: the time, with its zone: whose consent has run out is not known.
    """

    number: int
    faces: tuple[KnownFace, ...]
    most: int
    rate: float
    now: datetime


class Recognise(msgspec.Struct, frozen=True, tag=True):
    """Say who of those who are known the newest picture shows."""

    number: int
    now: datetime


class RememberKnown(msgspec.Struct, frozen=True, tag=True):
    """Take the template of somebody who is known as the reference."""

    number: int
    key: str


class TakeTemplate(msgspec.Struct, frozen=True, tag=True):
    """Make a template of the newest picture, if it shows whom the reference shows."""

    number: int


class Forget(msgspec.Struct, frozen=True, tag=True):
    """Drop the reference, the challenge, the networks' scores and the kept page."""

    number: int


class LookForPaper(msgspec.Struct, frozen=True, tag=True):
    """Look for a page in the newest picture, and keep that picture."""

    number: int


class LookForCode(msgspec.Struct, frozen=True, tag=True):
    """Look for a code in the newest picture."""

    number: int


class TakePage(msgspec.Struct, frozen=True, tag=True):
    """Crop the page from the kept picture."""

    number: int


class CropSent(msgspec.Struct, frozen=True, tag=True):
    """Make a page of a picture that came from elsewhere; `whole`: it is one already."""

    number: int
    picture: bytes
    whole: bool


class TakePhoto(msgspec.Struct, frozen=True, tag=True):
    """Make an ID photo of the newest picture; `wanted` is the document's name."""

    number: int
    wanted: str


class ReadPage(msgspec.Struct, frozen=True, tag=True):
    """Read the fields of a page. Other requests are answered before this one, which may take seconds.

    Attributes:
        page: a picture file.
        wanted: the fields that are needed, or None for all.
        captions: for a form: how the paper may call a field, by key.
    """

    number: int
    page: bytes
    kind: DocumentKind
    today: date
    wanted: tuple[str, ...] | None
    captions: dict[str, tuple[str, ...]]


class ReadLines(msgspec.Struct, frozen=True, tag=True):
    """Read every line of a page, a picture file; otherwise like `ReadPage`."""

    number: int
    page: bytes


class Stop(msgspec.Struct, frozen=True, tag=True):
    """Nobody waits for the page with this request's number any more; the answer is that to the reading."""

    number: int


class Ping(msgspec.Struct, frozen=True, tag=True):
    """A sign of life, please."""

    number: int


Request = (
    Remember
    | Observe
    | Begin
    | KnowFaces
    | Recognise
    | RememberKnown
    | TakeTemplate
    | Forget
    | LookForPaper
    | LookForCode
    | TakePage
    | CropSent
    | TakePhoto
    | ReadPage
    | ReadLines
    | Stop
    | Ping
)


class Ready(msgspec.Struct, frozen=True, tag=True):
    """The engine is loaded.

    Attributes:
        trouble: what does not work all the same (the photo decoder), or empty.
    """

    trouble: str


class Broken(msgspec.Struct, frozen=True, tag=True):
    """The engine cannot be loaded; the process ends."""

    why: str


class Remembered(msgspec.Struct, frozen=True, tag=True):
    """What became of a reference; `why` is for the log, without personal data."""

    number: int
    reference: Reference
    why: str


class Observed(msgspec.Struct, frozen=True, tag=True):
    """A picture, looked at."""

    number: int
    observation: Observation


class PaperFound(msgspec.Struct, frozen=True, tag=True):
    """A picture of the desk, looked at."""

    number: int
    seen: PaperSeen


class CodeFound(msgspec.Struct, frozen=True, tag=True):
    """What code the newest picture shows, if any."""

    number: int
    seen: CodeSeen


class PageTaken(msgspec.Struct, frozen=True, tag=True):
    """The page, or None when no picture was kept."""

    number: int
    page: PaperPage | None


class SentCropped(msgspec.Struct, frozen=True, tag=True):
    """The page of a picture that came from elsewhere, and what is wrong with it; None: it is no picture."""

    number: int
    page: PaperPage | None
    problem: PaperProblem


class PhotoTaken(msgspec.Struct, frozen=True, tag=True):
    """An ID photo, or what is wrong."""

    number: int
    photo: IdPhoto


class PageRead(msgspec.Struct, frozen=True, tag=True):
    """A page, read."""

    number: int
    reading: Reading


class LinesRead(msgspec.Struct, frozen=True, tag=True):
    """A page's lines."""

    number: int
    found: PageLines


class FacesKnown(msgspec.Struct, frozen=True, tag=True):
    """How many are known; `room` is how many the stated rate is proven for."""

    number: int
    known: int
    room: int


class Recognised(msgspec.Struct, frozen=True, tag=True):
    """A picture, searched."""

    number: int
    found: Recognition


class TemplateTaken(msgspec.Struct, frozen=True, tag=True):
    """A template; empty where the picture does not serve, or shows somebody else than the reference."""

    number: int
    frame: int
    template: bytes


class Done(msgspec.Struct, frozen=True, tag=True):
    """Done as asked."""

    number: int


class NoPicture(msgspec.Struct, frozen=True, tag=True):
    """There is none in the ring."""

    number: int


class Failed(msgspec.Struct, frozen=True, tag=True):
    """The request could not be carried out; the process lives on."""

    number: int
    why: str


Reply = (
    Remembered
    | Observed
    | PaperFound
    | CodeFound
    | PageTaken
    | SentCropped
    | PhotoTaken
    | PageRead
    | LinesRead
    | FacesKnown
    | Recognised
    | TemplateTaken
    | Done
    | NoPicture
    | Failed
)
Answer = Ready | Broken | Reply

_requests: msgspec.msgpack.Decoder[Request] = msgspec.msgpack.Decoder(Request)
_answers: msgspec.msgpack.Decoder[Answer] = msgspec.msgpack.Decoder(Answer)


def pack(message: Request | Answer) -> bytes:
    """One message with its length before it."""
    body = msgspec.msgpack.encode(message)
    return len(body).to_bytes(LENGTH_BYTES, "big") + body


def length_of(start: bytes) -> int:
    """How many bytes follow these four.

    Raises:
        ValueError: no message is that long.
    """
    length = int.from_bytes(start, "big")
    if length > MOST_BYTES:
        raise ValueError(f"no message has {length} bytes")
    return length


def request_of(body: bytes) -> Request:
    """Decode a request.

    Raises:
        msgspec.MsgspecError: it is none.
    """
    return _requests.decode(body)


def answer_of(body: bytes) -> Answer:
    """Decode an answer.

    Raises:
        msgspec.MsgspecError: it is none.
    """
    return _answers.decode(body)
