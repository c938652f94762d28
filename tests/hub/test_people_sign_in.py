"""Signing in over real HTTP: two factors, recovery, links, locks that hit guessers only, sessions, forms of others."""

import base64
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import String

from hub.audit.chain import Actor, Who
from hub.console.sign_in import _Given, _let_in
from hub.fleet.enrolment import ensure_hall
from hub.people import tries
from hub.people.accounts import AccountRefused, check_password, disable, find_account, put_account
from hub.people.locked_away import locked_away, taken_out
from hub.people.sessions import SET_UP, open_session
from hub.people.totp import code_at, matching_step, step_of
from hub.store.engine import migrate, open_engine
from hub.store.people_tables import account
from kiosk.clock import WallClock
from kiosk.wire.sealing import CannotUnseal, new_identity, recipient_of, seal

Running = Any
PASSWORD = "correct horse battery"
HALL = "weinan"


def test_one_time_codes_are_those_of_the_rfc() -> None:
    secret = b"12345678901234567890"
    for seconds, code in (
        (59, "94287082"),
        (1111111109, "07081804"),
        (1234567890, "89005924"),
        (20000000000, "65353130"),
    ):
        assert code_at(secret, step_of(datetime.fromtimestamp(seconds, UTC)), 8) == code
    now = datetime.fromtimestamp(1234567890, UTC)
    step = step_of(now)
    assert matching_step(secret, code_at(secret, step - 1), now, 0) == step - 1
    assert matching_step(secret, code_at(secret, step), now, step) is None
    assert matching_step(secret, code_at(secret, step - 2), now, 0) is None


@pytest.mark.parametrize(
    ("password", "kind"),
    [
        ("short", "short"),
        ("x" * 129, "long"),
        ("aaaaaaaaaaaa", "easy"),
        ("password123", "easy"),
        ("w01w01w01w01", "easy"),
    ],
)
def test_passwords_that_are_guessed_first(password: str, kind: str) -> None:
    with pytest.raises(AccountRefused) as refused:
        check_password(password, ("w01", "王芳"))
    assert refused.value.kind == kind
    check_password(PASSWORD, ("w01", "王芳"))


@pytest.fixture
def browser(running: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=running.at.console, trust_env=False, timeout=30) as client:
        yield client


def invite(running: Running, staff_id: str, *roles: Actor, hall: str = HALL) -> str:
    """An account that is not set up, and its link."""
    with running.hub.engine.execution_options(writes=True).begin() as connection:
        now = running.hub.now()
        ensure_hall(connection, HALL, now)
        by = Who(Actor.OPERATOR)
        put_account(
            connection,
            hall=hall,
            account_id=staff_id,
            name="王芳",
            roles=frozenset(roles or {Actor.WINDOW}),
            by=by,
            now=now,
        )
        account = find_account(connection, hall, staff_id)
        assert account is not None
        return open_session(connection, account, SET_UP, now)


def set_up(browser: httpx.Client, token: str, **changes: str) -> tuple[httpx.Response, bytes]:
    page = browser.get("/sign-in/set-up", params={"token": token})
    assert page.status_code == 200, page.text
    sealed = re.search(r'name="secret" value="([^"]+)"', page.text)
    words = re.search(r'class="secret">([A-Z2-7 ]+)<', page.text)
    assert sealed
    assert words
    plain = words[1].replace(" ", "")
    secret = base64.b32decode(plain + "=" * (-len(plain) % 8))
    now = WallClock().now()
    fields = {"token": token, "secret": sealed[1], "password": PASSWORD, "again": PASSWORD}
    given = {**fields, "code": code_at(secret, step_of(now) - 1), **changes}
    return browser.post("/sign-in/set-up", data=given), secret


def try_in(browser: httpx.Client, staff_id: str, code: str, password: str = PASSWORD, **more: str) -> httpx.Response:
    return browser.post("/sign-in", data={"hall": HALL, "id": staff_id, "password": password, "code": code, **more})


