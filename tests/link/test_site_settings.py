"""The hub's settings at a terminal: merged with its own file, tried, proven, or taken back by itself."""

import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import anyio
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from drivers.contract import Kind
from kiosk.config import Site, read_site
from kiosk.settings import TRIES, Settings
from kiosk.wire.fleet import Signed
from kiosk.wire.signed import sign
from kiosk.wire.site import KIND, BadSettings, SiteEdition, changed_devices, merged, parse, settings_for

KEY = Ed25519PrivateKey.generate()
PUBLIC = KEY.public_key().public_bytes_raw()
LOCAL = """\
hall = "weinan"
hall_name = "渭南市政务大厅"
terminal = "desk-1"
hotline = "12345"

[panel]
px_per_mm = 3.0

[desk]
idle_seconds = 60.0

[desk.devices.id_reader]
driver = "id_reader/sam-v-serial"
port = "/dev/ttyS1"

[desk.devices.camera]
driver = "camera/uvc"
device = "/dev/video7"
width = 1280

[desk.devices.printer]
driver = "printer/escpos-serial"
port = "/dev/ttyS4"
"""


@pytest.fixture
def site(tmp_path: Path) -> Site:
    file = tmp_path / "site.toml"
    file.write_text(LOCAL)
    return read_site(file)


def edition(version: int, key: Ed25519PrivateKey = KEY, **texts: Any) -> Signed:
    return sign(KIND, version, msgspec.json.encode(SiteEdition(**texts)), key)


def started(site: Site) -> tuple[Settings, Any]:
    settings = Settings(site, "desk", "desk-1", PUBLIC)
    return settings, settings.begin()


async def tried(settings: Settings, chosen: Any, working: Callable[[], Iterable[str]]) -> list[str]:
    began: list[str] = []

    async def again() -> None:
        began.append("again")

    await settings.prove(chosen, working, again, within=0.4, stay=0.0)
    return began


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def test_the_hall_then_the_group_then_the_terminal() -> None:
    given = SiteEdition(
        everybody='hotline = "1"\n[desk]\nidle_seconds = 30.0\nresult_seconds = 5.0',
        groups={"pilot": "[desk]\nidle_seconds = 40.0", "other": "[desk]\nidle_seconds = 41.0"},
        terminals={"desk-1": "[voice]\nvolume = 1", "desk-2": "[voice]\nvolume = 4"},
        members={"desk-1": "pilot"},
    )
    assert settings_for(given, "desk-1") == {
        "hotline": "1",
        "desk": {"idle_seconds": 40.0, "result_seconds": 5.0},
        "voice": {"volume": 1},
    }


def test_what_is_of_the_machine_stays_and_wins() -> None:
    local = parse_local()
    tree = merged(
        local,
        {
            "hotline": "12388",
            "gate": {"lane": "1"},  # a role it does not have
            "desk": {
                "idle_seconds": 30.0,
                "devices": {
                    "camera": {"width": 1920},
                    "printer": {"driver": "printer/escpos-usb", "copies": 2},
                    "thermometer": {"driver": "thermometer/gy-614"},  # nor this device
                },
            },
        },
    )
    assert tree["hotline"] == "12388"
    assert "gate" not in tree
    assert tree["panel"] == {"px_per_mm": 3.0}
    assert tree["desk"] == {
        "idle_seconds": 30.0,
        "devices": {
            "id_reader": {"driver": "id_reader/sam-v-serial", "port": "/dev/ttyS1"},
            "camera": {"driver": "camera/uvc", "device": "/dev/video7", "width": 1920},
            "printer": {"driver": "printer/escpos-usb", "port": "/dev/ttyS4", "copies": 2},
        },
    }
    assert changed_devices(local, tree, "desk") == {"camera", "printer"}
    assert local == parse_local()  # nothing of it was touched


def parse_local() -> dict[str, Any]:
    return tomllib.loads(LOCAL)


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("a = \n", 1, "TOML"),
        ('hotline = "1"\nterminal = "x"\n', 2, "belongs to the machine"),
        ("[panel]\npx_per_mm = 3.0\n", 2, "belongs to the machine"),
        ('[desk.devices.camera]\nwidth = 1\ndevice = "/dev/video0"\n', 3, "belongs to the machine"),
        ('[gate.devices.barrier]\npassword = "x"\n', 2, "secret"),
        ('[gate.health_service]\nsecret_file = "x"\n', 2, "belongs to the machine"),
        ('[gate]\n\nregulars = "many"\n', 3, "integer"),
        ("[desk]\nidle_secnds = 3.0\n", 2, "idle_seconds"),
        ("[desk]\nidle_seconds = 30000.0\n", 2, "600"),
        ("[voice]\nvolume = 9\n", 2, "4"),
        ('[desk.devices.camera]\ndriver = "camera"\n', 2, "KIND/MODEL"),
        ("x" * 20_001, 1, "at most"),
    ],
)
def test_mistakes_name_their_line(text: str, line: int, word: str) -> None:
    with pytest.raises(BadSettings) as caught:
        parse(text)
    assert [(at, word in what) for at, _, what in caught.value.problems] == [(line, True)]


