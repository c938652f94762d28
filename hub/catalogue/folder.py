"""A folder of items compiled into a catalogue.

hall.json      departments and life events
items/*.json   one file an item, named as its key
parts/*.json   questions and papers that several items share
"""

import re
from pathlib import Path
from string import Formatter
from typing import Final, TypeVar

import msgspec

from hub.catalogue.faults import Fault, Unsound, read_json, shape_faults
from hub.catalogue.form import CHOOSE_ONE, Form, choices, window
from hub.catalogue.source import (
    AutomaticSource,
    Conditions,
    EligibilitySource,
    FeeSource,
    HallSource,
    ItemSource,
    PaperSource,
    PartSource,
    Words,
)
from hub.catalogue.words import searchable, text
from kiosk.wire.catalogue import (
    Ages,
    Automatic,
    Catalogue,
    Condition,
    Eligibility,
    Handling,
    Item,
    PaperFact,
    PaperWanted,
    Query,
    Refusal,
    ResultLine,
    Text,
    Topic,
)

SHIPPED: Final = Path(__file__).parent
"""The items that come with the release."""
_KEY: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_FREE: Final = Words(hans="不收费", en="Free of charge")
_T = TypeVar("_T")


def _load(file: Path, kind: type[_T], name: str) -> _T:
    content = read_json(file, name)
    faults = shape_faults(content, kind, name)
    if faults:
        raise Unsound(faults)
    try:
        return msgspec.convert(content, kind)
    except msgspec.ValidationError as error:
        raise Unsound([Fault(name, "", str(error))]) from error