def now_code(secret: bytes, ahead: int = 0) -> str:
    return code_at(secret, step_of(WallClock().now()) + ahead)


def test_a_link_is_used_once_and_then_two_factors_are_needed(running: Running, browser: httpx.Client) -> None:
    token = invite(running, "n01")
    assert set_up(browser, token, again="another")[0].status_code == 422
    assert set_up(browser, token, code="000000")[0].status_code == 422
    assert set_up(browser, token, code="")[0].status_code == 422
    assert set_up(browser, token, password="n01n01n01n01", again="n01n01n01n01")[0].status_code == 422
    done, secret = set_up(browser, token)
    assert done.status_code == 200
    codes = re.findall(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", done.text)
    assert len(set(codes)) == 10
    assert browser.get("/me").status_code == 200
    assert browser.get("/sign-in/set-up", params={"token": token}).status_code == 410

    browser.cookies.delete("session")
    assert try_in(browser, "n01", now_code(secret), "wrong wrong wrong").status_code == 401
    assert try_in(browser, "n01", "").status_code == 401
    code = now_code(secret)
    answer = try_in(browser, "n01", code)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    browser.cookies.delete("session")
    assert try_in(browser, "n01", code).status_code == 401  # looked at over a shoulder
    answer = try_in(browser, "n01", codes[0].lower())
    assert (answer.status_code, answer.headers["location"]) == (303, "/me?recovery=1")
    browser.cookies.delete("session")
    assert try_in(browser, "n01", codes[0]).status_code == 401
    kept = running.rows("SELECT password, totp_sealed, salt FROM account WHERE id = 'n01'")
    assert PASSWORD not in str(kept)
    assert secret.hex() not in str(kept)
    assert not running.rows("SELECT * FROM audit WHERE detail LIKE ?", f"%{PASSWORD}%")


def test_who_guesses_is_locked_out_and_the_person_is_not(running: Running, browser: httpx.Client) -> None:
    done, secret = set_up(browser, invite(running, "n02"))
    assert done.status_code == 200
    browser.cookies.delete("session")
    with httpx.Client(base_url=running.at.console, trust_env=False, timeout=30) as guesser:
        assert [try_in(guesser, "n02", "123456", f"guess number {n}").status_code for n in range(6)] == [401] * 5 + [
            429
        ]
        # Not even with what is right, so that a guess tells nothing.
        locked = try_in(guesser, "n02", now_code(secret))
        assert locked.status_code == 429
        assert "之后可以再试" in locked.text
        # A colleague is not touched; the person at their own computer neither.
        other, own = set_up(guesser, invite(running, "n03"))
        assert other.status_code == 200
        guesser.cookies.delete("session")
        assert try_in(guesser, "n03", now_code(own)).status_code == 303
    assert try_in(browser, "n02", now_code(secret)).status_code == 303
    assert running.rows("SELECT count(*) FROM audit WHERE what = 'locked' AND subject = 'weinan/n02'") == [(1,)]
    running.sign_in(browser, "administrator", staff_id="a01")
    assert browser.post("/people/do", data={"hall": HALL, "id": "n02", "what": "unlock"}).status_code == 200
    with httpx.Client(base_url=running.at.console, trust_env=False, timeout=30) as elsewhere:
        assert try_in(elsewhere, "n02", now_code(secret, 1)).status_code == 303


def test_nobody_is_as_slow_as_somebody_and_looks_the_same(browser: httpx.Client) -> None:
    answer = try_in(browser, "nobody", "123456")
    assert answer.status_code == 401
    assert "工号、密码或验证码不对" in answer.text


def test_what_was_typed_goes_on_after_signing_in(running: Running, browser: httpx.Client) -> None:
    done, secret = set_up(browser, invite(running, "n04", Actor.SUPERVISOR))
    assert done.status_code == 200
    browser.cookies.delete("session")
    answer = browser.post(f"/gate/{HALL}/rules/seats", data={"seats": "123"})
    assert answer.status_code == 401
    kept = re.search(r'name="kept" value="([^"]+)"', answer.text)
    assert kept
    answer = try_in(browser, "n04", now_code(secret), kept=kept[1], then=f"/gate/{HALL}/rules/seats")
    assert answer.status_code == 200
    assert 'name="seats" value="123"' in answer.text
    assert f'action="/gate/{HALL}/rules/seats"' in answer.text


@pytest.mark.parametrize("then", ["//evil.example", "https://evil.example", "/\\evil.example", "/sign-out", "x"])
def test_signing_in_never_leads_away(running: Running, browser: httpx.Client, then: str) -> None:
    page = browser.get("/sign-in", params={"then": then})
    assert 'name="then" value="/"' in page.text
    running.sign_in(browser, "window", hall=HALL)
    assert browser.get("/me").status_code == 200


def test_pages_send_to_the_sign_in_and_programs_get_a_problem(browser: httpx.Client) -> None:
    answer = browser.get(f"/gate/{HALL}/cases?x=1")
    assert (answer.status_code, urlsplit(answer.headers["location"]).path) == (303, "/sign-in")
    assert parse_qs(urlsplit(answer.headers["location"]).query)["then"] == [f"/gate/{HALL}/cases?x=1"]
    answer = browser.get("/api/v1/console/summary")
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    assert browser.get("/stream/alarms").status_code == 401


def test_forms_of_other_pages_are_refused(running: Running, browser: httpx.Client) -> None:
    running.sign_in(browser, "supervisor", hall=HALL, staff_id="s01")
    for headers in (
        {"Origin": "http://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        assert browser.post("/me/others-out", headers=headers).status_code == 403
        assert browser.post("/sign-in", data={"id": "x"}, headers=headers).status_code == 403
    assert browser.post("/me/others-out", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 303


def test_sessions_end_when_they_should(running: Running, browser: httpx.Client) -> None:
    running.sign_in(browser, "window", hall=HALL, staff_id="n05")
    with httpx.Client(base_url=running.at.console, trust_env=False, timeout=30) as other:
        running.sign_in(other, "window", hall=HALL, staff_id="n05")
        assert other.get("/me").status_code == 200
        assert browser.post("/me/others-out").status_code == 303
        assert other.get("/me").status_code == 303
        assert browser.get("/me").status_code == 200
        running.sign_in(other, "administrator", staff_id="a01")
        assert other.post("/people/do", data={"hall": HALL, "id": "n05", "what": "off"}).status_code == 200
        assert browser.get("/me").status_code == 303
        assert other.post("/people/do", data={"hall": HALL, "id": "n05", "what": "back"}).status_code == 200
        assert browser.get("/me").status_code == 303
        # A set-up link is no session.
        browser.cookies.set("session", invite(running, "n06"))
        assert browser.get("/me").status_code == 303
    running.sign_in(browser, "window", hall=HALL, staff_id="n05")
    assert browser.post("/sign-out").status_code == 303
    assert browser.get("/me").status_code == 303


def test_the_last_administrator_stays(running: Running, browser: httpx.Client) -> None:
    running.sign_in(browser, "administrator", staff_id="a01")
    with running.hub.engine.execution_options(writes=True).begin() as connection:
        connection.exec_driver_sql("UPDATE account SET disabled = NULL")
        connection.exec_driver_sql("DELETE FROM office_role WHERE role = 'administrator' AND staff <> 'a01'")
    assert browser.post("/people/do", data={"hall": "", "id": "a01", "what": "off"}).status_code == 422
    answer = browser.post("/people", data={"hall": "", "id": "a01", "name": "王芳", "role.auditor": "on"})
    assert answer.status_code == 422
    assert "最后一位系统管理员" in answer.text
    assert browser.get("/people").status_code == 200


def test_an_administrator_of_a_hall_keeps_to_it(running: Running, browser: httpx.Client) -> None:
    running.sign_in(browser, "administrator", hall=HALL, staff_id="h01")
    fields = {"id": "x01", "name": "李强", "role.window": "on"}
    assert browser.post("/people", data={**fields, "hall": ""}).status_code == 403
    assert browser.post("/people/do", data={"hall": "", "id": "a01", "what": "link"}).status_code == 403
    answer = browser.post("/people", data={**fields, "hall": HALL})
    assert answer.status_code == 200
    assert "/sign-in/set-up?token=" in answer.text
    assert browser.post("/people", data={**fields, "hall": HALL, "id": "x 1"}).status_code == 422
    assert browser.post("/people", data={"hall": HALL, "id": "x02", "name": "李强"}).status_code == 422


def test_marks_of_browsers_cannot_be_made_up() -> None:
    mark = tries.browser_mark(b"k" * 32)
    assert tries.browser_of(b"k" * 32, mark) != tries.STRANGE
    for other in ("", ".", "abc.def", mark[:-1] + "x", f"x{mark}"):
        assert tries.browser_of(b"k" * 32, other) == tries.STRANGE


def test_a_secret_fits_its_column_and_older_ones_are_read(running: Running) -> None:
    """PostgreSQL counts the characters of a column, SQLite does not."""
    identity, secret = running.data.unsealing_identity(), b"s" * 20
    kept = locked_away(secret, identity)
    column = account.c.totp_sealed.type
    assert isinstance(column, String)
    assert len(kept) <= (column.length or 0)
    assert kept != locked_away(secret, identity)
    assert taken_out(kept, identity) == taken_out(seal(secret, recipient_of(identity)).hex(), identity) == secret
    other = new_identity()[0]
    for wrong, by in ((kept, other), (kept[:-2], identity), ("gcm:xyz", identity), ("00ff", identity)):
        with pytest.raises(CannotUnseal):
            taken_out(wrong, by)


@pytest.mark.parametrize(
    ("other_hall", "set_up", "kind"), [("", False, "last"), ("elsewhere", True, "last"), ("", True, "")]
)
def test_who_never_signed_in_or_works_elsewhere_is_no_other_administrator(
    tmp_path: Path, other_hall: str, kind: str, *, set_up: bool
) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'hub.db'}")
    migrate(engine)
    now, by, given = WallClock().now(), Who(Actor.OPERATOR), frozenset({Actor.ADMINISTRATOR})
    with engine.execution_options(writes=True).begin() as connection:
        for hall, account_id, known in (("", "one", True), (other_hall, "two", set_up)):
            put_account(connection, hall=hall, account_id=account_id, name="x", roles=given, by=by, now=now)
            if known:
                connection.execute(account.update().where(account.c.id == account_id).values(password="0" * 64))
        problem = ""
        try:
            disable(connection, "", "one", by=by, now=now)
        except AccountRefused as refused:
            problem = refused.kind
    engine.dispose()
    assert problem == kind


def test_many_who_guess_at_the_same_time_are_locked_out_like_one(running: Running) -> None:
    """All were let try before the first was found wrong: the right guess among them comes too late."""
    now = running.hub.now()
    running.sign_in(None, "window", hall=HALL, staff_id="guessed")
    counted = tries.buckets(f"{HALL}/guessed", tries.STRANGE, "10.0.0.9")
    with running.hub.engine.execution_options(writes=True).begin() as connection:
        found = find_account(connection, HALL, "guessed")
        given = _Given(HALL, "guessed", PASSWORD, "", found, counted)
        for _ in range(tries.MOST - 1):
            tries.note_wrong(connection, counted, now)
        assert _let_in(connection, given, tries.STRANGE, None, now)[0]
        for _ in range(tries.MOST):
            tries.note_wrong(connection, counted, now)
        assert _let_in(connection, given, tries.STRANGE, None, now) == ("", "")
