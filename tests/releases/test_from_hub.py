"""A real hub hands releases out in rings, halts by itself, and shows what runs where."""

import shutil
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner

from hub.__main__ import app as hub_commands
from hub.fleet.releases import Releases, failed, halt, resume, want, wanted_of, widen
from hub.rules.publish import NotPublishable
from hub.rules.stages import stages
from kiosk.clock import WallClock
from kiosk.config import Site, read_site
from kiosk.release import release_report
from kiosk.wire import routes
from kiosk.wire.fleet import Health
from kiosk.wire.release import KIND, ReleaseReport, Wanted, within_hours
from kiosk.wire.release_signing import NotStampable
from provisioning.hub_line import HubLine, identity_in
from provisioning.releases.boot import trial
from provisioning.releases.boot.disk import Home
from provisioning.releases.commands import follow
from provisioning.releases.source import FromHub, Missing
from provisioning.releases.update import NotUpdated, Updates, trust
from tests.hub.conftest import running as hub_running
from tests.provisioning.technician import tool
from tests.provisioning.test_service import TEXT
from tests.releases.conftest import CRASHES, GOOD, Yard

running = hub_running
Running = Any


@pytest.fixture
def hall(running: Running) -> str:
    """A hall of its own each test: what is rolled out in one says nothing in another."""
    return f"hall-{len(running.rows('SELECT hall FROM hall'))}"


@pytest.fixture
def stocked(running: Running, yard: Yard) -> Yard:
    """The hub holds the online key, and has taken 0.1.0."""
    shutil.rmtree(running.data.path / "releases", ignore_errors=True)
    shutil.rmtree(yard.repository.path)
    yard.online = Releases(running.data).online_key()
    yard.repository.begin(yard.holders, yard.targets.public_key, yard.online.public_key, yard.now)
    add(running, yard, "0.1.0")
    return yard


def add(running: Running, yard: Yard, version: str, program: str = GOOD, **changes: Any) -> None:
    out, manifest = yard.tarball(version, program, **changes)
    yard.repository.add(out, manifest, yard.targets, yard.now)
    assert version in Releases(running.data).take(yard.repository.path, yard.now)


class Place:
    """A terminal of the hub with a folder of releases."""

    def __init__(self, folder: Path, running: Running, yard: Yard, hall: str) -> None:
        self.line = running.terminal("desk", hall)
        self.name = self.line.enrolled.terminal
        folder = folder / self.name
        folder.mkdir()
        (folder / "site.toml").write_text(TEXT)
        self.site: Site = read_site(folder / "site.toml")
        shutil.copytree(self.line.folder, self.site.identity_of("desk"))
        self.home = Home(folder / "home")
        trust(self.home, (yard.repository.metadata / "1.root.json").read_bytes())

    def follow(self, **given: Any) -> str:
        return follow(self.site, self.home, **given).did

    def prove(self) -> None:
        trial.prove(self.home, "desk", self.home.running())

    def tell(self) -> None:
        """What the program tells the hub after the launcher has noted how it stands."""
        self.home.write(self.home.state / "now-desk.json", trial.state_of(self.home))
        report = release_report({"KIOSK_HOME": str(self.home.path), "KIOSK_PART": "desk"})
        health = Health(
            terminal=self.name,
            role="desk",
            version="0.1.0",
            made=WallClock().now(),
            in_service=True,
            view="desk.Start",
            rules_version=1,
            outbox_waiting=0,
            outbox_dead=0,
            release=report,
        )
        assert self.line.http.post(routes.HEALTH, content=msgspec.json.encode(health)).status_code == 200


@pytest.fixture
def places(tmp_path: Path, running: Running, stocked: Yard, hall: str) -> list[Place]:
    return [Place(tmp_path, running, stocked, hall) for _ in range(2)]


def rolled(running: Running, hall: str, release: str, share: int, *names: str, **hours: int) -> None:
    with running.hub.engine.execution_options(writes=True).begin() as connection:
        wanted = Wanted(release=release, **hours)  # type: ignore[arg-type]  # by name
        want(connection, running.hub.signing, hall, wanted, running.hub.now(), share=share, names=names)


