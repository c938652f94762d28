"""Calls for help at the hub: the queue, two who answer at once, who may, what is over, and what is left behind."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest
import uuid6

from hub.help import settings
from hub.help.states import TABLE, Happening, after
from hub.people.emptying import GONE
from hub.people.forgetting import sweep_kept
from kiosk.clock import WallClock
from kiosk.wire import routes
from kiosk.wire.events import CallbackNumber, CallbackWanted, Envelope, Fate
from kiosk.wire.help import CallAsked, CallNow, Message, MessageKind, News, Outcome, Standing

Running = Any
Sender = Any


class Calls:
    """A terminal that calls."""

    def __init__(self, terminal: Sender) -> None:
        self.terminal = terminal
        self.last, self.tag = 0, ""

    def ask(self, **changes: Any) -> CallNow:
        given: dict[str, Any] = {"id": uuid4(), "role": "desk", "language": "zh-Hans", "view": "desk.Question"}
        answer = self.terminal.http.post(routes.HELP, content=msgspec.json.encode(CallAsked(**{**given, **changes})))
        assert answer.status_code == 200, answer.text
        return msgspec.json.decode(answer.content, type=CallNow)

    def news(self, call: CallNow, tag: str | None = None) -> News:
        tag = self.tag if tag is None else tag
        answer = self.terminal.http.get(f"{routes.HELP}/{call.id}/news?after={self.last}&tag={tag}")
        assert answer.status_code == 200, answer.text
        news = msgspec.json.decode(answer.content, type=News)
        self.last, self.tag = news.last, news.tag
        return news

    def say(self, call: CallNow, kind: MessageKind, body: str, **more: Any) -> httpx.Response:
        message = Message(kind=kind, body=body, **more)
        answer: httpx.Response = self.terminal.http.post(
            f"{routes.HELP}/{call.id}/messages", content=msgspec.json.encode(message)
        )
        return answer

    def end(self, call: CallNow) -> CallNow:
        answer = self.terminal.http.post(f"{routes.HELP}/{call.id}/end", content=b"{}")
        assert answer.status_code == 200, answer.text
        return msgspec.json.decode(answer.content, type=CallNow)


@pytest.fixture
def calls(running: Running) -> Calls:
    return Calls(running.terminal("desk"))


@pytest.fixture
def staff(running: Running) -> Any:
    opened: list[httpx.Client] = []

    def sign_in(staff_id: str, *roles: str, hall: str = "weinan", name: str = "李静") -> httpx.Client:
        client = httpx.Client(base_url=running.at.console, trust_env=False, timeout=20)
        opened.append(client)
        running.sign_in(client, *(roles or ("window",)), hall=hall, staff_id=staff_id, name=name)
        return client

    yield sign_in
    for each in opened:
        each.close()


def answer(client: httpx.Client, call: CallNow, act: str = "answer") -> httpx.Response:
    return client.post(f"/help/calls/{call.id}/{act}", headers={"Sec-Fetch-Site": "same-origin"})


def do(client: httpx.Client, call: CallNow, act: str, **fields: str) -> httpx.Response:
    return client.post(f"/help/calls/{call.id}/do/{act}", data=fields, headers={"Sec-Fetch-Site": "same-origin"})


def audit(running: Running, call: CallNow) -> list[str]:
    return [row[0] for row in running.rows("SELECT what FROM audit WHERE subject = ? ORDER BY position", str(call.id))]


def test_a_call_is_answered_talked_in_and_ended(running: Running, calls: Calls, staff: Any) -> None:
    call = calls.ask()
    assert (call.standing, call.ahead) == (Standing.WAITING, 0)
    assert calls.ask(id=call.id).version == call.version, "asked twice it is the same call"
    clerk = staff("li")
    assert "desk" in clerk.get("/help?lang=en").text
    assert answer(clerk, call).status_code == 303
    news = calls.news(call)
    assert news.call.standing is Standing.RINGING
    assert [each.name for each in news.call.parties][1:] == ["李静"]
    assert calls.say(call, MessageKind.STATE, '{"tell":"state"}').status_code == 204
    assert calls.news(call, "").call.standing is Standing.IN_CALL
    said = Message(kind=MessageKind.CHAT, body="您好")
    posted = clerk.post(f"/help/calls/{call.id}/messages", content=msgspec.json.encode(said))
    assert posted.status_code == 204
    assert [each.message.body for each in calls.news(call).messages] == ["您好"]
    assert do(clerk, call, "note", words="教他填住址").status_code == 303
    assert do(clerk, call, "end", outcome="solved").status_code == 303
    ended = calls.news(call).call
    assert (ended.standing, ended.outcome) == (Standing.ENDED, Outcome.SOLVED)
    assert audit(running, call) == ["help_call", "help_answer", "help_connect", "help_end"]
    page = clerk.get(f"/help/calls/{call.id}?lang=en").text
    assert "教他填住址" in page
    assert "Solved" in page


def test_of_two_who_answer_one_wins_and_the_other_is_told(calls: Calls, staff: Any) -> None:
    call = calls.ask()
    first, second = staff("first"), staff("second")
    assert answer(first, call).status_code == 303
    assert answer(first, call).status_code == 303, "pressed twice, it is theirs already"
    refused = answer(second, call)
    assert refused.status_code == 409
    assert "weinan/first" in refused.text
    calls.end(call)
    assert answer(second, call).status_code == 409


def test_of_five_who_press_at_the_same_moment_one_wins(calls: Calls, staff: Any) -> None:
    helpers = [staff(f"quick-{number}") for number in range(5)]
    for _ in range(4):
        call = calls.ask()
        ready = threading.Barrier(len(helpers))

        def press(clerk: Any, call: CallNow = call, ready: threading.Barrier = ready) -> int:
            ready.wait(30)
            return int(answer(clerk, call).status_code)

        with ThreadPoolExecutor(len(helpers)) as pool:
            told = sorted(pool.map(press, helpers))
        assert told == [303, 409, 409, 409, 409]
        assert len(calls.news(call, "").call.parties) == 2, "the terminal, and one"
        calls.end(call)


def test_nobody_answers_without_a_role_or_for_another_hall(running: Running, calls: Calls, staff: Any) -> None:
    call = calls.ask()
    with httpx.Client(base_url=running.at.console, trust_env=False) as nobody:
        assert answer(nobody, call).status_code in {303, 401}
        assert nobody.get(f"/help/calls/{call.id}/stream").status_code in {303, 401}
    assert answer(staff("tech", "technician"), call).status_code == 403
    assert answer(staff("other", hall="pucheng"), call).status_code == 404
    message = msgspec.json.encode(Message(kind=MessageKind.GUIDE, body="{}"))
    clerk = staff("outside")
    assert clerk.post(f"/help/calls/{call.id}/messages", content=message).status_code == 409
    assert clerk.get(f"/help/calls/{call.id}/stream").status_code == 409
    evil = {"Sec-Fetch-Site": "cross-site", "Origin": "http://evil.example"}
    assert clerk.post(f"/help/calls/{call.id}/answer", headers=evil).status_code == 403
    assert calls.news(call, "").call.standing is Standing.WAITING
    stranger = Calls(running.terminal("desk"))
    assert stranger.say(call, MessageKind.CHAT, "x").status_code == 404
    calls.end(call)


def test_the_queue_serves_those_first_who_need_it(running: Running, staff: Any) -> None:
    one, two, three = (Calls(running.terminal("desk")) for _ in range(3))
    first, second, needy = one.ask(), two.ask(), three.ask(first=True)
    assert one.news(first, "").call.ahead == 1
    assert two.news(second, "").call.ahead == 2
    assert three.news(needy, "").call.ahead == 0
    clerk = staff("queue")
    answer(clerk, second)
    assert do(clerk, second, "transfer").status_code == 303
    told = two.news(second, "").call
    assert (told.standing, told.ahead) == (Standing.TRANSFERRED, 0)
    for calls, call in ((one, first), (two, second), (three, needy)):
        assert calls.end(call).outcome is Outcome.CANCELLED


def test_garbage_is_refused_and_nothing_breaks(calls: Calls, staff: Any) -> None:
    call = calls.ask()
    http = calls.terminal.http
    assert http.post(routes.HELP, content=b"\xff").status_code == 422
    assert http.get(f"{routes.HELP}/{call.id}/news?after=-1").status_code == 422
    assert http.get(f"{routes.HELP}/{uuid4()}/news").status_code == 404
    assert calls.say(call, MessageKind.CHAT, "x").status_code == 409, "nobody is there to hear"
    clerk = staff("garbled")
    answer(clerk, call)
    assert clerk.post(f"/help/calls/{call.id}/messages", content=b"{" * 5000).status_code == 422
    too_long = msgspec.json.encode({"kind": "chat", "body": "x" * 60_000})
    assert clerk.post(f"/help/calls/{call.id}/messages", content=too_long).status_code == 422
    assert calls.news(call, "").call.standing is Standing.RINGING
    calls.end(call)


def test_a_number_that_was_left_is_called_back(running: Running, calls: Calls, staff: Any) -> None:
    call = calls.ask()
    terminal = calls.terminal

    def left(call_id: Any) -> CallbackWanted:
        return CallbackWanted(
            id=uuid6.uuid7(),
            call=call_id,
            role="desk",
            language="zh-Hans",
            view="desk.Question",
            at=WallClock().now(),
            number_sealed=terminal.seal(CallbackNumber(phone="13800138000")),
        )

    event = left(call.id)
    assert [each.fate for each in terminal.send(event)] == [Fate.STORED]
    assert [each.fate for each in terminal.send(event)] == [Fate.KNOWN]
    assert calls.news(call).call.standing is Standing.NO_LINE
    never_heard_of = uuid4()
    assert [each.fate for each in terminal.send(left(never_heard_of))] == [Fate.STORED]
    clerk = staff("caller")
    assert "13800138000" in clerk.get(f"/help/calls/{call.id}").text
    assert "13800138000" in clerk.get(f"/help/calls/{never_heard_of}").text
    assert do(clerk, call, "called-back", reached="yes").status_code == 303
    assert do(staff("late"), call, "called-back", reached="no").status_code == 409
    assert audit(running, call) == ["help_call", "help_leave_number", "help_number_seen", "help_call_back"]
    bad = left(uuid4())
    wrong = msgspec.structs.replace(bad, number_sealed=terminal.seal({"phone": "what"}))
    assert [each.fate for each in terminal.send(wrong)] == [Fate.REFUSED]


def test_a_call_past_its_time_goes_with_its_notes_and_its_number(running: Running, calls: Calls, staff: Any) -> None:
    past, other = calls.ask(), Calls(running.terminal("desk"))
    waits = other.ask()
    event = CallbackWanted(
        id=uuid6.uuid7(),
        call=past.id,
        role="desk",
        language="zh-Hans",
        view="desk.Question",
        at=WallClock().now(),
        number_sealed=calls.terminal.seal(CallbackNumber(phone="13800138000")),
    )
    assert [each.fate for each in calls.terminal.send(event)] == [Fate.STORED]
    clerk = staff("keeper")
    assert do(clerk, past, "note", words="下午再打").status_code in {200, 204, 303}
    assert "13800138000" in clerk.get(f"/help/calls/{past.id}").text
    now = running.hub.now()

    def sweep(days: int) -> dict[str, int]:
        with running.hub.engine.execution_options(writes=True).begin() as connection:
            return sweep_kept(connection, now + timedelta(days=days))[0]

    assert "help" not in sweep(170)
    assert sweep(181)["help"] >= 1
    mine = str(past.id)
    assert running.rows("SELECT count(*) FROM help_call WHERE id = ?", mine) == [(0,)]
    assert running.rows("SELECT count(*) FROM help_note WHERE call = ?", mine) == [(0,)]
    assert running.rows("SELECT count(*) FROM help_call WHERE id = ?", str(waits.id)) == [(1,)], "it is open"
    other.end(waits)
    bodies = running.rows("SELECT body FROM event WHERE kind = 'callback_wanted'")
    kept = [msgspec.json.decode(body, type=Envelope).event for (body,) in bodies]
    (mine_kept,) = [each for each in kept if isinstance(each, CallbackWanted) and each.call == past.id]
    assert mine_kept.number_sealed == GONE
    assert clerk.get(f"/help/calls/{past.id}").status_code == 404
    assert running.rows("SELECT detail FROM audit WHERE what = 'removed' AND subject = 'help'")


def test_three_take_part_and_one_is_left(running: Running, calls: Calls, staff: Any) -> None:
    call = calls.ask()
    clerk, office = staff("clerk"), staff("office", "back_office", hall="xian", name="赵敏")
    answer(clerk, call)
    assert answer(office, call, "join").status_code == 404, "nobody has asked them"
    running.hub.help.rooms.present["xian/office"] = 1
    try:
        assert do(clerk, call, "hail", who="xian/nobody").status_code == 409
        assert do(clerk, call, "hail", who="xian/office").status_code == 303
        assert answer(office, call, "join").status_code == 303
    finally:
        running.hub.help.rooms.present.pop("xian/office", None)
    assert [each.name for each in calls.news(call, "").call.parties][1:] == ["李静", "赵敏"]
    assert do(clerk, call, "leave").status_code == 303
    assert [each.name for each in calls.news(call, "").call.parties][1:] == ["赵敏"]
    assert do(office, call, "leave").status_code == 409, "the last one cannot just go"
    calls.end(call)


def test_a_terminal_that_was_started_again_in_a_call_leaves_none_behind(calls: Calls, staff: Any) -> None:
    before = calls.ask()
    answer(staff("helping"), before)
    assert calls.news(before, "").call.standing is Standing.RINGING
    after_restart = calls.ask()
    assert calls.news(before, "").call.outcome is Outcome.LOST
    assert calls.news(after_restart, "").call.standing is Standing.WAITING
    calls.end(after_restart)


def test_a_closed_browser_and_a_silent_terminal_end_cleanly(
    running: Running, calls: Calls, staff: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from anyio.from_thread import start_blocking_portal

    call = calls.ask()
    answer(staff("gone"), call)
    desk = running.hub.help
    room = desk.rooms.get(str(call.id))
    seat = next(iter(room.staff))
    seat.gone_since = WallClock().now() - timedelta(seconds=60)
    deadline = WallClock().now() + timedelta(seconds=15)
    while calls.news(call, "").call.standing is not Standing.TRANSFERRED:
        assert WallClock().now() < deadline
    assert "help_abandon" in audit(running, call)
    room.heard = WallClock().now() - timedelta(seconds=300)
    del start_blocking_portal, monkeypatch
    while running.rows("SELECT standing FROM help_call WHERE id = ?", str(call.id)) != [("ended",)]:
        assert WallClock().now() < deadline
    assert running.rows("SELECT outcome FROM help_call WHERE id = ?", str(call.id)) == [("lost",)]


def test_nothing_follows_an_end() -> None:
    ends = {Standing.ENDED, Standing.CALLED_BACK}
    assert not [each for each in TABLE if each[0] in ends]
    assert after(Standing.IN_CALL, Happening.ANSWER) is None
    assert {each for each, _ in TABLE} | ends == set(Standing)


NIGHT = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
"""A Saturday, 23:00 in China."""


def test_hours_relays_and_mistakes_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "help.toml"
    assert settings.load(file).staffed(NIGHT)
    (tmp_path / "turn").write_text("0123456789abcdef0123")
    file.write_text(
        '[hours]\nopen = "08:30"\nclose = "17:30"\n[helped_by]\npucheng = ["weinan"]\n'
        '[relay]\nurls = ["turn:turn.example:3478"]\nsecret_file = "turn"\n'
    )
    read = settings.load(file)
    assert not read.staffed(NIGHT)
    assert read.opens(NIGHT) == datetime(2026, 11, 23, 0, 30, tzinfo=UTC), "Monday, 08:30 in China"
    assert read.helpers_of("pucheng") == {"pucheng", "weinan"}
    assert read.halls_helped("weinan") == {"weinan", "pucheng"}
    (relay,) = read.relays("weinan-desk-1", NIGHT)
    assert relay.username == f"{int(NIGHT.timestamp()) + 7200}:weinan-desk-1"
    import base64
    import hashlib
    import hmac

    made = hmac.new(b"0123456789abcdef0123", relay.username.encode(), hashlib.sha1).digest()
    assert base64.b64decode(relay.credential) == made
    for wrong, words in (
        ('[hours]\nopen = "18:00"\nclose = "09:00"\n', "close has to be after open"),
        ('[relay]\nurls = ["turn:x"]\n', "secret_file is missing"),
        ('[relay]\nurls = ["turn:x"]\nsecret_file = "none"\n', "cannot be read"),
        ('[hour]\nopen = "1"\n', "hour"),
        ("x = [", "help.toml"),
    ):
        file.write_text(wrong)
        with pytest.raises(settings.BadSettings, match=words):
            settings.load(file)
        assert settings.load_or_default(file) == settings.Settings()
