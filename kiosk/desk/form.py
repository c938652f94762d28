"""Questions of an item's form as the screens take them."""

from kiosk.view.common import Words
from kiosk.view.desk import NO_WORDS, AnswerProblem, Field, Option, Part, Question
from kiosk.wire.answers import GOOD, Verdict
from kiosk.wire.catalogue import Query, Text

_LIMITS = {"phone": 11, "date": 10, "digits": 12, "amount": 12, "id_number": 18, "credit_code": 18}


def words(text: Text | None) -> Words:
    """A text of the catalogue, as the screens take it."""
    return NO_WORDS if text is None else Words(text.zh_hans.strip(), text.zh_hant.strip(), text.en.strip())


def question(
    query: Query,
    *,
    step: int,
    steps: int,
    value: str,
    found: Verdict = GOOD,
    prefilled: bool = False,
    part: Part = Part.FORM,
    can_save: bool = False,
) -> Question:
    """A question as a view state."""
    limit = query.most or len(query.choices) if query.field == "multi" else query.longest
    return Question(
        step=step,
        steps=steps,
        key=query.key,
        title=words(query.title),
        explanation=words(query.explanation),
        field=Field(query.field),
        value=value,
        options=tuple(Option(choice.key, words(choice.title), words(choice.line)) for choice in query.choices),
        unit=words(query.unit),
        max_length=_LIMITS.get(query.field, limit),
        problem=AnswerProblem(found.problem.value),
        message=words(found.message),
        optional=query.optional,
        prefilled=prefilled,
        part=part,
        can_save=can_save,
    )


def shown(value: str, query: Query) -> Words:
    """An answer as the check page shows it."""
    if not value:
        return _NOTHING
    chosen = [choice.title for choice in query.choices if choice.key in value.split(",")]
    if chosen:
        return Words(
            "、".join(title.zh_hans for title in chosen),
            "、".join(title.zh_hant for title in chosen),
            "; ".join(title.en for title in chosen),
        )
    if query.unit is not None:
        unit = words(query.unit)
        return Words(f"{value} {unit.zh_hans}", f"{value} {unit.zh_hant}", f"{value} {unit.en}")
    value = grouped(value, query)
    return Words(value, value, value)


_NOTHING = Words("（未填）", "（未填）", "(left empty)")


def grouped(value: str, query: Query) -> str:
    """An answer in groups that can be compared by eye."""
    match query.field:
        case "id_number":
            return f"{value[:6]} {value[6:14]} {value[14:]}"
        case "credit_code":
            return f"{value[:2]} {value[2:8]} {value[8:17]} {value[17:]}"
        case "phone":
            return f"{value[:3]} {value[3:7]} {value[7:]}"
        case _:
            return value