def test_rings_halt_and_go_on(running: Running, stocked: Yard, hall: str, places: list[Place]) -> None:
    first, second = places
    assert "no particular" in first.follow()
    rolled(running, hall, "0.1.0", 100)
    for place in places:
        assert "0.1.0 is on trial" in place.follow()
        place.prove()
        assert "runs already" in place.follow()
    add(running, stocked, "0.2.0", CRASHES)
    rolled(running, hall, "0.2.0", 0, first.name)
    assert "runs already" in second.follow()  # not in its ring
    assert "0.2.0 is on trial" in first.follow()
    under_way = trial.trial_of(first.home)
    assert under_way is not None
    trial.take_back(first.home, under_way, "crashed", "ended with 3")
    first.tell()
    assert failed({key: heard.health for key, heard in running.hub.fleet.heard.items()}, hall, "0.2.0") == [first.name]
    with running.hub.engine.execution_options(writes=True).begin() as connection:
        assert halt(connection, running.hub.signing, hall, running.hub.now()) is not None
        assert halt(connection, running.hub.signing, hall, running.hub.now()) is None
        with pytest.raises(NotPublishable, match="halted"):
            widen(connection, hall, share=100)
    for place in places:
        assert "is halted" in place.follow()
        assert place.home.running() == "0.1.0"
    with running.hub.engine.execution_options(writes=True).begin() as connection:
        assert resume(connection, running.hub.signing, hall, running.hub.now()).names == (first.name,)
    assert "was taken back here (crashed)" in first.follow()
    add(running, stocked, "0.3.0")
    rolled(running, hall, "0.3.0", 100)
    for place in places:
        assert "0.3.0 is on trial" in place.follow()


def test_it_halts_by_itself(running: Running, stocked: Yard, hall: str, places: list[Place]) -> None:
    rolled(running, hall, "0.1.0", 100)
    places[0].follow()
    under_way = trial.trial_of(places[0].home)
    assert under_way is not None
    trial.refuse(places[0].home, "0.1.0", "self_test", "vision")
    places[0].tell()

    def halted() -> bool:
        with running.hub.engine.connect() as connection:
            return wanted_of(connection, stages(connection, KIND, hall)[0]).halted

    deadline = time.monotonic() + 50
    while not halted():
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert "is halted" in places[1].follow()
    assert places[1].home.running() == ""


def test_console_shows_what_runs_and_why(running: Running, stocked: Yard, hall: str, places: list[Place]) -> None:
    place = places[0]
    rolled(running, hall, "0.1.0", 100)
    place.follow()
    place.prove()
    trial.refuse(place.home, "0.2.0", "hangs_at_start", "not ready within 150 s")
    place.tell()
    summary = running.hub.fleet.heard
    reports = [one.health.release for key, one in summary.items() if key.terminal == place.name and key.hall == hall]
    assert reports == [
        ReleaseReport(
            running="0.1.0",
            phase="proven",
            wanted="0.1.0",
            step="installed",
            refused="0.2.0",
            why="hangs_at_start",
            detail="not ready within 150 s",
        )
    ]
    from hub.console.pages import Pages, card_of
    from hub.console.queries import terminals
    from hub.console.words import Language

    with running.hub.engine.connect() as connection:
        known = [one for one in terminals(connection) if (one.hall, one.terminal) == (hall, place.name)]
    card = card_of(running.hub.fleet, known[0], running.hub.now())
    for language, words in ((Language.EN, "hung at the start"), (Language.ZH, "启动无响应")):
        html = Pages(WallClock()).render("_terminal.html", language, card=card, swap=False)
        assert words in html
        assert "0.1.0" in html


def test_a_cut_download_goes_on(running: Running, stocked: Yard, hall: str, places: list[Place]) -> None:
    add(running, stocked, "0.2.0", filler=700_000)
    papers = identity_in(places[0].site.identity_of("desk"))
    assert papers is not None
    with HubLine(papers) as line:
        source = FromHub(line)
        offer = Updates(places[0].home, source, WallClock()).offers()[0]
        name = f"targets/{offer.target.hashes['sha256']}.{offer.target.path}"
        whole = b"".join(source.pull(name))
        assert len(whole) == offer.target.length
        assert b"".join(source.pull(name, 300_000)) == whole[300_000:]
        assert b"".join(source.pull(name, len(whole))) == b""
        with pytest.raises(Missing):
            b"".join(source.pull("targets/none.tar.gz"))
    # nobody without a certificate of this hub gets any
    with running.client() as stranger:
        assert stranger.get(f"{routes.RELEASES}/{name}").status_code == 401
    for bad in ("../keys/signing.pem", "..%2fkeys%2fsigning.pem", ".part"):
        assert places[0].line.http.get(f"{routes.RELEASES}/metadata/{bad}").status_code == 404


