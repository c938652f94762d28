"""Service items as data: signed by the hub, kept on the desk.

The hub compiles an item from its file (JSON Schema 2020-12 and a UI schema, `hub/catalogue`) into this typed form; the
desk asks what stands here and knows no schema. Every field added after the first release has a default, so that an
older catalogue is still read.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated

import msgspec

from kiosk.wire.evidence import Name, Wire

Short = Annotated[str, msgspec.Meta(max_length=200)]
Key = Annotated[str, msgspec.Meta(pattern="^[a-z0-9][a-z0-9_-]{0,63}$")]
"""Names an item, question, paper or topic."""
MOST_LETTERS = 500
"""Of one answer (the sealed content takes no longer one)."""


class Text(Wire, frozen=True, kw_only=True):
    """A text in each language of the screens."""

    zh_hans: Short
    zh_hant: Short
    en: Short


class Choice(Wire, frozen=True, kw_only=True):
    """One possible answer."""

    key: Name
    title: Text
    line: Text | None = None
    """One line of explanation."""


class Condition(Wire, frozen=True, kw_only=True):
    """Another answer on which a question or paper depends: one of `values` was given."""

    key: Name
    values: Annotated[tuple[Name, ...], msgspec.Meta(min_length=1)]


class Relation(StrEnum):
    """How an answer has to stand to an earlier one."""

    NOT_BEFORE = "not_before"
    AFTER = "after"
    AT_MOST = "at_most"
    AT_LEAST = "at_least"
    DIFFERS = "differs"


class CrossRule(Wire, frozen=True, kw_only=True):
    """A rule between two answers, e.g. the end lies after the start."""

    relation: Relation
    other: Name
    message: Text
    """What is wrong, and what to do."""


class Extension(Wire, frozen=True, kw_only=True):
    """Licences that ran out in a span of days are taken as good until a later one (有效期顺延)."""

    first: date
    last: date
    until: date
    basis: Text
    """By which decree, in words for the holder."""


class Window(Wire, frozen=True, kw_only=True):
    """When a document that runs out may be renewed.

    Attributes:
        opens_days: so many days before it runs out.
        closes_days: so many days after it has run out, by its date or by an extension.
    """

    opens_days: Annotated[int, msgspec.Meta(ge=0, le=3650)]
    closes_days: Annotated[int, msgspec.Meta(ge=0, le=3650)] = 0
    extensions: tuple[Extension, ...] = ()


FIELDS = (
    "choice", "multi", "phone", "digits", "amount", "date", "confirm", "text", "address", "id_number", "credit_code",
    "code",
)  # fmt: skip
"""How a question is answered: see `Query.field`."""


class Query(Wire, frozen=True, kw_only=True):
    """One question of an item's form.

    Attributes:
        field: `choice` (the answer is its key), `multi` (keys joined by `,`), `phone`, `digits` (a whole number),
            `amount` (yuan, `12.50`), `date`, `confirm` (a prefilled text), `text`, `address`, `id_number` (GB 11643),
            `credit_code` (GB 32100), or `code` (capital letters and digits, `pattern`).
        prefill: the fact this is about: of the card `address`, `name`, `number`, `birth`, `sex`, `valid_to`; or one
            that an earlier answer of the same person gave, e.g. `phone`.
        least, most: bounds, inclusive: of a `digits` answer; of an `amount` in fen; of a `multi` how many.
        shortest, longest: bounds of a typed text in characters.
        pattern: regular expression of a whole `code`, and `hint` says in words what it looks like.
        when: for a `date`: `any`, `past` (today included) or `future` (today included).
        caption: for the check page; the title where there is none.
        only_if: all of them, or the question is not asked.
    """

    key: Name
    title: Text
    explanation: Text
    field: Annotated[str, msgspec.Meta(pattern=f"^({'|'.join(FIELDS)})$")]
    choices: tuple[Choice, ...] = ()
    prefill: Annotated[str, msgspec.Meta(pattern="^[a-z_]{0,32}$")] = ""
    unit: Text | None = None
    least: int | None = None
    most: int | None = None
    when: Annotated[str, msgspec.Meta(pattern="^(any|past|future)$")] = "any"
    caption: Text | None = None
    optional: bool = False
    shortest: Annotated[int, msgspec.Meta(ge=0, le=MOST_LETTERS)] = 1
    longest: Annotated[int, msgspec.Meta(ge=1, le=MOST_LETTERS)] = 200
    pattern: Annotated[str, msgspec.Meta(max_length=100)] = ""
    hint: Text | None = None
    window: Window | None = None
    rules: tuple[CrossRule, ...] = ()
    only_if: tuple[Condition, ...] = ()


class Refusal(Wire, frozen=True, kw_only=True):
    """Who gives one of these answers does not qualify, and this is why, and what to do instead."""

    answers: Annotated[tuple[Name, ...], msgspec.Meta(min_length=1)]
    """Keys of choices; for a date with a window `early` or `expired`."""
    reason: Text
    instead: Text


class Eligibility(Wire, frozen=True, kw_only=True):
    """Asked before one starts. A question whose key the form has, too, is not asked again there."""

    query: Query
    refusals: Annotated[tuple[Refusal, ...], msgspec.Meta(min_length=1)]


class Ages(Wire, frozen=True, kw_only=True):
    """Whole years of age at which one may apply, both included; read from the card, not asked."""

    least: Annotated[int, msgspec.Meta(ge=0, le=150)] = 0
    most: Annotated[int, msgspec.Meta(ge=0, le=150)] = 150
    reason: Text
    instead: Text


class Need(StrEnum):
    """How much an application needs a paper."""

    REQUIRED = "required"
    SECONDARY = "secondary"


class Source(StrEnum):
    """Where a paper may come from."""

    CAMERA = "camera"
    PHONE = "phone"
    EARLIER = "earlier"
    """The same paper of an earlier submission of the same person."""


class PaperFact(Wire, frozen=True, kw_only=True):
    """A field of a paper that has to say what was answered.

    Attributes:
        field: of the paper: `number`, `name`, `code`, `valid_until` … (`kiosk.vision.reading.Key`).
        query: key of the question; or a fact of the person's card, `card:name` or `card:number`.
    """

    field: Name
    query: Name


class PaperWanted(Wire, frozen=True, kw_only=True):
    """One paper that belongs to an application.

    Attributes:
        shows: what kind of document it is, where the terminal can read it: `id_front`, `id_back`, `licence`, `mrz`.
        compare: what is read of it and compared with the answers.
        deferrable_days: the paper may follow within so many days against a promise (容缺受理); 0 may not.
        both_sides: front and back belong on one page (a card).
        photo: it is the person's photograph, to this document's rules: `id_card`, `social_card`, `passport`, `visa`;
            the desk takes it where it can.
        most_pages: how many pages it may have.
        reuse_days: how long ago the same paper may have been handed in, where `sources` has `earlier`.
    """

    key: Name
    title: Text
    line: Text | None = None
    need: Need = Need.REQUIRED
    deferrable_days: Annotated[int, msgspec.Meta(ge=0, le=90)] = 0
    sources: Annotated[tuple[Source, ...], msgspec.Meta(min_length=1)] = (Source.CAMERA,)
    both_sides: bool = False
    most_pages: Annotated[int, msgspec.Meta(ge=1, le=200)] = 1
    only_if: tuple[Condition, ...] = ()
    shows: Annotated[str, msgspec.Meta(pattern="^(id_front|id_back|licence|mrz)?$")] = ""
    compare: Annotated[tuple[PaperFact, ...], msgspec.Meta(max_length=8)] = ()
    photo: Annotated[str, msgspec.Meta(pattern="^(id_card|social_card|passport|visa)?$")] = ""
    reuse_days: Annotated[int, msgspec.Meta(ge=1, le=3650)] = 180


class Handling(StrEnum):
    """Who accepts and who decides."""

    HERE = "here"
    """This hall's own matter."""
    COLLECT_HERE = "collect_here"
    """Collected here, accepted and decided at the home office (代收代办)."""
    ACCEPT_REMOTELY = "accept_remotely"
    """Accepted where it is handed in, for the home office, which decides (远程受理)."""
    DECIDE_REMOTELY = "decide_remotely"
    """Accepted and decided where it is handed in, for the home office (远程办结)."""


