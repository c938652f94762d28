import io
import json
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.errors import BadFrame
from drivers.kinds import DocumentKind, IdCard
from kiosk import log
from kiosk.wire.gb11643 import check_character

NUMBERS = ("110101199003070011", "11010119900307003X", "830000199001010022")


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_known_field_is_written_and_any_other_is_masked(written: io.StringIO) -> None:
    log.logger("gate").info("decided", verdict="admit", name="王小明", card_number=NUMBERS[0])
    (line,) = lines(written)
    assert line["verdict"] == "admit"
    assert line["name"] == line["card_number"] == "masked"
    assert "王小明" not in written.getvalue()


@pytest.mark.parametrize("number", NUMBERS)
def test_an_identity_number_in_a_message_is_masked(written: io.StringIO, number: str) -> None:
    log.logger("gate").warning(f"could not read {number} from the card", detail=f"card {number}")
    logging.getLogger("another.library").error("failed for %s", number)
    logging.getLogger("another.library").error("failed for %(number)s", {"number": number})
    log.logger("gate").info("nested", detail={"code": number, "who": number}, reasons=[number])
    assert number not in written.getvalue()
    assert written.getvalue().count("[id]") >= 4


def test_a_traceback_is_searched_too(written: io.StringIO) -> None:
    try:
        raise ValueError(f"bad number {NUMBERS[0]} of 13800138000")
    except ValueError:
        log.logger("gate").exception("failed")
    assert NUMBERS[0] not in written.getvalue()
    assert "13800138000" not in written.getvalue()
    assert "ValueError" in written.getvalue()


def test_a_frame_of_a_card_is_not_written(written: io.StringIO) -> None:
    frame = "王小明110101199003070011".encode("utf-16-le")
    try:
        raise BadFrame("checksum", frame)
    except BadFrame as error:
        log.logger("device").exception("failed", detail=str(error), frame=frame)
    assert "王小明" not in written.getvalue()
    assert "30 bytes" in written.getvalue() or "42 bytes" in written.getvalue()


def test_a_card_does_not_show_itself() -> None:
    from datetime import date

    card = IdCard(
        DocumentKind.RESIDENT,
        "王小明",
        NUMBERS[0],
        "1",
        "01",
        date(1990, 3, 7),
        "北京市",
        "",
        date(2020, 1, 1),
        None,
        b"",
    )
    assert "王" not in repr(card)
    assert NUMBERS[0] not in f"{card}"


@given(
    st.text("0123456789", min_size=17, max_size=17), st.text(" 人:,，。", max_size=3), st.text(" 人:,，。", max_size=3)
)
def test_no_number_passes_whatever_stands_around_it(first17: str, before: str, after: str) -> None:
    number = first17 + check_character(first17)
    assert number not in log.scrub(before + number + after)


def test_ordinary_figures_stay() -> None:
    assert log.scrub("seq 12345, 576 dots, 2026-11-22") == "seq 12345, 576 dots, 2026-11-22"
