"""What an item's file holds. `python -m hub catalogue schema` prints it as a JSON Schema, for editors.

Texts give zh-Hans and en; zh-Hant is made from zh-Hans unless it is given, too.
"""

from datetime import date
from typing import Annotated

import msgspec

from kiosk.wire.catalogue import Audience, Delivery, Handling, Key, Need, Relation, Short, Source


class File(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Closed to unknown fields: a misspelt one is found."""


class Words(File, frozen=True, kw_only=True):
    """A text; in traditional characters only where the conversion would not do."""

    hans: Annotated[Short, msgspec.Meta(min_length=1)] = msgspec.field(name="zh-Hans")
    en: Annotated[Short, msgspec.Meta(min_length=1)]
    hant: Short = msgspec.field(name="zh-Hant", default="")


Conditions = dict[str, list[str]]
"""By the key of another question: the answers with which this applies. All of them have to hold."""


class RuleSource(File, frozen=True, kw_only=True):
    """A rule between two answers."""

    relation: Relation
    other: Key
    message: Words


class ExtensionSource(File, frozen=True, kw_only=True):
    """Documents that run out from `first` to `last` are good until `until`."""

    first: date
    last: date
    until: date
    basis: Words


class WindowSource(File, frozen=True, kw_only=True):
    """When a document that runs out may be renewed."""

    opens_days: Annotated[int, msgspec.Meta(ge=0, le=3650)]
    closes_days: Annotated[int, msgspec.Meta(ge=0, le=3650)] = 0
    extensions: list[ExtensionSource] = []


class OptionSource(Words, frozen=True, kw_only=True):
    """A choice, and perhaps a line of explanation."""

    line: Words | None = None


class QuestionSource(File, frozen=True, kw_only=True):
    """How the UI schema shows one property.

    Attributes:
        widget: only where the type does not say it: `confirm`, `code` or `amount`.
        choices: title of each value of `enum`, in the order shown; may be left out for a boolean.
    """

    title: Words
    explanation: Words | None = None
    caption: Words | None = None
    widget: Annotated[str, msgspec.Meta(pattern="^(confirm|code|amount)$")] | None = None
    choices: dict[str, OptionSource] | None = None
    unit: Words | None = None
    prefill: Annotated[str, msgspec.Meta(pattern="^[a-z_]{0,32}$")] = ""
    when: Annotated[str, msgspec.Meta(pattern="^(any|past|future)$")] = "any"
    hint: Words | None = None
    window: WindowSource | None = None
    rules: list[RuleSource] = []


class UiSchema(File, frozen=True, kw_only=True):
    """How the form is shown: the order of the questions, and each of them."""

    order: list[str]
    questions: dict[str, QuestionSource]


class FormSource(File, frozen=True, kw_only=True):
    """The form: what an answer may be (JSON Schema 2020-12), and how it is asked (UI schema)."""

    schema: dict[str, object]
    ui: UiSchema


class RefusalSource(File, frozen=True, kw_only=True):
    """Why somebody does not qualify, and what to do instead."""

    reason: Words
    instead: Words


class EligibilitySource(File, frozen=True, kw_only=True):
    """A question before one starts.

    Attributes:
        key: where the form has a property of this key, the rest of the question is taken from there.
        choices: title of each answer; `yes` and `no` where there is neither this nor a window.
        window: asks for the date on a document that runs out; refuses `early` and `expired`.
        refuse: by answer; answers that share a reason are joined by a blank.
    """

    key: Key
    title: Words | None = None
    explanation: Words | None = None
    choices: dict[str, OptionSource] | None = None
    window: WindowSource | None = None
    only_if: Conditions = {}
    refuse: Annotated[dict[str, RefusalSource], msgspec.Meta(min_length=1)]


class AgesSource(File, frozen=True, kw_only=True):
    """At which age one may apply, in whole years, both included."""

    least: Annotated[int, msgspec.Meta(ge=0, le=150)] = 0
    most: Annotated[int, msgspec.Meta(ge=0, le=150)] = 150
    reason: Words
    instead: Words


class PaperSource(File, frozen=True, kw_only=True):
    """A paper.

    Attributes:
        shows: what kind of document it is, where the terminal can read it: `id_front`, `id_back`, `licence`, `mrz`.
        photo: it is the person's photograph, to the rules of this document; the desk takes it where it can.
        compare: by field of the paper: the question that has to say the same, or `card:name`, `card:number`.
        reuse_days: how long ago the same paper may have been handed in, where `sources` has `earlier`.
    """

    key: Key
    title: Words
    line: Words | None = None
    need: Need = Need.REQUIRED
    deferrable_days: Annotated[int, msgspec.Meta(ge=0, le=90)] = 0
    sources: Annotated[tuple[Source, ...], msgspec.Meta(min_length=1)] = (Source.CAMERA, Source.PHONE)
    both_sides: bool = False
    most_pages: Annotated[int, msgspec.Meta(ge=1, le=200)] = 1
    only_if: Conditions = {}
    shows: Annotated[str, msgspec.Meta(pattern="^(id_front|id_back|licence|mrz)?$")] = ""
    compare: Annotated[dict[str, str], msgspec.Meta(max_length=8)] = {}
    photo: Annotated[str, msgspec.Meta(pattern="^(id_card|social_card|passport|visa)?$")] = ""
    reuse_days: Annotated[int, msgspec.Meta(ge=1, le=3650)] = 180


class FeeSource(File, frozen=True, kw_only=True):
    """What it costs: `fen`, or `from` (key of a question for an amount), or by a tariff in words."""

    fen: Annotated[int, msgspec.Meta(ge=0, le=100_000_000)] | None = None
    from_: str = msgspec.field(name="from", default="")
    words: Words | None = None


class HandlingSource(File, frozen=True, kw_only=True):
    """Who accepts and decides."""

    mode: Handling = Handling.HERE
    decided_by: Words | None = None
    result_from: Words | None = None


class DaysSource(File, frozen=True, kw_only=True):
    """Working days. `promised` 0 is done at once."""

    promised: Annotated[int, msgspec.Meta(ge=0, le=120)]
    statutory: Annotated[int, msgspec.Meta(ge=0, le=250)] = 0


class ExpirySource(File, frozen=True, kw_only=True):
    """What runs out."""

    draft_days: Annotated[int, msgspec.Meta(ge=1, le=90)] = 7
    correction_days: Annotated[int, msgspec.Meta(ge=1, le=90)] = 5
    result_months: Annotated[int, msgspec.Meta(ge=0, le=600)] = 0


class AutomaticSource(File, frozen=True, kw_only=True):
    """How an item that is done at once decides itself: see `kiosk.wire.catalogue.Automatic`. Its document is Chinese.

    Attributes:
        lines: captions and what stands there: texts with `{name}`, `{number}`, `{day}`, `{receipt}`, `{fee}`, or the
            key of a question.
        only_if: answers by the key of the question; others are for staff.
    """

    title: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
    lines: Annotated[dict[str, str], msgspec.Meta(min_length=1, max_length=20)]
    note: Annotated[str, msgspec.Meta(max_length=200)] = ""
    only_if: Conditions = {}
    papers: bool = False


class PartSource(File, frozen=True, kw_only=True):
    """What several items share: questions and papers, put before the item's own."""

    needs: list[Words] = []
    form: FormSource
    papers: list[PaperSource] = []


class ItemSource(File, frozen=True, kw_only=True):
    """An item's file, `items/<key>.json`; the file's name is the key.

    Attributes:
        kind: `at_once` (即办件) or `promised` (承诺件); has to agree with `days`.
        parts: names of files in `parts/` whose questions and papers come first.
        recheck_drafts: saved drafts of the version before are told of the change and checked again.
    """

    title: Words
    line: Words
    department: str
    audience: Audience = Audience.PERSON
    kind: Annotated[str, msgspec.Meta(pattern="^(at_once|promised)$")]
    days: DaysSource
    minutes: Annotated[int, msgspec.Meta(ge=1, le=240)]
    fee: FeeSource
    handling: HandlingSource = HandlingSource()
    delivery: Annotated[tuple[Delivery, ...], msgspec.Meta(min_length=1)] = (Delivery.COLLECT,)
    expiry: ExpirySource = ExpirySource()
    life_events: list[Key] = []
    keywords: list[Words] = []
    needs: Annotated[list[Words], msgspec.Meta(max_length=6)]
    ages: AgesSource | None = None
    eligibility: list[EligibilitySource] = []
    notices: list[Words] = []
    parts: list[Key] = []
    form: FormSource
    papers: list[PaperSource] = []
    recheck_drafts: bool = False
    automatic: AutomaticSource | None = None


class TopicSource(File, frozen=True, kw_only=True):
    """A life event."""

    title: Words
    line: Words


class HallSource(File, frozen=True, kw_only=True):
    """`hall.json`: the departments and life events by their keys, and the order of the items.

    Attributes:
        order: keys of items that come first; the others follow by name.
    """

    departments: dict[str, Words]
    life_events: dict[str, TopicSource]
    order: list[str] = []
