"""Others are told: signed, again after a failure, and never at the cost of a passage."""

import hashlib
import hmac
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
import uuid6
from sqlalchemy import Connection

from hub.fleet.live import TerminalKey
from hub.gate.notices import NoticeKind, write_down
from hub.gate.notify import FIRST_PAUSE, GIVEN_UP_AFTER, LONGEST_PAUSE, Due, due, note, spread
from hub.gate.receivers import NOTICE_HEADER, SIGNATURE_HEADER, BadReceivers, Notice, load, text_of
from kiosk.clock import WallClock
from kiosk.wire.events import Fate, LaneAlarm, LaneTrouble
from kiosk.wire.rules import Decision, Reason, Verdict

Running = Any
Sender = Any
SECRET = "a shared secret of an office"
HOT = Decision(verdict=Verdict.REFER, reasons=(Reason.TEMPERATURE_HIGH,), rules_version=1)


class Office:
    """A receiver of webhooks and a gateway for short messages, on loopback, with faults on demand."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.faults: dict[bytes, Callable[[BaseHTTPRequestHandler], None]] = {}
        """The next answer to what contains a text: another test's notice, told late, must not take it."""
        self.answer = b'{"code":0}'
        office = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {key.lower(): value for key, value in self.headers.items()}
                office.got.append((self.path, headers, body))
                for wanted in [each for each in office.faults if each in body]:
                    office.faults.pop(wanted)(self)
                    return
                self.send_response(200)
                self.send_header("Content-Length", str(len(office.answer)))
                self.end_headers()
                self.wfile.write(office.answer)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05})
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def of(self, hall: str) -> list[tuple[str, dict[str, str], bytes]]:
        return [each for each in self.got if hall.encode() in each[2]]


@pytest.fixture
def office() -> Iterator[Office]:
    office = Office()
    yield office
    office.close()


def configure(folder: Path, *receivers: str) -> None:
    (folder / "keys").mkdir(exist_ok=True)
    (folder / "keys" / "office.secret").write_text(SECRET + "\n")
    (folder / "notify.toml").write_text("\n".join(receivers))


def named(url: str) -> str:
    """A name of its own for each test's receiver: what is told again to another test's goes to nobody."""
    return f"office-{httpx.URL(url).port}"


def webhook(url: str, **more: str) -> str:
    lines = {"name": f'"{named(url)}"', "url": f'"{url}/hook"', "secret_file": '"keys/office.secret"', **more}
    return '[[receiver]]\ntype = "webhook"\n' + "".join(f"{key} = {value}\n" for key, value in lines.items())


def eventually(what: Callable[[], Any], seconds: float = 45) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)
    return found


def hot(lane: Sender) -> Any:
    passage = lane.passage(decision=HOT)
    began = time.monotonic()
    (answer,) = lane.send(passage)
    assert answer.fate is Fate.STORED
    assert time.monotonic() - began < 30
    return passage