class Delivery(StrEnum):
    """How the result comes to the person."""

    COLLECT = "collect"
    COURIER = "courier"


class ResultLine(Wire, frozen=True, kw_only=True):
    """One line of a result that is made by itself.

    Attributes:
        value: a text with places: `{name}`, `{number}` (both masked), `{day}`, `{receipt}`, `{fee}`, or an answer by
            its question's key.
    """

    caption: Short
    value: Short


class Automatic(Wire, frozen=True, kw_only=True):
    """How an item that is done at once decides itself; what does not fit waits for staff.

    Attributes:
        title: of the result's document, which is made in Chinese.
        lines: what stands in it.
        note: under them.
        only_if: all of them; other answers are for staff.
        papers: it decides although papers came with it: they are kept and not judged. Otherwise such an application
            is for staff.
    """

    title: Short
    lines: Annotated[tuple[ResultLine, ...], msgspec.Meta(min_length=1, max_length=20)]
    note: Short = ""
    only_if: tuple[Condition, ...] = ()
    papers: bool = False


class Audience(StrEnum):
    """Who applies."""

    PERSON = "person"
    COMPANY = "company"


class Item(Wire, frozen=True, kw_only=True):
    """One service item (事项).

    Attributes:
        working_days: promised working days; 0 is done at once (即办件).
        statutory_days: what the law allows, in working days; 0 where it says nothing or it is done at once.
        fee: in words.
        fee_fen: in fen; None where it is not the same for everybody (`fee_from`, or by tariff).
        fee_from: key of the `amount` question that says what is to be paid, or of a choice whose keys are yuan.
        decided_by, result_from: who decides and where the result comes from, where `handling` is not `here`.
        needs: what to have ready.
        keywords: other words people use for it.
        initials: for the search: pinyin and its initials of title and keywords, made when it is published.
        draft_days: how long a saved draft is kept.
        correction_days: working days to mend what the office asks for.
        result_months: how long the result is good for; 0 without end.
        accepts_version: oldest version of the item whose drafts are still taken as they are.
        automatic: of an item that is done at once: the hub decides by this. None: staff do.
        department_key: names the department's hours and queue at the hub; empty in an older catalogue.
    """

    key: Name
    version: Annotated[int, msgspec.Meta(ge=1)]
    title: Text
    line: Text
    department: Text
    needs: tuple[Text, ...]
    minutes: Annotated[int, msgspec.Meta(ge=1, le=240)]
    working_days: Annotated[int, msgspec.Meta(ge=0, le=120)]
    fee: Text
    form: Annotated[tuple[Query, ...], msgspec.Meta(min_length=1, max_length=60)]
    papers: Annotated[tuple[PaperWanted, ...], msgspec.Meta(max_length=20)] = ()
    audience: Audience = Audience.PERSON
    statutory_days: Annotated[int, msgspec.Meta(ge=0, le=250)] = 0
    fee_fen: Annotated[int, msgspec.Meta(ge=0, le=100_000_000)] | None = None
    fee_from: Annotated[str, msgspec.Meta(max_length=64)] = ""
    handling: Handling = Handling.HERE
    decided_by: Text | None = None
    result_from: Text | None = None
    delivery: tuple[Delivery, ...] = (Delivery.COLLECT,)
    life_events: tuple[Name, ...] = ()
    keywords: tuple[Short, ...] = ()
    initials: tuple[Short, ...] = ()
    ages: Ages | None = None
    eligibility: Annotated[tuple[Eligibility, ...], msgspec.Meta(max_length=12)] = ()
    notices: Annotated[tuple[Text, ...], msgspec.Meta(max_length=6)] = ()
    draft_days: Annotated[int, msgspec.Meta(ge=1, le=90)] = 7
    correction_days: Annotated[int, msgspec.Meta(ge=1, le=90)] = 5
    result_months: Annotated[int, msgspec.Meta(ge=0, le=600)] = 0
    accepts_version: Annotated[int, msgspec.Meta(ge=0)] = 0
    department_key: Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9_-]{0,64}$")] = ""
    automatic: Automatic | None = None


class Topic(Wire, frozen=True, kw_only=True):
    """A life event (一件事) under which items are found."""

    key: Name
    title: Text
    line: Text


class Catalogue(Wire, frozen=True, kw_only=True):
    """All items of a hall."""

    version: Annotated[int, msgspec.Meta(ge=1)]
    items: Annotated[tuple[Item, ...], msgspec.Meta(min_length=1)]
    life_events: tuple[Topic, ...] = ()

    def item(self, key: str) -> Item | None:
        """The item of a key."""
        return next((item for item in self.items if item.key == key), None)
