"""The shipped items are sound; a bad one is refused with file, place and reason; versions go on."""

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hub.__main__ import app
from hub.catalogue.faults import Unsound
from hub.catalogue.folder import SHIPPED, compiled
from hub.catalogue.words import searchable
from kiosk.desk.finding import search
from kiosk.wire.answers import Problem, clean, renewal, verdict
from kiosk.wire.catalogue import Item, Query

CATALOGUE = compiled(SHIPPED)
NAMED = {
    "business-licence-change", "housing-fund-withdrawal", "pension-contribution", "tax-record", "invoice-request",
    "plant-quarantine", "medical-device-filing", "eia-approval", "pollution-permit-change", "work-permit-extension",
    "social-card-replacement", "social-card-pin", "personal-credit-report", "traffic-fine", "temporary-id-card",
    "company-registration", "operator-licence-renewal", "home-visit",
}  # fmt: skip
TODAY = date(2026, 11, 23)


def item(key: str) -> Item:
    found = CATALOGUE.item(key)
    assert found is not None
    return found


def query(key: str, of: str) -> Query:
    return next(query for query in item(of).form if query.key == key)


def test_every_item_of_the_issue_is_there_and_whole() -> None:
    assert {one.key for one in CATALOGUE.items} >= NAMED
    for one in CATALOGUE.items:
        assert one.eligibility, one.key
        assert one.life_events, one.key
        assert one.keywords, one.key
        assert len(one.form) >= 4, one.key
        texts = [one.title, one.line, *one.needs, *(q.title for q in one.form), *(p.title for p in one.papers)]
        for text in texts:
            assert text.zh_hans
            assert text.zh_hant
            assert text.en
            assert text.en.isascii() or set(text.en) & set("×²–“”’"), text.en
    assert {mode.handling.value for mode in CATALOGUE.items} == {
        "here", "collect_here", "accept_remotely", "decide_remotely",
    }  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "mine"
    for part in ("items", "parts"):
        shutil.copytree(SHIPPED / part, made / part)
    shutil.copy(SHIPPED / "hall.json", made)
    return made


def edit(folder: Path, change: Callable[[Any], None], name: str = "items/traffic-fine.json") -> None:
    content = json.loads((folder / name).read_text(encoding="utf-8"))
    change(content)
    (folder / name).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def _drop_title(c: Any) -> None:
    del c["title"]["en"]


def _twice_days(c: Any) -> None:
    c["days"]["promised"] = 3


BAD: list[tuple[Callable[[Any], Any], str, str]] = [
    (_drop_title, "title", "'en' is a required property"),
    (_twice_days, "days.promised", "at_once is 0 days"),
    (lambda c: c.update(departement="police"), "the whole", "departement"),
    (lambda c: c.update(department="circus"), "department", "'circus' is none of hall.json"),
    (lambda c: c["form"]["schema"]["properties"]["plate"].update(type="strnig"), "form.schema", "strnig"),
    (lambda c: c["form"]["schema"]["properties"]["plate"].update(oneOf=[]), "form.schema", "oneOf"),
    (lambda c: c["form"]["ui"]["order"].remove("plate"), "form.ui.order", "'plate' is a property"),
    (lambda c: c["form"]["ui"]["order"].append("wheel"), "form.ui.order[7]", "'wheel' is no property"),
    (lambda c: c["form"]["ui"]["questions"].pop("plate"), "form.ui.questions", "'plate' has no words"),
    (lambda c: c["form"]["ui"]["questions"]["payer"]["choices"].pop("other"), "choices", "'other' has no title"),
    (lambda c: c["form"]["ui"]["order"].reverse(), "form.ui.order", "comes later"),
    (lambda c: c["form"]["schema"].update({"$schema": "draft-07"}), "form.schema.$schema", "2020-12"),
    (lambda c: c["eligibility"][0]["refuse"].update(no=c["eligibility"][0]["refuse"]["yes"]), "refuse", "nobody"),
    (lambda c: c["eligibility"][0]["refuse"].update(x=c["eligibility"][0]["refuse"]["yes"]), "refuse.x", "none of"),
    (lambda c: c.update(fee={"from": "plate"}), "fee.from", "no question for an amount"),
    (lambda c: c.update(handling={"mode": "collect_here"}), "handling.decided_by", "who decides"),
    (lambda c: c.update(parts=["firm"]), "parts[0]", "there is no parts/firm.json"),
    (
        lambda c: c["papers"].append({"key": "a", "title": c["title"], "deferrable_days": 5}),
        "papers[0].deferrable_days",
        "only a secondary paper",
    ),
    (
        lambda c: c["papers"].append({"key": "a", "title": c["title"], "only_if": {"payer": ["aunt"]}}),
        "papers[0].only_if.payer",
        "self, other",
    ),
]


@pytest.mark.parametrize(("change", "place", "reason"), BAD, ids=[f"{n}-{bad[1]}" for n, bad in enumerate(BAD)])
def test_a_bad_item_is_refused_with_file_place_and_reason(
    folder: Path, change: Callable[[Any], Any], place: str, reason: str
) -> None:
    edit(folder, change)
    with pytest.raises(Unsound) as refused:
        compiled(folder)
    lines = str(refused.value).splitlines()
    assert any(line.startswith("items/traffic-fine.json: ") and place in line and reason in line for line in lines), (
        lines
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"{", "line 1"), (b"\xff\xfe", "UTF-8"), (b'{"a": 1, "a": 2}', "given twice"), (b"[]", "not of type 'object'")],
)
def test_a_file_that_is_none_is_refused(folder: Path, content: bytes, reason: str) -> None:
    (folder / "items/traffic-fine.json").write_bytes(content)
    with pytest.raises(Unsound, match=reason):
        compiled(folder)