def test_an_isolation_is_told_signed_and_without_names(running: Running, office: Office) -> None:
    configure(running.data.path, webhook(office.url))
    lane = running.terminal(hall="told")
    passage = hot(lane)
    path, headers, body = eventually(lambda: office.of("told"))[0]
    told = json.loads(body)
    assert path == "/hook"
    assert (told["kind"], told["hall"], told["lane"], told["detail"]) == (
        "isolation",
        "told",
        "1",
        ["temperature_high"],
    )
    assert told["id"] == headers[NOTICE_HEADER.lower()]
    seconds, digest = (part.partition("=")[2] for part in headers[SIGNATURE_HEADER.lower()].split(","))
    expected = hmac.new(SECRET.encode(), seconds.encode() + b"." + body, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(expected, digest)
    assert abs(int(seconds) - time.time()) < 60  # noqa: TID251  the receiver's own clock
    assert "王".encode() not in body
    assert str(passage.id).encode() not in body
    assert eventually(lambda: running.rows("SELECT tries FROM delivery WHERE delivered IS NOT NULL"))


def refuse(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(503)
    handler.send_header("Content-Length", "0")
    handler.end_headers()


def redirect(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(302)
    handler.send_header("Location", "/elsewhere")
    handler.send_header("Content-Length", "0")
    handler.end_headers()


def hang(_handler: BaseHTTPRequestHandler) -> None:
    time.sleep(60.0)


def cut(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(
    ("fault", "why"),
    [(refuse, "HTTP 503"), (redirect, "HTTP 302"), (hang, "no answer within 1.5 s"), (cut, "RemoteProtocolError")],
)
def test_it_is_told_again_after_a_failure(
    running: Running, office: Office, monkeypatch: pytest.MonkeyPatch, fault: Any, why: str
) -> None:
    monkeypatch.setattr("hub.gate.notify.FIRST_PAUSE", timedelta(seconds=0.2))
    hall = f"again-{fault.__name__}"
    noted: list[str] = []  # the row says it for a moment only, until the next try

    def watched(connection: Connection, sent: Due, error: str, now: datetime) -> None:
        if sent.notice.hall == hall:
            noted.append(error)
        note(connection, sent, error, now)

    monkeypatch.setattr("hub.gate.notify.note", watched)
    office.faults[hall.encode()] = fault
    configure(running.data.path, webhook(office.url, timeout_seconds="1.5", halls=f'["{hall}"]'))
    hot(running.terminal(hall=hall))

    def rows() -> list[Any]:
        return running.rows(
            "SELECT tries, delivered IS NOT NULL, error FROM delivery JOIN notice ON notice.number = delivery.notice"
            " WHERE hall = ?",
            hall,
        )

    assert eventually(lambda: [row for row in rows() if row[1]]) == [(2, 1, "")]
    assert noted == [why, ""]
    ids = {headers[NOTICE_HEADER.lower()] for _, headers, _ in office.of(hall)}
    assert (len(office.of(hall)), len(ids)) == (2, 1)
    assert all(path == "/hook" for path, _, _ in office.got)


def test_a_dead_receiver_stops_no_passage(running: Running) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: refused at once
        configure(running.data.path, webhook(f"http://127.0.0.1:{taken.getsockname()[1]}"))
        lane = running.terminal(hall="dead-office")
        for _ in range(5):
            hot(lane)
        found = eventually(
            lambda: running.rows(
                "SELECT error FROM delivery JOIN notice ON notice.number = delivery.notice"
                " WHERE hall = 'dead-office' AND tries > 0"
            )
        )
        assert found[0] == ("ConnectError",)


@pytest.mark.parametrize("form", ["json", "urlencoded"])
def test_a_short_message_through_a_gateway(running: Running, office: Office, form: str) -> None:
    hall = f"sms-{form}"
    body = (
        """'{"mobile": "{phone}", "content": "{text}", "key": "{secret}"}'"""
        if form == "json"
        else "'mobile={phone}&content={text}&key={secret}'"
    )
    configure(
        running.data.path,
        f'[[receiver]]\ntype = "sms"\nname = "{named(office.url)}"\nurl = "{office.url}/send"\n'
        'numbers = ["13800000000", "13900000000"]'
        f'\ncontent_type = "application/{"json" if form == "json" else "x-www-form-urlencoded"}"\nbody = {body}\n'
        f"""secret_file = "keys/office.secret"\nsuccess = '"code":0'\nhalls = ["{hall}"]\n[receiver.headers]\n"""
        'Authorization = "Bearer {secret}"\n',
    )
    hot(running.terminal(hall=hall))
    got = eventually(lambda: len(office.got) == 2 and list(office.got))
    messages = []
    for path, headers, sent in got:
        assert path == "/send"
        assert headers["authorization"] == f"Bearer {SECRET}"
        message = json.loads(sent) if form == "json" else {k: v[0] for k, v in parse_qs(sent.decode()).items()}
        assert message["key"] == SECRET
        messages.append(message)
    assert sorted(each["mobile"] for each in messages) == ["13800000000", "13900000000"]
    assert "有人需到隔离区：体温偏高" in messages[0]["content"]


def test_a_gateway_that_does_not_say_yes_is_asked_again(running: Running, office: Office) -> None:
    office.answer = b'{"code":7}'
    hall = "sms-no"
    configure(
        running.data.path,
        f'[[receiver]]\ntype = "sms"\nname = "{named(office.url)}"\nurl = "{office.url}"\nnumbers = ["13800000000"]\n'
        f"""body = "{{text}}"\nsuccess = '"code":0'\nhalls = ["{hall}"]\n""",
    )
    hot(running.terminal(hall=hall))
    found = eventually(
        lambda: running.rows(
            "SELECT error, next_try IS NOT NULL FROM delivery JOIN notice ON notice.number = delivery.notice"
            " WHERE hall = ? AND tries = 1",
            hall,
        )
    )
    assert found == [("the gateway did not say that it was sent", 1)]


def test_only_those_are_told_who_want_to_know(running: Running, office: Office) -> None:
    configure(running.data.path, webhook(office.url, on='["lane_alarm"]', halls='["wanted"]'))
    wanted, other = running.terminal(hall="wanted"), running.terminal(hall="not-wanted")
    now = WallClock().now()
    for lane in (other, wanted):
        hot(lane)
        lane.send(LaneAlarm(id=uuid6.uuid7(), trouble=LaneTrouble.FORCED, lane="1", at=now))
    (only,) = eventually(lambda: office.got)
    assert json.loads(only[2])["detail"] == ["forced"]
    eventually(lambda: not running.rows("SELECT number FROM notice WHERE spread IS NULL"))
    assert len(office.got) == 1


def test_a_file_with_a_mistake_loses_nothing(running: Running, office: Office) -> None:
    configure(running.data.path, "[[receiver]]\ntype = 'pigeon'\n")
    time.sleep(0.1)
    hot(running.terminal(hall="mended"))
    assert eventually(lambda: running.rows("SELECT number FROM notice WHERE hall = 'mended' AND spread IS NULL"))
    configure(running.data.path, webhook(office.url, halls='["mended"]'))
    assert eventually(lambda: office.of("mended"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x = ", "notify.toml"),
        ('[[receiver]]\ntype = "webhook"\nname = "a"\nurl = "ftp://x"\nsecret_file = "s"', "url"),
        ('[[receiver]]\ntype = "webhook"\nname = "a"\nurl = "https://x"', "secret_file"),
        ('[[receiver]]\ntype = "webhook"\nname = "a"\nurl = "https://x"\nsecret_file = "none"', "secret of a"),
        ('[[receiver]]\ntype = "webhook"\nname = "a"\nurl = "https://x"\nsecret_file = "short"', "16 bytes"),
        ('[[receiver]]\ntype = "sms"\nname = "a"\nurl = "https://x"\nbody = ""\nnumbers = []', "numbers"),
        ('[[receiver]]\ntype = "sms"\nname = "a"\nurl = "https://x"\nbody = ""\nnumbers = ["1; DROP"]', "numbers"),
        ('[[receiver]]\ntype = "webhook"\nname = "a"\nurl = "https://x"\nsecret_file = "s"\npicture = 1', "picture"),
        (
            '[[receiver]]\ntype = "sms"\nname = "a"\nurl = "https://x"\nbody = ""\nnumbers = ["13800000000"]\n' * 2,
            "two receivers",
        ),
    ],
)
def test_a_mistake_in_the_file_is_told(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "short").write_text("short")
    (tmp_path / "s").write_text("x" * 16)
    (tmp_path / "notify.toml").write_text(text)
    with pytest.raises(BadReceivers, match=says):
        load(tmp_path / "notify.toml")
    assert load(tmp_path / "absent.toml").all == ()


def test_values_cannot_break_out_of_a_template(tmp_path: Path) -> None:
    (tmp_path / "notify.toml").write_text(
        '[[receiver]]\ntype = "sms"\nname = "a"\nurl = "https://x"\nnumbers = ["13800000000"]\n'
        """body = '{"text": "{text}"}'\n"""
    )
    notice = Notice(
        id="1",
        kind=NoticeKind.LANE_ALARM,
        hall='we"i\\nan',
        terminal="gate-1",
        lane="{phone}\n",
        case=None,
        detail=("fire",),
        at=datetime(2026, 11, 22, 1, 5, tzinfo=UTC),
    )
    request = load(tmp_path / "notify.toml").request("a", "13800000000", notice, notice.at)
    assert request is not None
    assert json.loads(request.body)["text"] == text_of(notice)
    assert "09:05" in text_of(notice)


def test_pauses_grow_and_an_old_notice_is_given_up(running: Running, office: Office) -> None:
    # Times of long ago: the running notifier has sent these when they are due, so they are kept out of its sight.
    made = WallClock().now() + timedelta(days=300)
    key = TerminalKey("patience", "gate-1")
    (running.data.path / "notify.toml").unlink(missing_ok=True)
    receivers_folder = running.folder / "patience"
    receivers_folder.mkdir()
    configure(receivers_folder, webhook(office.url, halls='["patience"]'))
    receivers = load(receivers_folder / "notify.toml")
    engine = running.hub.engine.execution_options(writes=True)
    with engine.begin() as connection:
        write_down(connection, NoticeKind.ISOLATION, key, lane="1", detail="health_red", at=made, now=made)
        assert spread(connection, receivers, made) >= 1
    pauses, now = [], made
    while True:
        with engine.begin() as connection:
            waiting = [each for each in due(connection, now) if each.notice.hall == "patience"]
            assert len(waiting) == 1
            note(connection, waiting[0], "HTTP 503", now)
        ((following,),) = running.rows(
            "SELECT next_try FROM delivery JOIN notice ON notice.number = delivery.notice WHERE hall = 'patience'"
        )
        if following is None:
            break
        after = datetime.fromisoformat(following).replace(tzinfo=UTC)
        pauses.append(after - now)
        now = after
    assert pauses[:3] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE]
    assert max(pauses) == LONGEST_PAUSE
    assert timedelta(0) < made + GIVEN_UP_AFTER - now <= LONGEST_PAUSE
