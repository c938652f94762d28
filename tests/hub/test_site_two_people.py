"""Settings of terminals are proposed by one and confirmed by another; the operator alone may do it from the shell."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from hub.__main__ import app as hub_command
from kiosk.wire import routes
from tests.hub.test_site_editions import post

Running = Any
TEXT = "[desk]\nidle_seconds = 90.0"


class Hall:
    """A hall of its own for each test, with one desk."""

    def __init__(self, running: Running, hall: str) -> None:
        self.running, self.hall = running, hall
        self.desk = running.terminal("desk", hall)
        self.at = f"/terminals/{hall}/{self.desk.enrolled.terminal}/site"
        self.people: list[httpx.Client] = []

    def person(self, role: str, staff_id: str, hall: str | None = None) -> httpx.Client:
        client = httpx.Client(base_url=self.running.at.console, trust_env=False, timeout=30)
        self.people.append(client)
        self.running.sign_in(client, role, hall=self.hall if hall is None else hall, staff_id=staff_id)
        return client

    def propose(self, client: httpx.Client, text: str = TEXT, **more: str) -> int:
        fields = {"scope": "everybody", "newest": str(self.version()), "text": text, **more}
        answer = post(client, self.at, **fields)
        assert answer.status_code == 303, answer.text
        assert answer.headers["location"].endswith("site_proposed")
        return self.last()

    def last(self) -> int:
        return int(self.running.rows("SELECT max(number) FROM proposal WHERE hall = ?", self.hall)[0][0])

    def version(self) -> int:
        rows = self.running.rows(
            "SELECT coalesce(max(version), 0) FROM published WHERE kind = 'site' AND hall = ?", self.hall
        )
        return int(rows[0][0])

    def share(self) -> int:
        query = "SELECT share FROM published WHERE kind = 'site' AND hall = ? ORDER BY version DESC"
        return int(self.running.rows(query, self.hall)[0][0])

    def held(self) -> int:
        return int(self.desk.http.get(f"{routes.SIGNED}/site").status_code)


@pytest.fixture
def hall(running: Running, request: Any) -> Iterator[Hall]:
    made = Hall(running, "two-" + re.sub(r"[^a-z]+", "-", request.node.name)[5:30].strip("-"))
    yield made
    for client in made.people:
        client.close()


def test_one_proposes_and_another_confirms(hall: Hall) -> None:
    first, second = hall.person("technician", "t1"), hall.person("technician", "t2")
    number = hall.propose(first)
    assert (hall.version(), hall.held()) == (0, 404)
    assert f'href="/decisions/{number}"' in first.get(hall.at).text
    own = first.get(f"/decisions/{number}?lang=en").text
    assert "You proposed this" in own
    assert "Nobody else" not in own
    assert post(first, f"/decisions/{number}/confirm").status_code == 409
    assert hall.version() == 0
    page = second.get(f"/decisions/{number}?lang=en").text
    assert "+idle_seconds = 90.0" in page
    assert "The whole hall" in page
    assert ">Confirm</button>" in page
    assert "1 for you to confirm" in second.get("/?lang=en").text
    assert "for you to confirm" not in first.get("/?lang=en").text
    assert post(second, f"/decisions/{number}/confirm").status_code == 303
    assert (hall.version(), hall.held()) == (1, 200)
    assert "for you to confirm" not in second.get("/?lang=en").text
    assert post(second, f"/decisions/{number}/confirm").status_code == 409, "it was decided already"
    assert f'href="/decisions/{number}"' not in first.get(hall.at).text
    rows = hall.running.rows("SELECT who, detail FROM audit WHERE what = 'settings' AND subject = ?", hall.hall)
    assert [name for name, _ in rows] == ["t2"]
    assert '"proposed_by":"t1"' in rows[0][1].replace(" ", "")


def test_refused_with_a_reason_nothing_changes(hall: Hall) -> None:
    first, chief = hall.person("administrator", "a1"), hall.person("supervisor", "s1")
    number = hall.propose(first)
    assert post(chief, f"/decisions/{number}/refuse", why="先在一台上试").status_code == 303
    assert "先在一台上试" in first.get(f"/decisions/{number}").text
    assert post(chief, f"/decisions/{number}/confirm").status_code == 409
    assert hall.version() == 0
    again = hall.propose(first)
    assert post(first, f"/decisions/{again}/refuse").status_code == 303, "one's own is taken back"


def test_rolling_out_further_needs_two_and_halting_does_not(hall: Hall) -> None:
    first, second = hall.person("technician", "t1"), hall.person("administrator", "a1")
    number = hall.propose(first, share="0")
    assert post(second, f"/decisions/{number}/confirm").status_code == 303
    assert (hall.share(), hall.held()) == (0, 404)
    assert post(first, f"{hall.at}/share", newest="1", share="100").headers["location"].endswith("site_proposed")
    assert hall.share() == 0
    assert "→ 100 %" in second.get("/decisions").text
    assert "→ 100 %" in second.get(f"/decisions/{hall.last()}").text
    assert post(first, f"{hall.at}/halt", newest="1").status_code == 303, "at once"
    refused = post(second, f"/decisions/{hall.last()}/confirm")
    assert refused.status_code == 409, "halted: nothing is rolled out"
    assert post(first, f"{hall.at}/resume", newest="1").status_code == 303
    assert post(second, f"/decisions/{hall.last()}/confirm").status_code == 303
    assert (hall.share(), hall.held()) == (100, 200)
    assert post(first, f"{hall.at}/share", newest="1", share="7").status_code == 409, "less than before"


def test_what_was_published_meanwhile_is_not_overwritten(hall: Hall) -> None:
    first, second = hall.person("technician", "t1"), hall.person("technician", "t2")
    early, late = hall.propose(first), hall.propose(first, 'hotline = "1"')
    assert post(second, f"/decisions/{late}/confirm").status_code == 303
    refused = post(second, f"/decisions/{early}/confirm?lang=en")
    assert refused.status_code == 409
    assert "somebody has published since" in refused.text
    assert hall.version() == 1
    assert post(first, hall.at, scope="everybody", newest="0", text="").status_code == 409
    same = post(first, hall.at, scope="everybody", newest="1", text='hotline = "1"')
    assert same.headers["location"].endswith("site_same")
    bad = post(first, hall.at, scope="everybody", newest="1", text="[desk]\nidle_secnds = 1.0")
    assert (bad.status_code, hall.last()) == (422, late), "what is wrong is said at once, and waits for nobody"
    much = post(first, hall.at, scope="everybody", newest="1", text="# " + "long" * 22_000)
    assert much.status_code == 422
    assert "longlong" in much.text


def test_with_one_person_only_it_says_what_to_do(hall: Hall) -> None:
    chief = hall.person("administrator", "a1")
    hall.person("window", "w1")  # may not confirm
    others = hall.running.rows("SELECT count(*) FROM account WHERE hall = ''")[0][0]
    number = hall.propose(chief)
    page = chief.get(f"/decisions/{number}?lang=en").text
    if not others:
        assert "Nobody else may confirm it now" in page
        assert "python -m hub terminal settings" in page
    hall.person("technician", "t1")
    assert "Nobody else" not in chief.get(f"/decisions/{number}?lang=en").text


def test_technicians_have_to_do_with_settings_only(hall: Hall) -> None:
    technician, chief = hall.person("technician", "t1"), hall.person("supervisor", "s1")
    assert post(chief, "/privacy/kept", kind="passages", days="60").status_code == 303
    kept = int(hall.running.rows("SELECT max(number) FROM proposal")[0][0])
    assert "保存期限" in chief.get("/decisions").text
    assert f"/decisions/{kept}" not in technician.get("/decisions").text
    for act in ("confirm", "refuse"):
        assert post(technician, f"/decisions/{kept}/{act}").status_code == 404
    assert technician.get(f"/decisions/{kept}").status_code == 404
    stranger = hall.person("technician", "t9", "elsewhere")
    number = hall.propose(technician)
    assert stranger.get(f"/decisions/{number}").status_code == 404
    assert post(stranger, f"/decisions/{number}/confirm").status_code == 404
    assert hall.version() == 0


def test_the_operator_publishes_alone_with_a_row_in_the_audit(hall: Hall, tmp_path: Path) -> None:
    at = ["terminal", "settings", "--hall", hall.hall, "--data", str(hall.running.data.path)]
    file = tmp_path / "settings.toml"

    def told(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(hub_command, [*at, *words])
        return done.exit_code, done.output

    assert told() == (0, "")
    file.write_text(TEXT)
    assert told("--file", str(file), "--by", "chen") == (0, "settings version 1\n")
    assert told("--file", str(file)) == (0, "nothing has changed\n")
    assert told() == (0, f"{TEXT}\n")
    assert '"version":1' in told("--json")[1]
    assert hall.held() == 200
    file.write_text("[desk]\nidle_secnds = 1.0")
    code, output = told("--file", str(file))
    assert code == 2
    assert "line 2, desk.idle_secnds" in output
    for words in (("--file", str(tmp_path / "none.toml")), ("--terminal", "x", "--group", "y")):
        assert told(*words)[0] == 2
    file.write_bytes(b"\xff\xfe")
    assert told("--file", str(file))[0] == 2
    file.write_text('hotline = "9"')
    code, output = told("--file", str(file), "--terminal", "nobody")
    assert (code, "nobody" in output) == (2, True)
    name = hall.desk.enrolled.terminal
    assert told("--file", str(file), "--terminal", name, "--share", "0", "--to", name) == (0, "settings version 2\n")
    rows = hall.running.rows("SELECT actor, who FROM audit WHERE what = 'settings' AND subject = ?", hall.hall)
    assert rows == [("operator", "chen"), ("operator", "shell")]
