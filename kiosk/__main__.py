"""`python -m kiosk`: run a terminal, or show the whole thing with an invented crowd.

The composition root: the only file that imports the screens, and the only one besides the demonstration that may
bring in simulated devices. Exit codes: 0 done; 1 the demonstration's books or the replayed decisions do not agree;
2 wrong arguments, a site file that cannot be used, or a terminal that is not enrolled; 78 a technician ended it.
"""

import json
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, TypeVar, cast
from uuid import UUID

import anyio
import anyio.from_thread
import msgspec
import structlog
import typer

from drivers.contract import Kind
from kiosk import log
from kiosk.arenas import few_arenas
from kiosk.clock import CHINA, WallClock
from kiosk.config import Role, Site, SiteFileError, read_site
from kiosk.view.screen import Picture, Screen, Touch
from kiosk.view.spoken import Spoken

if TYPE_CHECKING:
    from kiosk.demo.cases import GateCase
    from kiosk.demo.plan import Roles
    from kiosk.link.identity import TerminalIdentity
    from kiosk.settings import Chosen, Settings

os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")  # OpenCV talks on standard error, which is for our log

app = typer.Typer(
    help="The terminal of a government service hall: gate, desk, and a demonstration of both.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

_WINDOWS = {"gate": (40, 60), "desk": (640, 60)}
"""Where the windows of a terminal with both roles, or of the demonstration, stand side by side."""
_UI = ("auto", "window", "offscreen", "fullscreen", "none")
LEFT_TO_TECHNICIAN = 78
"""Exit code: a technician has ended the program, and whoever starts it must not start it again."""
_log = log.logger("main")


def _fail(message: object) -> NoReturn:
    typer.echo(str(message), err=True)
    raise typer.Exit(2)


def _mode(ui: str) -> str:
    if ui not in _UI:
        _fail(f"--ui {ui!r}: one of {', '.join(_UI)}")
    if ui != "auto":
        return ui
    return "window" if os.environ.get("DISPLAY") else "offscreen"


def _role(site: Site, role: str) -> Role:
    if role == "":
        if len(site.roles) > 1:
            _fail(f"{site.path}: has both roles; choose one with --role gate or --role desk")
        return site.roles[0]
    for known in site.roles:
        if known == role:
            return known
    _fail(f"{site.path}: does not set up the role {role!r}, only {', '.join(site.roles)}")


@app.command()
def run(
    *,
    site: Annotated[Path, typer.Option(help="The terminal's site file (TOML).")],
    role: Annotated[str, typer.Option(help="gate or desk; needed when the file sets up both.")] = "",
    simulate: Annotated[
        bool, typer.Option("--simulate", help="Put simulated devices at the end of each wire.")
    ] = False,
    ui: Annotated[str, typer.Option(help="auto, window, fullscreen, offscreen or none.")] = "auto",
) -> None:
    """Run one role of this terminal until SIGINT or SIGTERM."""
    log.set_up()
    try:
        read = read_site(site)
    except SiteFileError as error:
        _fail(error)
    chosen = _role(read, role)
    few_arenas()
    settings = _settings(read, chosen)
    with _simulated(read if settings is None else settings[1].site, chosen, wanted=simulate) as ready:
        _run_terminal(ready, chosen, _mode(ui), settings)


def _settings(site: Site, role: Role) -> "tuple[Settings, Chosen] | None":
    """The hub's settings for this terminal; None before it is enrolled."""
    from kiosk.link.identity import NotEnrolled, load  # noqa: PLC0415  a wrong site file should fail at once
    from kiosk.settings import Settings  # noqa: PLC0415  the same

    try:
        identity = load(site.identity_of(role))
        settings = Settings(site, role, identity.terminal, identity.rules_key)
        return settings, settings.begin()
    except NotEnrolled:
        return None  # said where it is needed
    except (SiteFileError, OSError) as error:
        _fail(error)


@contextmanager
def _simulated(site: Site, role: Role, *, wanted: bool) -> Iterator[Site]:
    """The site, with its devices replaced by simulated ones of the same models where that is wanted."""
    if not wanted:
        yield site
        return
    from kiosk.demo.puppets import simulated_site  # noqa: PLC0415  simulators are reached behind this switch only

    with simulated_site(site, role) as changed:
        yield changed


def _run_terminal(site: Site, role: Role, mode: str, settings: "tuple[Settings, Chosen] | None") -> None:
    from kiosk.link.identity import NotEnrolled, load  # noqa: PLC0415  a wrong site file should fail at once

    try:
        identity = load(site.identity_of(role))
    except NotEnrolled as error:
        _fail(error)
    structlog.contextvars.bind_contextvars(role=role, terminal=site.terminal)
    over = threading.Event()
    snapshots = _Newest()
    failure: list[BaseException] = []
    with anyio.from_thread.start_blocking_portal("asyncio") as portal:
        screens = _Screens(over, snapshots) if mode != "none" else None
        core = portal.start_task_soon(partial(_core, site, role, identity, screens, snapshots, portal, settings))

        def ended(_future: object) -> None:
            if not core.cancelled() and core.exception() is not None:
                failure.append(core.exception() or RuntimeError("the core ended"))
            over.set()
            if screens is not None:
                screens.stop()

        core.add_done_callback(ended)
        _until_over(over, screens, site, role, mode)
        core.cancel()
        with suppress(Exception):
            portal.call(anyio.sleep, 0)
        _wait_for(core)
    if failure:
        from kiosk.order_acts import RestartOrdered  # noqa: PLC0415  it was loaded with the core
        from kiosk.store.database import StoreError  # noqa: PLC0415  the same
        from kiosk.technician.entry import TechnicianLeaves  # noqa: PLC0415  the same

        fault = _leaf(failure[0])
        if isinstance(fault, StoreError):
            _fail(fault)
        if isinstance(fault, RestartOrdered):
            raise typer.Exit(0)  # its unit, or the launcher, starts it again: it did not crash
        if isinstance(fault, TechnicianLeaves):
            raise typer.Exit(0 if fault.again else LEFT_TO_TECHNICIAN)
        raise failure[0]


async def _core(
    site: Site,
    role: Role,
    identity: "TerminalIdentity",
    screens: "_Screens | None",
    snapshots: "_Newest",
    portal: anyio.from_thread.BlockingPortal,
    settings: "tuple[Settings, Chosen] | None",
) -> None:
    """Load the rest of the program, while the screens say already that the terminal starts, and run it."""
    from kiosk.run import Terminal  # noqa: PLC0415  it takes as long as all of the screens

    terminal = Terminal(
        site,
        role,
        identity,
        draw=screens.draw if screens is not None else lambda _screen: None,
        snapshot=snapshots.get,
        tell=_told,
        guide=screens.bridge.guide if screens is not None else lambda _what: None,
        settings=settings,
    )
    if screens is not None:
        terminal.has_screen = True
        screens.on_touch = partial(portal.start_task_soon, terminal.touch_soon)
        screens.bridge.on_mirror = terminal.help_rings.mirror
        screens.camera.source, screens.staff.source = terminal.ring, terminal.help_rings.staff

        def marked(box: tuple[float, float, float, float] | None) -> None:
            portal.start_task_soon(terminal.marked_soon, box)

        screens.bridge.on_marked = marked
    await terminal.run()


def _told(screen: Screen) -> Spoken:
    """What is said aloud of a screen."""
    from ui.voice import spoken  # noqa: PLC0415  its catalogues are read when somebody is there to hear

    return spoken(screen.state, screen.language)


def _wait_for(core: "object") -> None:
    from concurrent.futures import CancelledError, Future, wait  # noqa: PLC0415  only at the very end

    if isinstance(core, Future):
        with suppress(CancelledError):
            wait([core], timeout=20.0)


class _Newest:
    """The newest masked picture of the screen."""

    def __init__(self) -> None:
        self._png: bytes | None = None

    def put(self, png: bytes) -> None:
        self._png = png

    def get(self) -> bytes | None:
        return self._png


class _Later:
    """A camera's picture for the screens, which run before there is a camera."""

    def __init__(self) -> None:
        self.source: Picture | None = None

    def newest(self) -> tuple[int, int, bytes] | None:
        """The newest picture, None when there is none yet."""
        return None if self.source is None else self.source.newest()


class _Screens:
    """The bridge to Kivy, made before Kivy is, and the pictures it shows."""

    def __init__(self, over: threading.Event, snapshots: _Newest) -> None:
        from ui.app import Bridge  # noqa: PLC0415  a terminal without screens does not load them

        self._over = over
        self.on_touch: object = None
        self.bridge = Bridge(self._touched, snapshots.put)
        self.camera, self.staff = _Later(), _Later()

    def draw(self, screen: Screen) -> None:
        self.bridge.show(screen)

    def stop(self) -> None:
        self.bridge.stop()

    def _touched(self, touch: Touch) -> None:
        if callable(self.on_touch):
            self.on_touch(touch)


def _until_over(over: threading.Event, screens: _Screens | None, site: Site, role: Role, mode: str) -> None:
    """Hold the main thread until a signal comes or the core ends: in Kivy, or waiting."""

    def stop(number: int, _frame: object) -> None:
        _log.info("stopping", signal=signal.Signals(number).name)
        over.set()
        if screens is not None:
            screens.stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    if screens is None:
        while not over.wait(0.5):
            pass
        return
    from ui.app import Mounting, Options, WindowMode  # noqa: PLC0415  Kivy reads its settings at import
    from ui.app import run as run_screens  # noqa: PLC0415  the same

    if over.is_set():
        return
    clock = WallClock()
    run_screens(
        role,
        screens.bridge,
        screens.camera,
        Options(
            now=lambda: clock.now().astimezone(CHINA),
            home=site.data / role / "kivy",
            window=WindowMode(mode),
            position=_WINDOWS[role],
            hall=site.hall_name,
            mounting=Mounting(site.panel.px_per_mm, site.panel.bottom_mm),
            touch_map=site.panel.touch,
            staff_picture=screens.staff,
        ),
    )
    over.set()


@app.command("voice-clips")
def voice_clips() -> None:
    """Make the clips of all fixed sentences (part of set-up; those that are there already are kept)."""
    from kiosk.voice.synthesis import SpeechError  # noqa: PLC0415  the synthesiser is needed here only
    from kiosk.voice_setup import make_all_clips  # noqa: PLC0415  the same
    from ui.voice import phrases  # noqa: PLC0415  the same

    try:
        for line in make_all_clips(phrases):
            typer.echo(line)
    except SpeechError as error:
        _fail(error)


@app.command()
def demo(
    *,
    people: Annotated[int, typer.Option(min=0, max=2000, help="Visitors at the gate.")] = 20,
    submissions: Annotated[int, typer.Option(min=0, max=500, help="Applicants at the desk.")] = 5,
    seed: Annotated[int, typer.Option(help="Of everything that is invented.")] = 7,
    kill: Annotated[int, typer.Option(min=0, max=200, help="SIGKILL gate, desk or hub so many times meanwhile.")] = 0,
    hub_down: Annotated[str, typer.Option(help="auto, never, half or whole: when the hub is away.")] = "auto",
    ui: Annotated[str, typer.Option(help="none, offscreen or window, for both terminals.")] = "none",
    plain: Annotated[bool, typer.Option("--plain", help="Nothing is wrong with anybody.")] = False,
    role: Annotated[str, typer.Option(help="both, gate or desk: which terminals there are.")] = "both",
    case: Annotated[
        list[str] | None, typer.Option(help="Somebody special among the visitors, e.g. party_with_companions; repeat.")
    ] = None,
    driver: Annotated[
        list[str] | None, typer.Option(help="Another model than the default one, e.g. thermometer/cjmcu-90614; repeat.")
    ] = None,
    items: Annotated[str, typer.Option(help="all: with --role desk, somebody applies for each item.")] = "",
    item: Annotated[list[str] | None, typer.Option(help="The same for this item only, by its key; repeat.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else on stdout.")] = False,
    live: Annotated[bool, typer.Option("--live", help="Go on until Ctrl-C, with screens and the console.")] = False,
    training: Annotated[bool, typer.Option("--training", help="With --live: the screens say so.")] = False,
    console_port: Annotated[int, typer.Option(help="The console's port, with --live.")] = 8080,
    data: Annotated[Path, typer.Option(help="Folder of a --live demonstration.")] = Path("var/demo"),
) -> None:
    """Start hub, gate and desk with simulated devices and an invented crowd, and check the books at the end.

    Ends with 0 only if what the hub holds equals what the terminals did and what each invented person deserved.
    """
    from kiosk.demo.show import Plan, demonstrate  # noqa: PLC0415  a terminal does not load the crowd
    from kiosk.demo.show import live as go_on  # noqa: PLC0415  the same
    from kiosk.demo.stage_crew import CrewError  # noqa: PLC0415  the same
    from provisioning.assets import AssetError, portraits  # noqa: PLC0415  the same

    if hub_down not in {"auto", "never", "half", "whole"}:
        _fail(f"--hub-down {hub_down!r}: auto, never, half or whole")
    log.set_up(level=40)
    wanted = _items(role, items, item or [])
    try:
        faces = portraits()
        if wanted:
            _apply_for(wanted, seed, "none" if ui == "auto" else ui, faces, as_json=as_json)
        if live:
            mode = _mode("auto" if ui == "none" else ui)
            anyio.run(_until_signal, partial(go_on, mode, data.resolve(), faces, _say, console_port, training=training))
            _say("everything is stopped")
            return
        # Killing the hub needs it up.
        away = hub_down if hub_down != "auto" else "never" if kill else "half"
        shown = "none" if ui == "auto" else ui
        roles, cases = _played(role, case or [])
        plan = Plan(people, submissions, seed, kill, away, shown, _by_kind(driver or []), plain, roles, cases)
        report = anyio.run(_until_signal, partial(demonstrate, plan, faces, _say))
        if report is None:
            raise typer.Exit(130)
    except (AssetError, CrewError) as error:
        _fail(error)
    except BaseExceptionGroup as group:
        failed = group.subgroup(CrewError)
        if failed is None:
            raise
        _fail(_first_leaf(failed))
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
    else:
        _print(report)
    raise typer.Exit(0 if report["agrees"] else 1)


def _items(role: str, items: str, item: list[str]) -> list[str]:
    """The items that are to be applied for; none for the ordinary demonstration."""
    if items not in {"", "all"}:
        _fail(f"--items {items!r}: all, or name them with --item")
    wanted = [*item, *([items] if items else [])]
    if wanted and role != "desk":
        _fail("--items and --item go with --role desk")
    return wanted


def _apply_for(wanted: list[str], seed: int, ui: str, faces: dict[str, list[Path]], *, as_json: bool) -> NoReturn:
    from kiosk.demo.items import NoSuchItem, every_item, told  # noqa: PLC0415  a terminal does not load the crowd

    try:
        report = anyio.run(_until_signal, partial(every_item, wanted, seed, ui, faces, _say))
    except* NoSuchItem as group:
        _fail(_first_leaf(group))
    if report is None:
        raise typer.Exit(130)
    typer.echo(json.dumps(report, ensure_ascii=False) if as_json else told(report))
    raise typer.Exit(0 if report["agrees"] else 1)


@app.command()
def replay(
    *,
    site: Annotated[Path, typer.Option(help="The terminal's site file (TOML).")],
    passage: Annotated[str, typer.Option(help="Id of one passage; all of them when left out.")] = "",
) -> None:
    """Decide the gate's stored passages again, each by the rules it names, and print JSON.

    Ends with 0 only if every one decides the same again; 1 if one does not, or cannot be decided any more.
    """
    from kiosk.link.identity import NotEnrolled  # noqa: PLC0415  only for this command
    from kiosk.replay import replay_site  # noqa: PLC0415  the same
    from kiosk.store.database import StoreError  # noqa: PLC0415  the same

    log.set_up(level=40)
    try:
        only = UUID(passage) if passage else None
    except ValueError:
        _fail(f"--passage {passage!r}: is no id of a passage")
    try:
        read = read_site(site)
        _role(read, "gate")
        found = anyio.run(replay_site, read, only)
    except LookupError as error:
        _fail(f"no passage {error} is stored here")
    except (SiteFileError, NotEnrolled, StoreError) as error:
        _fail(error)
    typer.echo(json.dumps({"agrees": found.agrees} | msgspec.to_builtins(found, str_keys=True), ensure_ascii=False))
    raise typer.Exit(0 if found.agrees else 1)


def _played(role: str, cases: list[str]) -> "tuple[Roles, tuple[GateCase, ...]]":
    from kiosk.demo.cases import GateCase  # noqa: PLC0415  a terminal does not load the crowd

    if role not in {"both", "gate", "desk"}:
        _fail(f"--role {role!r}: both, gate or desk")
    try:
        return cast("Roles", role), tuple(GateCase(name) for name in cases)
    except ValueError as error:
        _fail(f"--case: {error}; there are: {', '.join(sorted(GateCase))}")


def _by_kind(keys: list[str]) -> dict[Kind, str]:
    from drivers.simulate.__main__ import WHERE  # noqa: PLC0415  simulators are reached behind this switch only
    from kiosk.demo.street import DEFAULTS  # noqa: PLC0415  the same

    chosen: dict[Kind, str] = {}
    for key in keys:
        kind = key.partition("/")[0]
        if key not in WHERE or kind not in {known.value for known in DEFAULTS}:
            simulated = ", ".join(k for k in WHERE if k.partition("/")[0] in {known.value for known in DEFAULTS})
            _fail(f"--driver {key!r}: there is no such model in the demonstration; there are: {simulated}")
        chosen[Kind(kind)] = key
    return chosen


T = TypeVar("T")


async def _until_signal(work: Callable[[], Awaitable[T]]) -> T | None:
    """Do `work`; on SIGINT or SIGTERM stop it, with everything it started, and return None."""
    result: list[T] = []
    async with anyio.create_task_group() as group:
        # the receiver stays until the work has stopped: a second Ctrl-C must not take it apart half way
        with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:

            async def stop() -> None:
                async for _number in signals:
                    _say("stopping")
                    group.cancel_scope.cancel()

            group.start_soon(stop)
            result.append(await work())
            group.cancel_scope.cancel()
    return result[0] if result else None


def _leaf(error: BaseException) -> BaseException:
    """What was raised, without the task groups around it."""
    return _first_leaf(error) if isinstance(error, BaseExceptionGroup) else error


def _first_leaf(group: BaseExceptionGroup[BaseException]) -> BaseException:
    first = group.exceptions[0]
    return _first_leaf(first) if isinstance(first, BaseExceptionGroup) else first


def _say(line: str) -> None:
    typer.echo(f"▸ {line}", err=True)


def _print(report: dict[str, object]) -> None:
    from rich import print_json  # noqa: PLC0415  only for people

    print_json(data=report)


if __name__ == "__main__":
    sys.exit(app())