@pytest.mark.anyio
async def test_tried_proven_and_kept(site: Site) -> None:
    settings, chosen = started(site)
    assert (chosen.trial, settings.version, chosen.site.hotline) == (None, 0, "12345")
    assert await settings.take(edition(3, everybody='hotline = "12388"\n[desk.devices.camera]\nwidth = 640'))
    assert settings.held() == {"site": 0}  # not before it runs with it
    settings, chosen = started(site)
    assert (chosen.trial, chosen.changed, settings.held()) == (3, {"camera"}, {"site": 3})
    assert chosen.site.hotline == "12388"
    assert chosen.site.devices["desk"][Kind.CAMERA].options.model_dump()["width"] == 640
    assert await tried(settings, chosen, lambda: ["camera"]) == []
    for _ in range(TRIES + 1):
        settings, chosen = started(site)
        assert (chosen.trial, settings.version, chosen.site.hotline) == (None, 3, "12388")
    assert site.path.read_text() == LOCAL  # the technician's file stays as it was


@pytest.mark.anyio
async def test_devices_that_do_not_come_up_take_it_back(site: Site) -> None:
    settings, _ = started(site)
    await settings.take(edition(1, everybody='hotline = "1"'))
    settings, chosen = started(site)
    assert await tried(settings, chosen, list) == []  # no device is set up otherwise: nothing has to come up
    assert await settings.take(edition(2, everybody='hotline = "2"\n[desk.devices.printer]\nwidth_dots = 384'))
    settings, chosen = started(site)
    assert await tried(settings, chosen, lambda: ["camera", "id_reader"]) == ["again"]
    assert settings.refused is not None
    settings, chosen = started(site)
    assert (chosen.trial, settings.version, chosen.site.hotline) == (None, 1, "1")  # the last good one
    assert settings.not_taken()["site"].version == 2
    assert "printer" in settings.not_taken()["site"].why
    assert not await settings.take(edition(2, everybody='hotline = "2"'))  # it is not tried again
    assert await settings.take(edition(3, everybody='hotline = "3"'))
    settings, chosen = started(site)
    assert await tried(settings, chosen, list) == []
    assert settings.not_taken() == {}


@pytest.mark.anyio
async def test_a_program_that_does_not_stay_up_goes_back(site: Site) -> None:
    settings, _ = started(site)
    await settings.take(edition(1, everybody='hotline = "1"'))
    for _ in range(TRIES):
        _, chosen = started(site)
        assert chosen.trial == 1  # and it is killed before it is proven
    settings, chosen = started(site)
    assert (chosen.trial, settings.version, chosen.site.hotline) == (None, 0, "12345")
    assert "did not stay up" in settings.not_taken()["site"].why


@pytest.mark.anyio
async def test_what_cannot_be_used_is_refused_at_once(site: Site) -> None:
    settings, _ = started(site)
    other = Ed25519PrivateKey.generate()
    bad = [
        edition(1, other, everybody='hotline = "1"'),
        sign(KIND, 2, b'{"everybody": 7}', KEY),
        sign(KIND, 3, b'{"somebody": ""}', KEY),
        edition(4, everybody='terminal = "desk-9"'),
        edition(5, everybody='[desk.devices.camera]\ndriver = "camera/no-such"'),
        edition(6, terminals={"desk-1": "[desk.devices.camera]\nwidth = -5"}),
        edition(7, everybody="[desk.devices.camera]\nwdith = 640"),
    ]
    for signed in bad:
        assert not await settings.take(signed)
        assert settings.not_taken()["site"].version == signed.version
        assert settings.not_taken()["site"].why
    assert started(site)[1].trial is None
    # Nothing in it is for this terminal: it holds it, and does not start again.
    assert not await settings.take(edition(8, terminals={"desk-2": 'hotline = "1"'}))
    assert (settings.held(), settings.not_taken()) == ({"site": 8}, {})
    assert started(site)[0].held() == {"site": 8}


@pytest.mark.anyio
async def test_a_site_file_that_was_changed_by_hand_is_not_stopped_by_old_settings(site: Site) -> None:
    settings, _ = started(site)
    await settings.take(edition(1, everybody="[desk.devices.camera]\nwidth = 640"))
    settings, chosen = started(site)
    assert await tried(settings, chosen, lambda: ["camera"]) == []
    site.path.write_text(
        LOCAL.replace('"camera/uvc"', '"camera/folder"').replace("device =", "path =").replace("width = 1280", "")
    )
    settings, chosen = started(read_site(site.path))
    assert (chosen.trial, settings.version) == (None, 0)  # the new model knows no width: its own file counts
    (site.data / "desk" / "settings" / "good.json").write_bytes(b"{")
    assert started(read_site(site.path))[0].version == 0


@pytest.mark.anyio
async def test_devices_have_to_stay_up(site: Site) -> None:
    settings, _ = started(site)
    await settings.take(edition(1, everybody="[desk.devices.camera]\nwidth = 640"))
    settings, chosen = started(site)
    looks = 0

    def flickering() -> list[str]:
        nonlocal looks
        looks += 1
        return ["camera"] if looks % 2 else []

    began: list[int] = []

    async def again() -> None:
        began.append(1)

    with anyio.fail_after(20):
        await settings.prove(chosen, flickering, again, within=2.0, stay=1.2)
    assert began == [1]
