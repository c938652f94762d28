"""Drills on simulated devices that really leave, hang and send garbage; and devices watched while they do."""

import threading
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest

from drivers.simulate.__main__ import obey
from drivers.simulate.contract import Simulator
from kiosk.clock import WallClock
from kiosk.config import Site, read_site
from provisioning import drill as drills
from provisioning.drill import BySimulator, drill
from provisioning.live_devices import Seen, watch
from provisioning.site_text import with_table
from provisioning.talk import CannotDo
from tests.provisioning.technician import tool


@pytest.fixture
def site(tmp_path: Path, plugged: dict[str, Simulator]) -> Site:
    text = 'hall = "weinan"\nhall_name = "示例"\nterminal = "gate-1"\n\n[gate]\nlane = "1"\n'
    for key, simulator in plugged.items():
        options = {name: value for name, value in simulator.options.items() if isinstance(value, str | int | float)}
        text = with_table(text, ("gate", "devices", key.partition("/")[0]), {"driver": key, **options})
    file = tmp_path / "site.toml"
    file.write_text(text)
    return read_site(file)


@pytest.fixture
def obedient(tmp_path: Path, plugged: dict[str, Simulator]) -> Iterator[Path]:
    """The simulators do what the files beside them ask, as `python -m drivers.simulate` does."""
    over = threading.Event()
    places = {tmp_path / "plugged" / f"port-{number}": one for number, one in enumerate(plugged.values())}

    def listen() -> None:
        while not over.wait(0.02):
            for folder, simulator in places.items():
                obey(simulator, folder / "do")

    thread = threading.Thread(target=listen)
    thread.start()
    yield tmp_path / "plugged"
    over.set()
    thread.join()


def test_unplugged_garbage_and_what_a_simulator_cannot_do(site: Site, obedient: Path) -> None:
    said = tool(
        "drill", "thermometer", "--site", site.path, "--simulate", obedient, "--only", "unplug", "--only", "garbage"
    )
    assert said.code == 0, said
    by_id = {one["id"]: one for one in said.out["results"]}
    assert set(by_id) == {"drill.gate.thermometer.unplug", "drill.gate.thermometer.garbage"}
    assert {one["verdict"] for one in by_id.values()} == {"pass"}
    assert "absent after" in by_id["drill.gate.thermometer.unplug"]["value"]
    assert "back after" in by_id["drill.gate.thermometer.unplug"]["value"]
    machine = tool("drill", "--site", site.path, "--simulate", obedient, "--only", "line")
    assert [one["verdict"] for one in machine.out["results"]] == ["not_run"]


def test_a_hanging_device(site: Site, obedient: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drills, "HANG_S", 6.0)
    said = tool("drill", "code_scanner", "--site", site.path, "--simulate", obedient, "--only", "hang")
    assert said.code == 0, said
    assert "back after" in said.out["results"][0]["value"]


def test_one_that_does_not_come_back_fails(
    site: Site, obedient: Path, plugged: dict[str, Simulator], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drills, "BACK_S", 1.5)

    class Broken(BySimulator):
        def do(self, what: str, entry: object) -> None:
            if what != "replug":
                super().do(what, entry)  # type: ignore[arg-type]  # as given

    done = anyio.run(
        lambda: drill(
            site, WallClock(), Broken(obedient), only="thermometer", which=("unplug",), say=lambda _text: None
        )
    )
    assert [one.verdict.value for one in done.results] == ["fail"]
    assert "does not come back" in done.results[0].value
    assert done.results[0].remedy


def test_unknown_drill_and_no_simulator(site: Site, tmp_path: Path) -> None:
    assert tool("drill", "--site", site.path, "--simulate", tmp_path, "--only", "fire").code == 2
    with pytest.raises(CannotDo):
        BySimulator(tmp_path / "elsewhere").do("unplug", next(iter(site.devices["gate"].values())))


def test_watched_while_it_is_unplugged(site: Site, plugged: dict[str, Simulator]) -> None:
    told: list[Seen] = []

    def tell(seen: Seen) -> None:
        told.append(seen)
        if seen.state == "ready" and len([one for one in told if one.state == "ready"]) == 1:
            plugged["thermometer/gy-614"].unplug()
        elif seen.state == "absent" and any(one.state == "ready" for one in told):
            plugged["thermometer/gy-614"].replug()

    async def until_it_is_back() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(watch, site, "gate.thermometer", WallClock(), 0.0, tell)
            with anyio.fail_after(50):
                while [one.state for one in told].count("ready") < 2:
                    await anyio.sleep(0.05)
            group.cancel_scope.cancel()

    anyio.run(until_it_is_back)
    states = [one.state for one in told]
    assert states[states.index("ready") :] == ["ready", "absent", "ready"]
    assert {one.device for one in told} == {"gate.thermometer"}


def test_watched_for_a_while(site: Site) -> None:
    assert [one.device for one in anyio.run(lambda: watch(site, "thermometer", WallClock(), 0.1, lambda _: None))] == [
        "gate.thermometer"
    ]