def test_everything_that_is_wrong_is_said_at_once(folder: Path) -> None:
    edit(folder, lambda c: c.update(department="circus"))
    edit(folder, lambda c: c.update(minutes=0), "items/home-visit.json")
    with pytest.raises(Unsound) as refused:
        compiled(folder)
    assert {fault.file for fault in refused.value.faults} == {"items/traffic-fine.json", "items/home-visit.json"}


def test_only_what_changed_gets_a_new_version(folder: Path) -> None:
    edit(folder, lambda c: c.update(minutes=9))
    second = compiled(folder, CATALOGUE)
    changed = second.item("traffic-fine")
    assert changed is not None
    assert (second.version, changed.version, changed.accepts_version) == (2, 2, 0)
    assert all(one == item(one.key) for one in second.items if one.key != "traffic-fine")
    edit(folder, lambda c: c.update(minutes=8, recheck_drafts=True))
    third = compiled(folder, second).item("traffic-fine")
    assert third is not None
    assert (third.version, third.accepts_version) == (3, 3)


def test_the_command_checks_and_publishes(folder: Path, tmp_path: Path) -> None:
    run = CliRunner().invoke
    assert run(app, ["catalogue", "check", str(folder)]).exit_code == 0
    data = ["--hall", "weinan", "--data", str(tmp_path / "data")]
    assert "catalogue 1" in run(app, ["catalogue", "publish", str(folder), *data]).output
    assert "nothing has changed" in run(app, ["catalogue", "publish", str(folder), *data]).output
    edit(folder, lambda c: c.update(minutes=9))
    assert "catalogue 2" in run(app, ["catalogue", "publish", str(folder), *data]).output
    edit(folder, lambda c: c.update(department="circus"))
    refused = run(app, ["catalogue", "publish", str(folder), *data])
    assert refused.exit_code == 2
    assert "items/traffic-fine.json: department" in refused.output
    checked = run(app, ["catalogue", "check", str(folder), "--json"])
    assert json.loads(checked.output)["faults"][0]["place"] == "department"


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("sbk", "social-card-replacement"), ("gjj", "housing-fund-withdrawal"), ("公积金", "housing-fund-withdrawal"),
        ("zhufanggongjijin", "housing-fund-withdrawal"), ("违章", "traffic-fine"), ("credit", "personal-credit-report"),
        ("lssfz", "temporary-id-card"), ("臨時身份證", "temporary-id-card"), ("shangmen", "home-visit"),
        ("ＣＨＡＣＨＥ", "operator-licence-renewal"), ("叉车证", "operator-licence-renewal"), ("hp", "eia-approval"),
    ],
)  # fmt: skip
def test_items_are_found_by_words_and_by_initials(typed: str, first: str) -> None:
    found = [one.key for one in search(CATALOGUE, typed)]
    assert found, typed
    assert first in found[:3], found


def test_characters_with_two_readings_are_found_by_both() -> None:
    assert {"yhxy", "yxxy"} & set(searchable("银行信用"))
    assert "yh" in searchable("银行")


@pytest.mark.parametrize(
    ("of", "key", "value", "problem"),
    [
        ("pension-contribution", "insured_number", "110101199003070011", Problem.NONE),
        ("pension-contribution", "insured_number", "110101199003070012", Problem.NOT_AN_ID),
        ("business-licence-change", "company_code", "91110000600037341l", Problem.NONE),
        ("business-licence-change", "company_code", "91110000600037342L", Problem.NOT_A_CREDIT_CODE),
        ("traffic-fine", "amount", "200", Problem.NONE),
        ("traffic-fine", "amount", "19.99", Problem.OUT_OF_RANGE),
        ("traffic-fine", "amount", "20.001", Problem.NOT_AN_AMOUNT),
        ("traffic-fine", "decision", "1234", Problem.WRONG_FORM),
        ("home-visit", "matters", "id,social", Problem.NONE),
        ("home-visit", "matters", "social,pension,medical,id,fund", Problem.TOO_MANY),
        ("home-visit", "matters", "social,dance", Problem.EMPTY),
        ("home-visit", "visit_address", "三号", Problem.TOO_SHORT),
        ("traffic-fine", "decided_on", "20260101", Problem.NOT_A_DATE),
    ],
)
def test_answers_are_checked(of: str, key: str, value: str, problem: Problem) -> None:
    asked = query(key, of)
    assert verdict(asked, clean(asked, value), {}, TODAY).problem is problem


def test_two_answers_must_agree() -> None:
    until = query("until", "housing-fund-withdrawal")
    assert verdict(until, "2025-03-01", {"since": "2025-03-01"}, TODAY).problem is Problem.CONTRADICTS
    assert verdict(until, "2025-03-02", {"since": "2025-03-01"}, TODAY).good
    green = query("green", "eia-approval")
    assert verdict(green, "9", {"investment": "10"}, TODAY).good  # as numbers, not as text
    assert not verdict(green, "100", {"investment": "20"}, TODAY).good


@pytest.mark.parametrize(
    ("runs_out", "today", "state"),
    [
        (date(2026, 5, 1), date(2026, 11, 23), "open"),
        (date(2026, 5, 1), date(2026, 12, 31), "open"),
        (date(2026, 5, 1), date(2027, 1, 1), "expired"),
        (date(2026, 7, 1), date(2026, 7, 1), "open"),
        (date(2026, 7, 1), date(2026, 7, 2), "expired"),
        (date(2027, 2, 21), date(2026, 11, 23), "open"),
        (date(2027, 2, 22), date(2026, 11, 23), "early"),
    ],
)
def test_the_rule_of_extension(runs_out: date, today: date, state: str) -> None:
    window = query("expires", "operator-licence-renewal").window
    assert window is not None
    assert renewal(window, runs_out, today).state == state