class _Making:
    """One item on its way from its file; notes everything that is wrong."""

    def __init__(self, name: str, key: str, source: ItemSource, parts: dict[str, PartSource], hall: HallSource) -> None:
        self._name, self._key, self._source, self._parts, self._hall = name, key, source, parts, hall
        self.faults: list[Fault] = []
        self._form: tuple[Query, ...] = ()
        self._answers: dict[str, list[str]] = {}

    def _fault(self, place: str, reason: str) -> None:
        self.faults.append(Fault(self._name, place, reason))

    def item(self) -> Item | None:
        """The item; None when something is wrong with it."""
        source = self._source
        self._compile_form()
        department = self._hall.departments.get(source.department)
        if department is None:
            known = ", ".join(self._hall.departments)
            self._fault("department", f"{source.department!r} is none of hall.json: {known}")
        for at, topic in enumerate(source.life_events):
            if topic not in self._hall.life_events:
                self._fault(
                    f"life_events[{at}]", f"{topic!r} is none of hall.json: {', '.join(self._hall.life_events)}"
                )
        if (source.kind == "at_once") != (source.days.promised == 0):
            self._fault("days.promised", "at_once is 0 days, promised is at least 1")
        if source.days.statutory and source.days.promised > source.days.statutory:
            self._fault("days.promised", f"more than the law allows ({source.days.statutory})")
        remote = source.handling.mode is not Handling.HERE
        if remote and source.handling.decided_by is None:
            self._fault("handling.decided_by", "say who decides: the desk tells the person")
        parts = [self._parts[name] for name in source.parts if name in self._parts]
        papers = self._papers([paper for part in parts for paper in part.papers] + source.papers)
        eligibility = tuple(
            made for at, one in enumerate(source.eligibility) if (made := self._eligibility(at, one)) is not None
        )
        fee, fee_words = self._fee(source.fee)
        automatic = self._automatic(source.automatic)
        needs = (*(need for part in parts for need in part.needs), *source.needs)
        if self.faults or department is None or not self._form:
            if not self.faults:
                self._fault("form", "there is no question")
            return None
        phrases = [source.title, *source.keywords]
        return Item(
            key=self._key,
            version=1,
            title=text(source.title),
            line=text(source.line),
            department=text(department),
            department_key=source.department,
            needs=tuple(map(text, needs)),
            minutes=source.minutes,
            working_days=source.days.promised,
            statutory_days=source.days.statutory,
            fee=fee_words,
            fee_fen=fee,
            fee_from=source.fee.from_,
            form=self._form,
            papers=papers,
            audience=source.audience,
            handling=source.handling.mode,
            decided_by=text(source.handling.decided_by) if source.handling.decided_by else None,
            result_from=text(source.handling.result_from) if source.handling.result_from else None,
            delivery=tuple(source.delivery),
            life_events=tuple(source.life_events),
            keywords=tuple(dict.fromkeys(word for words in source.keywords for word in _spellings(text(words)))),
            initials=tuple(dict.fromkeys(letters for words in phrases for letters in searchable(words.hans))),
            ages=None
            if source.ages is None
            else Ages(
                least=source.ages.least,
                most=source.ages.most,
                reason=text(source.ages.reason),
                instead=text(source.ages.instead),
            ),
            eligibility=eligibility,
            notices=tuple(map(text, source.notices)),
            draft_days=source.expiry.draft_days,
            correction_days=source.expiry.correction_days,
            result_months=source.expiry.result_months,
            automatic=automatic,
        )

    def _automatic(self, source: AutomaticSource | None) -> Automatic | None:
        """How it decides itself."""
        if source is None:
            return None
        if self._source.kind != "at_once":
            self._fault("automatic", "only an item that is done at once (kind at_once) decides itself")
        known = {"name", "number", "day", "receipt", "fee", *(query.key for query in self._form)}
        for caption, value in source.lines.items():
            try:
                places = {name for _, name, _, _ in Formatter().parse(value) if name is not None}
            except ValueError:
                self._fault(f"automatic.lines.{caption}", "a { without its }, or the other way round")
                continue
            for name in sorted(places - known):
                self._fault(f"automatic.lines.{caption}", f"{{{name}}} is no question, nor one of {{name}} {{number}} "
                            "{day} {receipt} {fee}")  # fmt: skip
        return Automatic(
            title=source.title,
            lines=tuple(ResultLine(caption=caption, value=value) for caption, value in source.lines.items()),
            note=source.note,
            only_if=self._conditions(source.only_if, "automatic", {}),
            papers=source.papers,
        )

    def _compile_form(self) -> None:
        forms: list[Form] = []
        for at, name in enumerate(self._source.parts):
            if name not in self._parts:
                self._fault(f"parts[{at}]", f"there is no parts/{name}.json")
            else:
                forms.append(Form(self._parts[name].form, f"parts/{name}.json"))
        forms.append(Form(self._source.form, self._name))
        found: list[Query] = []
        for form in forms:
            for query in form.compiled():
                if any(query.key == other.key for other in found):
                    form.fault(f"{query.key!r} is asked by a part already", "ui", "order")
                found.append(query)
            self.faults += form.faults
            self._answers |= {key: form.answers(key) for key in form.properties}
        self._form = tuple(found)

    def _conditions(self, given: Conditions, place: str, more: dict[str, list[str]]) -> tuple[Condition, ...]:
        answers = self._answers | more
        for key, values in given.items():
            if key not in answers:
                self._fault(f"{place}.only_if", f"{key!r} is no question")
            elif not values or not set(values) <= set(answers[key]):
                self._fault(f"{place}.only_if.{key}", f"is to name some of {', '.join(answers[key])}")
        return tuple(Condition(key=key, values=tuple(values)) for key, values in given.items() if values)

    def _papers(self, sources: list[PaperSource]) -> tuple[PaperWanted, ...]:
        made: list[PaperWanted] = []
        asked = {query.key for query in self._form}
        for at, one in enumerate(sources):
            place = f"papers[{at}]"
            if one.key in asked or any(one.key == other.key for other in made):
                self._fault(f"{place}.key", f"{one.key!r} is taken by another paper or question")
            if one.deferrable_days and one.need.value == "required":
                self._fault(f"{place}.deferrable_days", "only a secondary paper may follow later")
            for field, query in one.compare.items():
                if not one.shows:
                    self._fault(f"{place}.compare", "say in `shows` what kind of document it is")
                if query not in asked and query not in ("card:name", "card:number"):
                    self._fault(f"{place}.compare.{field}", f"{query!r} is no question of the form")
            made.append(
                PaperWanted(
                    key=one.key,
                    title=text(one.title),
                    line=text(one.line) if one.line else None,
                    need=one.need,
                    deferrable_days=one.deferrable_days,
                    sources=tuple(one.sources),
                    both_sides=one.both_sides,
                    most_pages=one.most_pages,
                    only_if=self._conditions(one.only_if, place, {}),
                    shows=one.shows,
                    photo=one.photo,
                    reuse_days=one.reuse_days,
                    compare=tuple(PaperFact(field=field, query=query) for field, query in one.compare.items()),
                )
            )
        return tuple(made)

    def _eligibility(self, at: int, one: EligibilitySource) -> Eligibility | None:
        place = f"eligibility[{at}]"
        query = next((query for query in self._form if query.key == one.key), None)
        if query is None:
            query = self._own_question(one, place)
        elif one.title or one.choices or one.window:
            self._fault(place, f"the form asks {one.key!r}, too: title, choices and window come from there")
        if query is None:
            return None
        if query.window is not None:
            possible = ["early", "expired"]
        elif query.field == "choice":
            possible = [choice.key for choice in query.choices]
        else:
            self._fault(place, "who qualifies is asked by a choice or a date with a window")
            return None
        refusals: list[Refusal] = []
        refused: set[str] = set()
        for answers, refusal in one.refuse.items():
            keys = answers.split()
            for key in keys:
                if key not in possible:
                    self._fault(f"{place}.refuse.{answers}", f"{key!r} is none of {', '.join(possible)}")
            refused |= set(keys)
            refusals.append(Refusal(answers=tuple(keys), reason=text(refusal.reason), instead=text(refusal.instead)))
        if query.field == "choice" and refused >= set(possible):
            self._fault(f"{place}.refuse", "nobody would qualify: every answer is refused")
        earlier = self._source.eligibility[:at]
        before = {other.key: list(other.choices or ("yes", "no")) for other in earlier if not other.window}
        conditions = self._conditions(one.only_if, place, before)
        return Eligibility(query=msgspec.structs.replace(query, only_if=conditions), refusals=tuple(refusals))

    def _own_question(self, one: EligibilitySource, place: str) -> Query | None:
        if one.title is None:
            self._fault(f"{place}.title", f"the form does not ask {one.key!r}, so the question has to stand here")
            return None
        keys = list(one.choices) if one.choices else ["yes", "no"]
        found = () if one.window else choices(keys, one.choices, lambda reason: self._fault(place, reason))
        return Query(
            key=one.key,
            title=text(one.title),
            explanation=text(one.explanation or (CHOOSE_ONE if not one.window else Words(hans=" ", en=" "))),
            field="date" if one.window else "choice",
            choices=found,
            window=window(one.window) if one.window else None,
        )

    def _fee(self, fee: FeeSource) -> tuple[int | None, Text]:
        given = [name for name, there in (("fen", fee.fen is not None), ("from", bool(fee.from_))) if there]
        if len(given) == 2 or (not given and fee.words is None):
            self._fault("fee", "say fen, or from (key of an amount), or words alone for a tariff")
        if fee.from_ and not any(query.key == fee.from_ and _says_yuan(query) for query in self._form):
            self._fault("fee.from", f"{fee.from_!r} is no question for an amount, nor a choice of whole yuan")
        if fee.words is not None:
            return fee.fen, text(fee.words)
        if not fee.fen:
            return fee.fen, text(_FREE if fee.fen == 0 else Words(hans="按金额收取", en="As the amount says"))
        yuan = f"{fee.fen / 100:.2f}".removesuffix(".00")
        return fee.fen, text(Words(hans=f"{yuan} 元", en=f"{yuan} yuan"))


