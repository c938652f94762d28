"""Values of any type on the wire, with hostile text wherever it may stand; pages and forms as a browser reads them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from html.parser import HTMLParser
from random import Random
from typing import Any
from urllib.parse import urljoin, urlsplit

import uuid6
from hypothesis import Phase, find, settings
from hypothesis.strategies import from_regex
from msgspec import inspect

TAG = "x-evil"
TEXTS = (
    f"=1+1<{TAG}>'\"'); DROP TABLE event;--",
    f"\" {TAG}=1 onload=1 '{TAG}=1 x=",
    f"javascript:{TAG}//%00../../{{{{7*7}}}}${{x}}",
    f"@SUM(1)\u202e\u0007\r\n</script><{TAG}>😀%s%d",
    "\x00'||(SELECT 1)||'\x00\ufffe",
)
"""SQL, HTML, attributes, addresses, formulas, templates, paths, turned text, control characters, the zero character."""

Fill = Callable[[str, str], object]
"""The value of a field, by the name of its struct and its own; `Ellipsis` for one made by its type."""


def made(kind: inspect.Type, text: str, now: datetime, fill: Fill) -> Any:  # noqa: PLR0911, PLR0912  a line a type
    """A value as JSON knows it, as full as the type allows.

    Args:
        kind: The type.
        text: What stands where text may be free.
        now: What stands where a time must.
        fill: Fields that need a value which the type does not tell.
    """

    def of(part: inspect.Type) -> Any:
        return made(part, text, now, fill)

    match kind:
        case inspect.Metadata(type=inner):
            return of(inner)
        case inspect.StrType(pattern=pattern, max_length=most):
            return _matching(pattern) if pattern else text[:most]
        case inspect.BytesType():
            return text.encode()
        case inspect.UUIDType():
            return uuid6.uuid7()
        case inspect.DateTimeType():
            return now
        case inspect.DateType():
            return now.date()
        case inspect.BoolType():
            return True
        case inspect.IntType(ge=least, gt=more):
            return least if least is not None else more + 1 if more is not None else 1
        case inspect.FloatType(ge=least):
            return least or 0.0
        case inspect.EnumType(cls=cls):
            return next(iter(cls)).value
        case inspect.LiteralType(values=values):
            return values[0]
        case inspect.UnionType(types=types):
            return of(next((part for part in types if not isinstance(part, inspect.NoneType)), types[0]))
        case inspect.DictType(key_type=key, value_type=value):
            return {of(key): of(value)}
        case (
            inspect.ListType(item_type=item, min_length=least) | inspect.VarTupleType(item_type=item, min_length=least)
        ):
            return [of(item) for _ in range(least or 1)]
        case inspect.TupleType(item_types=items):
            return [of(item) for item in items]
        case inspect.StructType(cls=cls, tag_field=tag_field, tag=tag, fields=fields):
            whole: dict[str, Any] = {} if tag is None or tag_field is None else {tag_field: tag}
            for each in fields:
                given = fill(cls.__name__, each.name)
                whole[each.encode_name] = of(each.type) if given is ... else given
            return whole
        case _:
            raise AssertionError(f"no value of {kind}")


@cache
def _matching(pattern: str) -> str:
    """A text of a shape that leaves no room for a hostile one."""
    as_it_comes = settings(database=None, phases=[Phase.generate])
    return find(from_regex(pattern), lambda text: not text.endswith("\n"), settings=as_it_comes, random=Random(1))


def kinds_of(union: Any) -> list[Any]:
    """The members of a union of structs."""
    return list(getattr(union, "__args__", (union,)))


@dataclass
class Field:
    """Something in a form that takes a value."""

    name: str
    kind: str
    value: str


@dataclass
class Asked:
    """A form."""

    action: str
    method: str
    fields: list[Field] = field(default_factory=list)


class Page(HTMLParser):
    """What a browser makes of a page.

    Attributes:
        hostile: Tags and attributes that only a text from outside can have made, and addresses that run something.
    """

    def __init__(self, at: str, html: str) -> None:
        super().__init__()
        self._at = at
        self.hostile: list[str] = []
        self.links: set[str] = set()
        self.forms: list[Asked] = []
        self._select: Field | None = None
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == TAG or TAG in given or any(name.startswith("on") for name in given):
            self.hostile.append(self.get_starttag_text() or tag)
        for name in ("href", "src", "action", "hx-get", "hx-post", "formaction"):
            if given.get(name, "").strip().lower().startswith(("javascript:", "data:t", "//")):
                self.hostile.append(self.get_starttag_text() or tag)
        if tag == "a" and "href" in given:
            self.links.add(self._own(given["href"]))
        for name in ("hx-get", "src"):
            if name in given:
                self.links.add(self._own(given[name]))
        if tag == "form":
            self.forms.append(Asked(self._own(given.get("action", self._at)), given.get("method", "get").lower()))
        if self.forms:
            self._part(tag, given)

    def _part(self, tag: str, given: dict[str, str]) -> None:
        fields = self.forms[-1].fields
        if tag == "option" and self._select is not None:
            if not self._select.value or "selected" in given:
                self._select.value = given.get("value", "")
        elif tag in {"input", "textarea", "select", "button"} and given.get("name"):
            kind = given.get("type", "text") if tag == "input" else tag
            fields.append(Field(given["name"], kind, given.get("value", "")))
            self._select = fields[-1] if tag == "select" else None

    def _own(self, address: str) -> str:
        whole = urlsplit(urljoin(self._at, address))
        return "" if whole.scheme or whole.netloc else whole.path + (f"?{whole.query}" if whole.query else "")


def filled(form: Asked, text: str) -> Iterator[dict[str, str]]:
    """A form with a hostile text in every field that is typed into; and once with it in every field there is."""
    typed = {"text", "textarea", "search", "tel", "email", "password", "url"}
    yield {each.name: text if each.kind in typed else each.value for each in form.fields}
    yield {each.name: text for each in form.fields}
