"""The parser of machine readable zones. The published specimens are those of ICAO Doc 9303, parts 4 to 7."""

import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.specimens import zone
from kiosk.vision.mrz import MrzKind, MrzStatus, Part, check_digit, parse

TODAY = date(2026, 11, 22)
PASSPORT = ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"]
CARD = ["I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"]
TD2 = ["I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6"]
VISA_A = ["V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L8988901C4XXX4009078F96121096ZE184226B<<<<<<"]
VISA_B = ["V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "L8988901C4XXX4009078F9612109<<<<<<<<"]


@pytest.mark.parametrize(
    ("lines", "kind", "number", "birth", "expiry"),
    [
        (PASSPORT, MrzKind.TD3, "L898902C3", date(1974, 8, 12), date(2012, 4, 15)),
        (CARD, MrzKind.TD1, "D23145890", date(1974, 8, 12), date(2012, 4, 15)),
        (TD2, MrzKind.TD2, "D23145890", date(1974, 8, 12), date(2012, 4, 15)),
        (VISA_A, MrzKind.MRV_A, "L8988901C", date(1940, 9, 7), date(1996, 12, 10)),
        (VISA_B, MrzKind.MRV_B, "L8988901C", date(1940, 9, 7), date(1996, 12, 10)),
    ],
)
def test_published_specimens(lines: list[str], kind: MrzKind, number: str, birth: date, expiry: date) -> None:
    result = parse(lines, TODAY)
    assert (result.status, result.kind, result.failed) == (MrzStatus.VALID, kind, ())
    assert (result.number, result.birth, result.expiry, result.sex) == (number, birth, expiry, "F")
    assert (result.surname, result.given_names, result.issuer) == ("ERIKSSON", "ANNA MARIA", "UTO")
    assert result.confirm_names
    assert not result.repaired
    assert result.lines == tuple(lines)


def test_a_number_that_goes_on_in_the_optional_field() -> None:
    # Doc 9303-5, 4.2.2.2: D23145890734 with its check digit 9 behind it.
    lines = ["I<UTOD23145890<7349<<<<<<<<<<<", "3407127M9507122UTO<<<<<<<<<<<2", "STEVENSON<<PETER<JOHN<<<<<<<<<"]
    result = parse(lines, TODAY)
    assert (result.status, result.number, result.optional) == (MrzStatus.VALID, "D23145890734", "")
    wrong = [lines[0].replace("7349", "7348"), *lines[1:]]
    assert Part.NUMBER in parse(wrong, TODAY).failed


def test_the_old_french_card() -> None:
    first = "IDFRABERTHIER".ljust(30, "<") + "880692"
    second = "880692310285" + check_digit("880692310285") + "CORINNE<<<<<<<" + "651206" + check_digit("651206") + "F"
    result = parse([first, second + check_digit(first + second)], TODAY)
    assert (result.status, result.kind) == (MrzStatus.VALID, MrzKind.FRENCH_ID)
    assert (result.surname, result.given_names, result.birth) == ("BERTHIER", "CORINNE", date(1965, 12, 6))


@pytest.mark.parametrize("seed", range(30))
def test_every_wrong_digit_is_noticed(seed: int) -> None:
    """Whatever the digit: a zone with one altered digit is never VALID without saying that it was repaired."""
    rng = random.Random(seed)
    kind = rng.choice([MrzKind.TD1, MrzKind.TD2, MrzKind.TD3])
    lines = zone(rng, kind)
    number = 0 if kind is MrzKind.TD1 else 1
    places = [place for place, one in enumerate(lines[number]) if one.isdigit()]
    place = rng.choice(places)
    digit = str((int(lines[number][place]) + rng.randrange(1, 10)) % 10)
    lines[number] = lines[number][:place] + digit + lines[number][place + 1 :]
    result = parse(lines, TODAY)
    assert result.status is not MrzStatus.VALID or result.repaired


def test_letters_where_only_digits_can_be() -> None:
    second = PASSPORT[1].replace("7408122F1204159", "74O8I22F12O4I59")
    result = parse([PASSPORT[0].replace("UTO", "UT0"), second], TODAY)
    assert result.status is MrzStatus.VALID
    assert result.birth == date(1974, 8, 12)
    assert result.issuer == "UTO"


def test_a_repair_that_the_check_digits_prove() -> None:
    result = parse([PASSPORT[0], PASSPORT[1].replace("L898902C3", "L8989O2C3")], TODAY)
    assert (result.status, result.number, result.repaired) == (MrzStatus.VALID, "L898902C3", True)


def test_two_repairs_that_fit_are_no_proof() -> None:
    # In ZE1B4226B both B to 8 and Z to 2 make the check digit right.
    result = parse([PASSPORT[0], PASSPORT[1].replace("ZE184226B", "ZE1B4226B")], TODAY)
    assert result.status is MrzStatus.CHECK_FAILED
    assert set(result.failed) == {Part.OPTIONAL, Part.COMPOSITE}


def test_what_the_network_held_possible_is_tried_first() -> None:
    second = PASSPORT[1].replace("ZE184226B", "ZE1B4226B")
    others = [[""] * 44, ["8" if one == "B" and place == 31 else "" for place, one in enumerate(second)]]
    assert second[31] == "B"
    result = parse([PASSPORT[0], second], TODAY, others)
    assert (result.status, result.optional, result.repaired) == (MrzStatus.VALID, "ZE184226B", True)


def test_another_reading_that_fits_is_a_doubt() -> None:
    # G and 6 leave the same remainder: the check digit cannot tell them apart.
    second = "L89890GC3" + check_digit("L89890GC3") + "UTO7408122F1204159ZE184226B<<<<<1"
    second += check_digit(second[0:10] + second[13:20] + second[21:43])
    plain = parse([PASSPORT[0], second], TODAY)
    doubted = parse([PASSPORT[0], second], TODAY, [[""] * 44, ["6" if one == "G" else "" for one in second]])
    assert (plain.status, plain.doubtful) == (MrzStatus.VALID, ())
    assert (doubted.status, doubted.doubtful) == (MrzStatus.VALID, (Part.NUMBER,))


def test_centuries() -> None:
    def born(text: str, today: date) -> date | None:
        second = PASSPORT[1][:13] + text + check_digit(text) + PASSPORT[1][20:43]
        return parse([PASSPORT[0], second + "0"], today).birth

    assert born("261122", TODAY) == date(2026, 11, 22)
    assert born("261123", TODAY) == date(1926, 11, 23)
    assert born("000229", TODAY) == date(2000, 2, 29)
    assert born("990229", TODAY) is None
    assert born("74<<<<", TODAY) is None


def test_names_keep_what_is_printed() -> None:
    def names(text: str) -> tuple[str, str, bool]:
        result = parse([("P<UTO" + text).ljust(44, "<")[:44], PASSPORT[1]], TODAY)
        return result.surname, result.given_names, result.truncated

    assert names("VAN<DER<MUELLEN<<JEAN<LUC") == ("VAN DER MUELLEN", "JEAN LUC", False)
    assert names("ARKFREITHAVN") == ("ARKFREITHAVN", "", False)
    assert names("ERIKSSON<<ANNA<MARIA<<<<<K<<C<<K") == ("ERIKSSON", "ANNA MARIA", False)
    assert names("NILAVADHANANANDA<<CHAYAPA<DEJTHAMRONG<KRA")[2]


def test_germany_has_one_letter() -> None:
    lines = [PASSPORT[0].replace("UTO", "0<<"), PASSPORT[1].replace("UTO", "D<<")]
    result = parse(lines, TODAY)
    assert (result.issuer, result.nationality) == ("D", "D")


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [""],
        ["hello", "world"],
        ["公民身份号码", "110101199003070011"],
        ["A" * 44, "B" * 44],
        ["<" * 44, "<" * 44],
        ["P" * 30, "P" * 30, "P" * 30],
        [PASSPORT[0]],
        [PASSPORT[0], PASSPORT[1], PASSPORT[1], PASSPORT[0]],
        ["THE QUICK BROWN FOX JUMPS OVER THE LAZY DOG", "PACK MY BOX WITH FIVE DOZEN LIQUOR JUGS NOW OK"],
    ],
)
def test_what_is_no_zone(lines: list[str]) -> None:
    assert parse(lines, TODAY).status is MrzStatus.NOT_MRZ


@given(st.lists(st.text(max_size=60), max_size=4))
def test_any_text_gets_an_answer(lines: list[str]) -> None:
    assert parse(lines, TODAY).status in MrzStatus


@given(st.lists(st.text("PIUTO<0123456789DKGS", min_size=44, max_size=44), min_size=2, max_size=2))
def test_text_of_the_right_length_gets_an_answer(lines: list[str]) -> None:
    others = [["0O"] * 44, ["8B6G"] * 44]
    assert parse(["P<UTO" + lines[0][5:], lines[1]], TODAY, others).status in MrzStatus


def test_a_check_digit_refuses_what_a_zone_cannot_have() -> None:
    assert check_digit("D23145890734") == "9"
    with pytest.raises(ValueError, match="capital letters"):
        check_digit("abc")
