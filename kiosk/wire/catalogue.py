"""Service items as data: signed by the hub, kept on the desk."""

from typing import Annotated

import msgspec

from kiosk.wire.evidence import Name, Wire

Short = Annotated[str, msgspec.Meta(max_length=200)]


class Text(Wire, frozen=True, kw_only=True):
    """A text in each language of the screens."""

    zh_hans: Short
    zh_hant: Short
    en: Short


class Choice(Wire, frozen=True, kw_only=True):
    """One possible answer."""

    key: Name
    title: Text


class Query(Wire, frozen=True, kw_only=True):
    """One question of an item's form.

    Attributes:
        field: `choice`, `phone`, `digits`, `date` or `confirm`.
        prefill: `address` takes it from the card.
        least, most: bounds of a `digits` answer, inclusive.
        when: for a `date`: `any`, `past` (today included) or `future` (today included).
    """

    key: Name
    title: Text
    explanation: Text
    field: Annotated[str, msgspec.Meta(pattern="^(choice|phone|digits|date|confirm)$")]
    choices: tuple[Choice, ...] = ()
    prefill: Annotated[str, msgspec.Meta(pattern="^(|address)$")] = ""
    unit: Text | None = None
    least: int | None = None
    most: int | None = None
    when: Annotated[str, msgspec.Meta(pattern="^(any|past|future)$")] = "any"


class PaperWanted(Wire, frozen=True, kw_only=True):
    """One paper that belongs to an application."""

    key: Name
    title: Text


class Item(Wire, frozen=True, kw_only=True):
    """One service item (事项).

    Attributes:
        working_days: promised working days; 0 is done at once (即办件).
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


class Catalogue(Wire, frozen=True, kw_only=True):
    """All items of a hall."""

    version: Annotated[int, msgspec.Meta(ge=1)]
    items: Annotated[tuple[Item, ...], msgspec.Meta(min_length=1)]
