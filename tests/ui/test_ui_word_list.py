"""The same word for the same thing: `docs/words.md` against every text of the screens and of the voice."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from kiosk.view.common import Language
from ui.language import LOCALE
from ui.reasons import REASONS
from ui.samples import samples
from ui.voice import spoken

LONGEST_ZH, LONGEST_EN = 34, 17
POINTING = ["it", "its", "what", "they", "this", "nothing", "everything", "number"]
"""English says the thing's name once."""


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs" / "words.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def catalogues() -> dict[Language, dict[str, str]]:
    found = {}
    for language in (Language.EN, Language.ZH_HANT):
        with (LOCALE / f"{language}.po").open("rb") as file:
            catalogue = read_po(file, locale=language.replace("-", "_"))
        found[language] = {str(m.id): str(m.string) for m in catalogue if m.id and not for_technicians(m)}
    return found


def for_technicians(message: Message) -> bool:
    """Whether only technicians read it: they say kiosk, terminal and ticket, as the command line does."""
    return all("technician" in file for file, _ in message.locations)


def rows(page: str) -> list[tuple[str, str, list[str], list[str]]]:
    found = []
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and len(cells) == 4 and cells[0] != "zh-Hans":
            english = [] if cells[2] == "–" else cells[2].split("/")
            found.append((cells[0], cells[1], english, cells[3].split("、")))
    return found


def not_said(page: str, where: str) -> list[str]:
    match = re.search(rf"Not said in {where}: (.+)", page)
    assert match is not None
    return match[1].split("、")


def has(text: str, words: list[str]) -> bool:
    return any(re.search(rf"\b{re.escape(word)}\b", text, re.IGNORECASE) for word in words)


def test_the_page_has_its_words(page: str) -> None:
    assert len(rows(page)) > 25
    for word, *_ in rows(page):
        assert sum(word == other for other, *_ in rows(page)) == 1, word


def test_the_same_word_for_the_same_thing(page: str, catalogues: dict[Language, dict[str, str]]) -> None:
    wrong = []
    for word, traditional, english, _ in rows(page):
        for source, target in catalogues[Language.ZH_HANT].items():
            if word in source and traditional not in target:
                wrong.append(f"{word} is {traditional}: {source} | {target}")
        for source, target in catalogues[Language.EN].items():
            if english and word in source and not has(target, [*english, *POINTING]):
                wrong.append(f"{word} is {' or '.join(english)}: {source} | {target}")
    assert not wrong, "\n".join(wrong)


def test_nothing_is_called_by_another_word(page: str, catalogues: dict[Language, dict[str, str]]) -> None:
    wrong = []
    for word, _, _, forbidden in rows(page):
        wrong += [f"say {word}: {s}" for s in catalogues[Language.EN] for other in forbidden if other in s]
    for other in not_said(page, "zh-Hant"):
        wrong += [f"not {other}: {target}" for target in catalogues[Language.ZH_HANT].values() if other in target]
    for other in not_said(page, "English"):
        wrong += [f"not {other}: {target}" for target in catalogues[Language.EN].values() if has(target, [other])]
    assert not wrong, "\n".join(wrong)


def test_sentences_are_short(catalogues: dict[Language, dict[str, str]]) -> None:
    wrong = []
    for source, target in catalogues[Language.EN].items():
        longest = max(len(re.sub(r"{\w+}|[“”\s]", "", part)) for part in re.split("[。！？；\n]", source))
        if longest > LONGEST_ZH:
            wrong.append(f"{longest} characters: {source}")
        words = max(len(part.split()) for part in re.split(r"[.!?;:\n]\s", target))
        if words > LONGEST_EN:
            wrong.append(f"{words} words: {target}")
    assert not wrong, "\n".join(wrong)


FAULTS = re.compile(
    r"desk\.Question-(?!choice|phone|date|digits|confirm|eligib|multi|amount|credit|text|address|rule|id)|"
    r"-(moved|wrong_card|unreadable|passport)$|CapturePaper-|TakePhoto-|ScanReceipt-(not|camera)|OutOfService|"
    r"gate\.(Refused|Referred|PassageNotice|HallFull|LanePaused)|FollowMovement-hint|LookAtCamera-|"
    r"TakingTemperature-(again|one|come)|Show(Code|Health)-|Done-(on_screen|print_unsure|unsure)|PayFee-(unsure|line|not|exp)|"
    r"Told-(not|print_unsure|line|no_|full|already|changed|queue)|NotEligible|FindItem-nothing|Sign-empty|nothing$"
)
GOOD = re.compile(
    r"FollowMovement-hint-look$|LookAtCamera-look$|CapturePaper-good$|TakePhoto-(good|look)$|Referred-silent$"
)
"""The silent referral is one on purpose: why somebody waits for staff is nobody's business."""


def test_no_fault_without_a_next_step(page: str) -> None:
    match = re.search(r"\* zh-Hans: (.+)", page)
    assert match is not None
    steps = match[1].split("、")
    faults = {name: state for name, state in samples().items() if FAULTS.search(name) and not GOOD.search(name)}
    assert len(faults) > 120
    wrong = []
    for name, state in faults.items():
        told = str(spoken(state, Language.ZH_HANS))
        if not any(step in told for step in steps):
            wrong.append(f"{name}: {told}")
    for reason, advice in REASONS.items():
        if not any(step in advice.next for step in steps):
            wrong.append(f"{reason}: {advice.next}")
    assert not wrong, "\n".join(wrong)


def test_a_text_without_a_next_step_would_be_found() -> None:
    """The check above is no mere form: a bare fault has none of its words."""
    page = "* zh-Hans: 请、可以"
    match = re.search(r"\* zh-Hans: (.+)", page)
    assert match is not None
    assert not any(step in "读卡失败。" for step in match[1].split("、"))