def test_hours(running: Running, hall: str, places: list[Place]) -> None:
    now = WallClock().now().astimezone(tz=None)
    from kiosk.clock import CHINA

    hour = now.astimezone(CHINA).hour
    rolled(running, hall, "0.1.0", 100, from_hour=(hour + 2) % 24, until_hour=(hour + 3) % 24)
    assert "lies beside" in places[0].follow()
    assert places[0].home.running() == ""
    assert "on trial" in places[0].follow(at_once=True)
    assert within_hours(23, Wanted(release="0.1.0", from_hour=22, until_hour=5))
    assert within_hours(4, Wanted(release="0.1.0", from_hour=22, until_hour=5))
    assert not within_hours(5, Wanted(release="0.1.0", from_hour=22, until_hour=5))


def test_the_hub_takes_nothing_it_cannot_verify(running: Running, stocked: Yard, tmp_path: Path) -> None:
    from tests.releases.conftest import new_yard

    (tmp_path / "s").mkdir()
    stranger = new_yard(tmp_path / "s")
    stranger.sign("9.0.0")
    with pytest.raises(NotStampable, match="cannot be taken"):
        Releases(running.data).take(stranger.repository.path, stranger.now)
    assert Releases(running.data).versions() == ["0.1.0"]
    with pytest.raises(NotStampable):
        Releases(running.data).take(tmp_path, stranger.now)


def test_stick_without_the_hub(running: Running, stocked: Yard, hall: str, places: list[Place], tmp_path: Path) -> None:
    stick, runner = tmp_path / "stick", CliRunner()
    said = runner.invoke(hub_commands, ["release", "export", str(stick), "--data", str(running.data.path)])
    assert said.exit_code == 0, said.output
    place = places[0]
    arguments = ("--site", place.site.path, "--home", place.home.path)
    assert tool("release", "install", stick, *arguments).out["running"] == "0.1.0"
    place.prove()
    assert "runs already" in tool("release", "install", stick, *arguments).out["did"]
    assert tool("release", "status", "--home", place.home.path).out["phase"] == "proven"
    assert tool("release", "install", tmp_path / "site", *arguments).code == 2
    assert tool("release", "back", "--home", place.home.path).code == 4


def test_ceremony_sign_and_lost_key_by_command(tmp_path: Path, yard: Yard) -> None:
    secret = tmp_path / "passphrase"
    secret.write_text("correct horse battery\n")
    by = ("--passphrase-file", secret)
    for name in ("root-1", "root-2", "root-3", "root-4", "targets", "online"):
        assert tool("release", "key", tmp_path / f"{name}.pem", *by).code == 0
    assert tool("release", "key", tmp_path / "root-1.pem", *by).code == 5  # never replaced
    assert (tmp_path / "root-1.pem").read_text().startswith("-----BEGIN ENCRYPTED")
    repository = ("--repository", tmp_path / "r")
    holders = [part for number in (1, 2, 3) for part in ("--holder", tmp_path / f"root-{number}.pem")]
    public = ("--targets", tmp_path / "targets.pub.pem", "--online", tmp_path / "online.pub.pem")
    assert tool("release", "ceremony", *repository, *holders, *public, *by).code == 0
    out, manifest = yard.tarball("0.2.0")
    file = tmp_path / "kiosk-0.2.0.tar.gz"
    shutil.copy(out, file)
    sign = ("release", "sign", file, *repository, "--key", tmp_path / "targets.pem", *by)
    assert tool(*sign).code == 2  # what it says of itself is missing
    (tmp_path / "kiosk-0.2.0.json").write_bytes(msgspec.json.encode(manifest))
    assert tool(*sign, "--online", tmp_path / "online.pem").code == 0
    wrong = tmp_path / "wrong"
    wrong.write_text("not this one\n")
    assert tool(*sign[:-1], wrong).code == 2
    lost = ("--lost", tmp_path / "root-3.pub.pem", "--fresh", tmp_path / "root-4.pub.pem")
    one = ("--present", tmp_path / "root-1.pem")
    assert tool("release", "rotate", *repository, *one, *lost, *by).code == 5
    two = (*one, "--present", tmp_path / "root-2.pem")
    assert tool("release", "rotate", *repository, *two, *lost, *by).code == 0
    assert (tmp_path / "r/metadata/2.root.json").exists()
    assert tool("release", "withdraw", "0.2.0", *repository, "--key", tmp_path / "targets.pem", *by).code == 0
    assert tool("release", "withdraw", "0.2.0", *repository, "--key", tmp_path / "targets.pem", *by).code == 2


def test_untrusted_terminal(tmp_path: Path, yard: Yard) -> None:
    yard.sign("0.2.0")
    from provisioning.releases.source import Folder

    with pytest.raises(NotUpdated) as raised:
        Updates(Home(tmp_path / "h"), Folder(yard.repository.path), WallClock()).bring(need=("gate",))
    assert raised.value.why == "untrusted"
