"""Settings of terminals at the hub: edited, signed, rolled out, halted when one fails, and tried by a real terminal."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
import httpx
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, Engine
from typer.testing import CliRunner

from hub.__main__ import app as hub_command
from hub.fleet import site_settings
from hub.fleet.enrolment import make_code
from hub.fleet.live import TerminalKey
from hub.fleet.site_settings import Place, Scope, difference, follow_groups, latest, put
from hub.rules.publish import NotPublishable
from hub.rules.stages import halt, in_force, roll_back, set_group, stages
from hub.store.engine import migrate, open_engine
from kiosk.clock import WallClock
from kiosk.config import read_site
from kiosk.link.client import HubClient
from kiosk.link.identity import load
from kiosk.settings import Settings
from kiosk.wire import routes
from kiosk.wire.fleet import Health
from kiosk.wire.site import KIND, BadSettings, SiteEdition, settings_for
from tests.link.test_site_settings import LOCAL

START = datetime(2026, 11, 22, 1, tzinfo=UTC)
KEY = Ed25519PrivateKey.generate()
ALL, PILOT, ONE = Place(Scope.EVERYBODY), Place(Scope.GROUP, "pilot"), Place(Scope.TERMINAL, "desk-1")
Running = Any


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    engine: Engine = open_engine(f"sqlite:///{tmp_path / 'hub.db'}")
    migrate(engine)
    with engine.execution_options(writes=True).begin() as connection:
        for number in range(1, 5):
            make_code(connection, "weinan", f"desk-{number}", "desk", START)
        set_group(connection, "weinan", "desk-2", "pilot")
        yield connection
    engine.dispose()


def published(connection: Connection, place: Place, text: str, **how: Any) -> Any:
    return put(connection, KEY, "weinan", place, text, START, **how)


def test_texts_for_all_groups_and_single_ones_are_one_edition(connection: Connection) -> None:
    assert published(connection, ALL, '\nhotline = "1"\r\n\n').version == 1
    assert published(connection, ALL, 'hotline = "1"\n') is None  # it says so already
    assert published(connection, PILOT, 'hotline = "2"').version == 2
    assert published(connection, ONE, "[desk]\nidle_seconds = 90.0").version == 3
    now = latest(connection, "weinan")
    assert settings_for(now, "desk-1") == {"hotline": "1", "desk": {"idle_seconds": 90.0}}
    assert settings_for(now, "desk-2") == {"hotline": "2"}
    assert settings_for(now, "desk-3") == {"hotline": "1"}
    for place in (Place(Scope.GROUP, "nobody"), Place(Scope.TERMINAL, "desk-9"), Place(Scope.GROUP)):
        with pytest.raises(NotPublishable, match="has no"):
            published(connection, place, 'hotline = "3"')
    with pytest.raises(BadSettings, match="line 2"):
        published(connection, ALL, 'hotline = "3"\nterminal = "x"')
    assert published(connection, ONE, "").version == 4
    assert latest(connection, "weinan").terminals == {}
    (standing, *_) = site_settings.standings(connection, "weinan")
    before = site_settings.of_version(connection, "weinan", 3)
    assert difference(before, standing.edition) == [("terminal desk-1", ["-[desk]", "-idle_seconds = 90.0"])]


def test_who_changes_the_group_gets_its_settings(connection: Connection) -> None:
    published(connection, PILOT, 'hotline = "2"', share=0, names=["desk-2"])
    assert follow_groups(connection, KEY, "weinan", START) is None
    set_group(connection, "weinan", "desk-3", "pilot")
    signed = follow_groups(connection, KEY, "weinan", START)
    assert signed is not None
    assert settings_for(latest(connection, "weinan"), "desk-3") == {"hotline": "2"}
    assert stages(connection, KIND, "weinan")[0].names == ("desk-2",)  # as far as it was
    halt(connection, KIND, "weinan", "by hand")
    set_group(connection, "weinan", "desk-4", "pilot")
    assert follow_groups(connection, KEY, "weinan", START) is None  # until somebody has seen to it


def test_in_steps_and_back(connection: Connection) -> None:
    published(connection, ALL, 'hotline = "1"')
    published(connection, ALL, 'hotline = "2"', share=0, names=["desk-4"])
    keys = [TerminalKey("weinan", f"desk-{number}") for number in range(1, 5)]
    assert [in_force(connection, KIND, key).version for key in keys] == [1, 1, 1, 2]  # type: ignore[union-attr]  # there is one
    back = roll_back(connection, KEY, "weinan", START, KIND)
    assert back.version == 3
    assert msgspec.json.decode(back.body, type=SiteEdition).everybody == 'hotline = "1"\n'
    assert {in_force(connection, KIND, key).version for key in keys} == {3}  # type: ignore[union-attr]  # there is one


@pytest.fixture
def browser(running: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=running.at.console, trust_env=False, timeout=30) as client:
        running.sign_in(client, "technician", hall="weinan", staff_id="t1")
        yield client


def post(browser: httpx.Client, path: str, **fields: str) -> httpx.Response:
    return browser.post(path, data=fields, headers={"Sec-Fetch-Site": "same-origin"})


def newest_of(running: Running) -> str:
    return str(
        running.rows("SELECT coalesce(max(version), 0) FROM published WHERE kind = 'site' AND hall = 'weinan'")[0][0]
    )


def confirmed(running: Running, status: int = 303) -> None:
    """Another person confirms what was proposed last."""
    number = running.rows("SELECT max(number) FROM proposal")[0][0]
    with httpx.Client(base_url=running.at.console, trust_env=False, timeout=30) as second:
        running.sign_in(second, "administrator", hall="weinan", staff_id="a9")
        assert post(second, f"/decisions/{number}/confirm").status_code == status


def test_a_terminal_takes_what_the_console_published_and_its_failure_halts_the_roll_out(
    running: Running, browser: httpx.Client, tmp_path: Path
) -> None:
    terminal = running.terminal("desk")
    name = terminal.enrolled.terminal
    at = f"/terminals/weinan/{name}/site"
    (before,) = running.rows("SELECT coalesce(max(position), 0) FROM audit")[0]
    assert browser.get(f"{at}?lang=en").status_code == 200
    bad = post(browser, f"{at}?lang=en", scope="terminal", newest=newest_of(running), text="[desk]\nidle_secnds = 1.0")
    assert bad.status_code == 422
    assert "Line 2, desk.idle_secnds" in bad.text
    assert "idle_secnds = 1.0" in bad.text  # what was typed is still there
    assert post(browser, at, scope="terminal", newest="77", text='hotline = "1"').status_code == 409
    text = '[desk.devices.camera]\nwidth = 640\n<script>"'
    hostile = post(browser, at, scope="terminal", newest=newest_of(running), text=text)
    assert (hostile.status_code, '<script>"' in hostile.text) == (422, False)
    done = post(browser, at, scope="terminal", newest=newest_of(running), text="[desk.devices.camera]\nwidth = 640")
    assert done.status_code == 303
    assert newest_of(running) == "0", "it waits for a second person"
    confirmed(running)
    shown = browser.get(f"{at}?lang=en&done=site_proposed").text
    assert "desk.devices.camera.width" in shown
    assert "+width = 640" in shown
    assert "2 site" not in shown

    site_file = tmp_path / "site.toml"
    site_file.write_text(LOCAL)
    site, identity = read_site(site_file), load(terminal.folder)
    settings = Settings(site, "desk", identity.terminal, identity.rules_key)
    settings.begin()
    began: list[str] = []

    async def fetch_and_try() -> None:
        async with HubClient(identity) as hub:
            found = await hub.signed(KIND)
        assert found is not None
        assert await settings.take(found[0])

    async def again() -> None:
        began.append("again")

    anyio.run(fetch_and_try)
    settings = Settings(site, "desk", identity.terminal, identity.rules_key)
    chosen = settings.begin()
    assert chosen.changed == {"camera"}
    anyio.run(lambda: settings.prove(chosen, list, again, within=0.3, stay=0.0))  # the camera does not come up
    assert began == ["again"]
    settings = Settings(site, "desk", identity.terminal, identity.rules_key)
    assert settings.begin().trial is None

    health = Health(
        terminal=name,
        role="desk",
        version="1",
        made=WallClock().now(),
        in_service=True,
        view="desk.Start",
        rules_version=0,
        outbox_waiting=0,
        outbox_dead=0,
        editions=settings.held(),
        refused=settings.not_taken(),
    )
    assert terminal.http.post(routes.HEALTH, content=msgspec.json.encode(health)).status_code == 200
    deadline = time.monotonic() + 60
    while not running.rows(
        "SELECT 1 FROM published WHERE kind = 'site' AND hall = 'weinan' AND halted"
    ):  # the hub finds it out
        assert time.monotonic() < deadline
        time.sleep(0.2)
    page = browser.get(f"{at}?lang=en").text
    assert "Halted" in page
    assert f"{name}: did not come up: camera" in page
    assert "was taken back here" in page
    other = running.terminal("desk")
    assert other.http.get(f"{routes.SIGNED}/site").status_code == 404  # nobody else begins with it
    assert post(browser, f"{at}/share", newest=newest_of(running), share="100").status_code == 409
    assert post(browser, f"{at}/resume", newest=newest_of(running)).status_code == 303
    assert post(browser, f"{at}/resume", newest=newest_of(running)).status_code == 409
    assert post(browser, f"{at}/halt", newest=newest_of(running)).status_code == 303
    assert post(browser, f"{at}/melt", newest=newest_of(running)).status_code == 404
    assert browser.get("/terminals/weinan/nobody/site").status_code == 404
    steps = "position > ? AND (what LIKE 'settings%' OR what LIKE 'rollout%')"
    audited = [row[0] for row in running.rows(f"SELECT what FROM audit WHERE {steps} ORDER BY position", before)]
    assert audited == ["settings", "rollout_halted", "settings_resume", "settings_halt"]


def test_the_group_command_follows(running: Running) -> None:
    terminal = running.terminal("desk", "xian")
    name = terminal.enrolled.terminal
    at = ["--hall", "xian", "--terminal", name, "--data", str(running.data.path)]
    assert CliRunner().invoke(hub_command, ["group", *at, "--name", "night"]).exit_code == 0
    with running.hub.engine.execution_options(writes=True).begin() as connection:
        put(connection, running.hub.signing, "xian", Place(Scope.GROUP, "night"), 'hotline = "9"', START)
    assert CliRunner().invoke(hub_command, ["group", *at]).exit_code == 0
    with running.hub.engine.connect() as connection:
        assert settings_for(latest(connection, "xian"), name) == {}


def test_publishing_in_steps_from_the_shell(running: Running) -> None:
    terminal = running.terminal("desk", "baoji")
    other = running.terminal("desk", "baoji")
    at = ["publish", "--hall", "baoji", "--data", str(running.data.path)]

    def told(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(hub_command, [*at, *words])
        return done.exit_code, done.output

    def version(who: Any, kind: str = "catalogue") -> int:
        return int(who.http.get(f"{routes.SIGNED}/{kind}").json()["version"])

    with running.hub.engine.execution_options(writes=True).begin() as connection:
        put(connection, running.hub.signing, "baoji", ALL, 'hotline = "1"', START)
        put(connection, running.hub.signing, "baoji", ALL, 'hotline = "2"', START, share=0)
    name = terminal.enrolled.terminal
    assert told("--kind", "site", "--to", name)[0] == 0
    assert (version(terminal, "site"), version(other, "site")) == (2, 1)
    assert told("--kind", "site", "--halt", "the camera fails") == (0, "site version 2 is halted\n")
    assert version(terminal, "site") == 1  # what it holds it keeps: it takes no older one
    assert told("--kind", "site", "--share", "100")[0] == 2
    assert told("--kind", "site", "--resume") == (0, "site version 2 goes on\n")
    assert told("--kind", "site", "--roll-back") == (0, "site version 3\n")
    assert (version(terminal, "site"), version(other, "site")) == (3, 3)
    noted = running.rows("SELECT actor, what FROM audit WHERE subject = 'baoji' ORDER BY position")
    acts = ["settings_share", "settings_halt", "settings_resume", "settings_roll-back"]
    assert [row for row in noted if row[1].startswith("settings")] == [("operator", act) for act in acts]
    assert told("--kind", "catalogue", "--halt", "x", "--resume")[0] == 2
    assert told("--kind", "staff", "--share", "5")[0] == 2
    assert told()[0] == 2
    assert told("--kind", "catalogue", "--roll-back")[0] == 2  # there is nothing from before
    assert version(other) == 1
