"""A form's JSON Schema and UI schema compiled into questions, with everything that is wrong on the way.

The desk asks one question a screen, so the schema is one object of plain properties. What it says beyond that is said
with `required` (always asked), with `allOf` of `if`/`then` (asked with certain answers), or not at all (may be left
out). Formats of our own: `cn-mobile`, `cn-id` (GB 11643), `cn-credit-code` (GB 32100), `cn-address`.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final, TypeGuard

from jsonschema import Draft202012Validator

from hub.catalogue.faults import Fault, path
from hub.catalogue.source import FormSource, OptionSource, QuestionSource, WindowSource, Words
from hub.catalogue.words import text
from kiosk.wire.catalogue import Choice, Condition, CrossRule, Extension, Query, Window

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_FORMATS: Final = {
    "cn-mobile": "phone",
    "cn-id": "id_number",
    "cn-credit-code": "credit_code",
    "cn-address": "address",
    "date": "date",
}
_LONGEST: Final = {"text": 60, "address": 120, "confirm": 200, "code": 32}
_KEY: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_TOP: Final = {"$schema", "$comment", "title", "type", "properties", "required", "allOf", "additionalProperties"}
_PLAIN: Final = {
    "boolean": {"type"},
    "integer": {"type", "minimum", "maximum"},
    "string": {"type", "enum", "format", "minLength", "maxLength", "pattern"},
    "array": {"type", "items", "uniqueItems", "minItems", "maxItems"},
}
YES_NO: Final = {
    "yes": OptionSource(hans="是", en="Yes"),
    "no": OptionSource(hans="否", en="No"),
}
CHOOSE_ONE: Final = Words(hans="请选一项。", en="Choose one.")
CHOOSE_SEVERAL: Final = Words(hans="可以选多项。", en="You may choose several.")
_NOTHING: Final = Words(hans=" ", en=" ")


def _is_object(value: object) -> TypeGuard[dict[str, object]]:
    return isinstance(value, dict)


def _strings(value: object) -> list[str] | None:
    if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
        return [str(one) for one in value]
    return None


class Form:
    """One form on its way from its file to questions.

    Args:
        source: as the file has it.
        file: for the faults.
        place: of the form in the file.
    """

    def __init__(self, source: FormSource, file: str, place: str = "form") -> None:
        self._source, self._file, self._place = source, file, place
        self.faults: list[Fault] = []
        found = source.schema.get("properties")
        self.properties: Mapping[str, object] = found if _is_object(found) else {}
        self.required = set(_strings(source.schema.get("required")) or [])
        self.conditions: dict[str, list[Condition]] = {}

    def fault(self, reason: str, *parts: str | int) -> None:
        """Note a fault."""
        self.faults.append(Fault(self._file, f"{self._place}.{path(parts)}" if parts else self._place, reason))

    def compiled(self) -> tuple[Query, ...]:
        """The questions, as far as they could be made out; look at `faults` first."""
        if not self._sound():
            return ()
        self._read_conditions()
        self._check_keys()
        order = self._source.ui.order
        shown = self._source.ui.questions
        keys = [key for key in dict.fromkeys(order) if key in self.properties and key in shown and _KEY.fullmatch(key)]
        found = [self._query(key, shown[key]) for key in keys]
        made = [query for query in found if query is not None]
        self._check_order(made)
        return tuple(made)

    def _check_keys(self) -> None:
        """Every property is asked once, and has words."""
        order = self._source.ui.order
        shown = self._source.ui.questions
        for key in self.properties.keys() - set(order):
            self.fault(f"{key!r} is a property of the schema, but is not asked: add it", "ui", "order")
        for key in self.properties.keys() - shown.keys():
            self.fault(f"{key!r} has no words: add it", "ui", "questions")
        for key in shown.keys() - self.properties.keys():
            self.fault("is no property of the schema", "ui", "questions", key)
        for at, key in enumerate(order):
            if key not in self.properties:
                self.fault(f"{key!r} is no property of the schema", "ui", "order", at)
            elif not _KEY.fullmatch(key):
                self.fault("small letters, digits, _ and - only", "ui", "order", at)
            if order.index(key) != at:
                self.fault(f"{key!r} is asked twice", "ui", "order", at)

    # The schema as a whole ----------------------------------------------------------------------------------------

    def _sound(self) -> bool:
        schema = self._source.schema
        for error in Draft202012Validator(Draft202012Validator.META_SCHEMA).iter_errors(schema):
            self.fault(error.message[:200], "schema", *error.absolute_path)
        if schema.get("$schema") != DIALECT:
            self.fault(f'is to be "{DIALECT}"', "schema", "$schema")
        if schema.get("type") != "object":
            self.fault('is to be "object"', "schema", "type")
        if schema.get("additionalProperties") is not False:
            self.fault("is to be false: nothing is handed in that was not asked", "schema", "additionalProperties")
        for key in schema.keys() - _TOP:
            self.fault("the desk cannot ask by this keyword", "schema", key)
        if not self.properties:
            self.fault("there is no question", "schema", "properties")
        for key in self.required - self.properties.keys():
            self.fault(f"{key!r} is no property", "schema", "required")
        return not self.faults

    def _read_conditions(self) -> None:
        """`if` these answers `then` these questions."""
        rules = self._source.schema.get("allOf", [])
        for at, rule in enumerate(rules if isinstance(rules, list) else []):
            when = rule.get("if") if _is_object(rule) else None
            then = rule.get("then") if _is_object(rule) else None
            wanted = _strings(then.get("required")) if _is_object(then) and set(then) == {"required"} else None
            if not _is_object(when) or wanted is None or set(rule) != {"if", "then"}:
                self.fault('is to be {"if": {"properties": …}, "then": {"required": […]}}', "schema", "allOf", at)
                continue
            found = self._condition(when, at)
            for key in wanted:
                if key not in self.properties:
                    self.fault(f"{key!r} is no property", "schema", "allOf", at, "then", "required")
                elif key in self.required:
                    self.fault(f"{key!r} is required anyway", "schema", "allOf", at, "then", "required")
                elif key in self.conditions:
                    self.fault(f"{key!r} has a condition already: join both", "schema", "allOf", at, "then", "required")
                else:
                    self.conditions[key] = found

    def _condition(self, when: dict[str, object], at: int) -> list[Condition]:
        place = ("schema", "allOf", at, "if")
        properties = when.get("properties")
        needed = set(_strings(when.get("required")) or [])
        if not _is_object(properties) or set(when) != {"properties", "required"} or needed != properties.keys():
            self.fault("is to have properties and, of all of them, required", *place)
            return []
        found: list[Condition] = []
        for key, test in properties.items():
            values = self._values(test)
            if values is None:
                self.fault("const, enum or contains of plain answers", *place, "properties", key)
            elif key not in self.properties:
                self.fault("is no property of the schema", *place, "properties", key)
            else:
                for value in values:
                    if value not in self.answers(key):
                        self.fault(f"{value!r} is no answer to it", *place, "properties", key)
                found.append(Condition(key=key, values=tuple(values)))
        return found

    @staticmethod
    def _values(test: object) -> list[str] | None:
        if not _is_object(test) or len(test) != 1:
            return None
        (keyword,) = test
        if keyword == "contains":
            return Form._values(test["contains"])
        values = [test["const"]] if keyword == "const" else test.get("enum")
        if isinstance(values, list) and all(isinstance(value, bool) for value in values):
            return ["yes" if value else "no" for value in values]
        return _strings(values)

    def answers(self, key: str) -> list[str]:
        """The plain answers to a choice; none for other questions."""
        rule = self.properties.get(key)
        if not _is_object(rule):
            return []
        if rule.get("type") == "boolean":
            return ["yes", "no"]
        items = rule.get("items")
        return _strings((items if _is_object(items) else rule).get("enum")) or []

    # One question -------------------------------------------------------------------------------------------------

    def _query(self, key: str, shown: QuestionSource) -> Query | None:
        rule = self.properties[key]
        kind = rule.get("type") if _is_object(rule) else None
        place = ("schema", "properties", key)
        if not _is_object(rule) or kind not in _PLAIN:
            self.fault(f"type is to be one of {', '.join(_PLAIN)}", *place)
            return None
        for keyword in rule.keys() - _PLAIN[str(kind)] - {"$comment", "title", "description"}:
            self.fault(f"the desk cannot ask a {kind} by this keyword", *place, keyword)
        field = self._field(key, rule, shown)
        if field is None:
            return None
        self._check_shown(key, field, shown)
        least, most = self._bounds(key, rule, field)
        pattern = str(rule.get("pattern", ""))
        body = pattern.removeprefix("^").removesuffix("$")
        shortest, longest = rule.get("minLength", 1), rule.get("maxLength", _LONGEST.get(field, 200))
        if not isinstance(shortest, int) or not isinstance(longest, int) or not 0 < shortest <= longest <= 500:
            self.fault("0 < minLength ≤ maxLength ≤ 500", *place)
            return None
        default = {"choice": CHOOSE_ONE, "multi": CHOOSE_SEVERAL}.get(field, _NOTHING)
        return Query(
            key=key,
            title=text(shown.title),
            explanation=text(shown.explanation or default),
            field=field,
            choices=self._choices(key, shown),
            prefill=shown.prefill,
            unit=text(shown.unit) if shown.unit else None,
            least=least,
            most=most,
            when=shown.when,
            caption=text(shown.caption) if shown.caption else None,
            optional=key not in self.required and key not in self.conditions,
            shortest=shortest,
            longest=longest,
            pattern=body,
            hint=text(shown.hint) if shown.hint else None,
            window=window(shown.window) if shown.window else None,
            rules=tuple(
                CrossRule(relation=one.relation, other=one.other, message=text(one.message)) for one in shown.rules
            ),
            only_if=tuple(self.conditions.get(key, ())),
        )

    def _field(self, key: str, rule: dict[str, object], shown: QuestionSource) -> str | None:
        place = ("schema", "properties", key)
        kind, form = rule["type"], rule.get("format")
        fits = {"confirm": "string", "code": "string", "amount": "integer"}
        if shown.widget is not None and fits[shown.widget] != kind:
            self.fault(f"{shown.widget} is for a {fits[shown.widget]}", "ui", "questions", key, "widget")
            return None
        if shown.widget == "code" and "pattern" not in rule:
            self.fault("a code has a pattern", *place, "pattern")
        if kind == "array":
            if not self.answers(key) or rule.get("uniqueItems") is not True:
                self.fault('is to have items {"enum": […]} and uniqueItems true', *place)
                return None
            return "multi"
        if form is not None and form not in _FORMATS:
            self.fault(f"{form!r} is none of {', '.join(_FORMATS)}", *place, "format")
            return None
        if kind == "boolean" or "enum" in rule:
            if self.answers(key) == ["yes", "no"] and kind != "boolean":
                self.fault("yes and no are a boolean", *place, "enum")
            return "choice"
        plain = "digits" if kind == "integer" else "text"
        return shown.widget or (_FORMATS[str(form)] if form else plain)

    def _check_shown(self, key: str, field: str, shown: QuestionSource) -> None:
        place = ("ui", "questions", key)
        if shown.when != "any" and field != "date":
            self.fault("is for a date", *place, "when")
        if shown.window is not None and field != "date":
            self.fault("is for a date", *place, "window")
        if field == "code" and shown.hint is None:
            self.fault("says what the code looks like; add it", *place, "hint")
        if field == "confirm" and not shown.prefill:
            self.fault("what is only confirmed has to come from somewhere", *place, "prefill")
        for at, one in enumerate(shown.rules):
            if one.other not in self.properties or one.other == key:
                self.fault(f"{one.other!r} is no other question", *place, "rules", at, "other")

    def _bounds(self, key: str, rule: dict[str, object], field: str) -> tuple[int | None, int | None]:
        names = {"digits": ("minimum", "maximum"), "amount": ("minimum", "maximum"), "multi": ("minItems", "maxItems")}
        if field not in names:
            return None, None
        low, high = (rule.get(name) for name in names[field])
        least = low if isinstance(low, int) else None
        most = high if isinstance(high, int) else None
        if least is not None and most is not None and least > most:
            self.fault(f"nothing lies between {least} and {most}", "schema", "properties", key)
        return (1 if field == "multi" and least is None else least), most

    def _choices(self, key: str, shown: QuestionSource) -> tuple[Choice, ...]:
        answers = self.answers(key)
        if not answers:
            if shown.choices:
                self.fault("the schema has no enum", "ui", "questions", key, "choices")
            return ()
        return choices(answers, shown.choices, lambda reason: self.fault(reason, "ui", "questions", key, "choices"))

    def _check_order(self, made: list[Query]) -> None:
        """What a question depends on is asked before it."""
        places = {query.key: at for at, query in enumerate(made)}
        for query in made:
            for condition in query.only_if:
                if places.get(condition.key, len(made)) >= places[query.key]:
                    self.fault(f"{query.key!r} depends on {condition.key!r}, which comes later", "ui", "order")
            for rule in query.rules:
                if places.get(rule.other, -1) > places[query.key]:
                    self.fault(f"{query.key!r} is compared with {rule.other!r}, which comes later", "ui", "order")


def choices(
    answers: list[str], shown: dict[str, OptionSource] | None, fault: Callable[[str], None]
) -> tuple[Choice, ...]:
    """The titles of the answers, in the order in which they are shown."""
    titles: Mapping[str, OptionSource] = shown or (YES_NO if answers == ["yes", "no"] else {})
    for key in answers:
        if key not in titles:
            fault(f"the answer {key!r} has no title")
    for key in titles.keys() - set(answers):
        fault(f"{key!r} is no answer by the schema")
    return tuple(
        Choice(key=key, title=text(words), line=text(words.line) if words.line else None)
        for key, words in titles.items()
    )


def window(source: WindowSource) -> Window:
    """A window of renewal."""
    return Window(
        opens_days=source.opens_days,
        closes_days=source.closes_days,
        extensions=tuple(
            Extension(first=one.first, last=one.last, until=one.until, basis=text(one.basis))
            for one in source.extensions
        ),
    )