def _says_yuan(query: Query) -> bool:
    return query.field == "amount" or (
        query.field == "choice" and all(choice.key.isdecimal() for choice in query.choices)
    )


def _spellings(words: Text) -> tuple[str, ...]:
    return words.zh_hans, words.zh_hant, words.en


def compiled(folder: Path, before: Catalogue | None = None) -> Catalogue:
    """Compile a folder. Versions go on from the catalogue before: an item that is the same keeps its own.

    Raises:
        Unsound: says everything that is wrong.
    """
    hall = _load(folder / "hall.json", HallSource, "hall.json")
    faults: list[Fault] = []
    parts: dict[str, PartSource] = {}
    for file in sorted((folder / "parts").glob("*.json")):
        try:
            parts[file.stem] = _load(file, PartSource, f"parts/{file.name}")
        except Unsound as unsound:
            faults += unsound.faults
    made: dict[str, tuple[Item, bool]] = {}
    for file in sorted((folder / "items").glob("*.json")):
        name = f"items/{file.name}"
        if not _KEY.fullmatch(file.stem):
            faults.append(Fault(name, "", "the file's name is the item's key: small letters, digits, _ and - only"))
            continue
        try:
            source = _load(file, ItemSource, name)
        except Unsound as unsound:
            faults += unsound.faults
            continue
        making = _Making(name, file.stem, source, parts, hall)
        item = making.item()
        faults += making.faults
        if item is not None:
            made[file.stem] = (item, source.recheck_drafts)
    faults += [
        Fault("hall.json", "order", f"there is no items/{key}.json")
        for key in hall.order
        if not (folder / "items" / f"{key}.json").is_file()
    ]
    if not made and not faults:
        faults.append(Fault("items", "", "there is no item"))
    if faults:
        raise Unsound(faults)
    order = [*hall.order, *(key for key in made if key not in hall.order)]
    return Catalogue(
        version=1 if before is None else before.version + 1,
        items=tuple(_numbered(*made[key], before) for key in dict.fromkeys(order)),
        life_events=tuple(
            Topic(key=key, title=text(topic.title), line=text(topic.line)) for key, topic in hall.life_events.items()
        ),
    )


def _numbered(item: Item, recheck: bool, before: Catalogue | None) -> Item:  # noqa: FBT001  unpacked from a pair
    """With its version: the one before when nothing has changed, else the next."""
    last = before.item(item.key) if before is not None else None
    if last is None:
        return item
    same = msgspec.structs.replace(item, version=last.version, accepts_version=last.accepts_version)
    if same == last:
        return last
    version = last.version + 1
    accepts = version if recheck else last.accepts_version
    return msgspec.structs.replace(item, version=version, accepts_version=accepts)
