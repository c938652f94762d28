"""The two machines' surroundings: simulated devices at the far end of real wires, and what people show to them."""

import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, Protocol, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.contract import Kind
from drivers.kinds import Paper
from drivers.simulate.__main__ import start
from drivers.simulate.contract import Simulator, toml
from drivers.simulate.frames import Scene
from drivers.simulate.papers import (
    business_licence,
    certificate_of_deposit,
    empty_desk,
    half_outside,
    on_desk,
    proof_of_residence,
)
from drivers.simulate.sam_v import SimulatedCard
from drivers.simulate.scenes import chip_photo, empty_hall, standing, two_people
from kiosk.demo import films
from kiosk.demo.films import Films
from kiosk.demo.people import Invented
from kiosk.vision.engines.yunet import YuNet
from kiosk.vision.wlt import encode_synthetic

Picture = NDArray[np.uint8]

VARIANTS = 4
"""Pictures that a scene is made of: the same person, standing a little differently."""


class Faces:
    """The portraits, and the scenes and chip photos made of them. Scenes are made once and shown often.

    Args:
        portraits: pictures of each person; the first is the one on the card.
        seed: of positions, light and noise.
    """

    def __init__(self, portraits: Mapping[str, list[Path]], seed: int) -> None:
        self._people = [[_read(path) for path in paths] for _, paths in sorted(portraits.items())]
        self._rng = np.random.default_rng(seed)
        self._scenes: dict[tuple[str, int], tuple[Picture, ...]] = {}
        self._photos: dict[int, bytes] = {}
        self._films: dict[tuple[str, int], Films] = {}
        self._detector: YuNet | None = None

    def __len__(self) -> int:
        return len(self._people)

    def photo(self, face: int) -> bytes:
        """The card's photo block: the portrait reduced to 102 x 126, marked as synthetic."""
        if face not in self._photos:
            self._photos[face] = encode_synthetic(chip_photo(self._people[face][0]))
        return self._photos[face]

    def alone(self, face: int) -> tuple[Picture, ...]:
        """One person before the camera, on another photograph than the card's where there is one."""
        pictures = self._people[face]
        live = pictures[1:] or pictures
        return self._scene("alone", face, lambda n: standing(live[n % len(live)], self._rng))

    def with_friend(self, face: int) -> tuple[Picture, ...]:
        """Two people side by side."""
        friend = self._people[(face + 1) % len(self._people)][0]
        return self._scene("two", face, lambda _: two_people(self._people[face][0], friend, self._rng))

    def masked(self, face: int) -> tuple[Picture, ...]:
        """One person alone, with a mask over nose and mouth."""
        if ("masked", face) not in self._scenes:
            self._detector = self._detector or YuNet()
            self._scenes["masked", face] = films.masked(self.alone(face), self._detector)
        return self._scenes["masked", face]

    def film(self, what: str, face: int) -> Films:
        """How somebody, or what they hold up instead, moves before the camera. Takes seconds the first time.

        Args:
            what: `living`, `photograph`, or `screen`.
        """
        if (what, face) not in self._films:
            portrait = self._people[face][-1]
            make = {"living": films.living, "photograph": films.photograph, "screen": films.screen}[what]
            self._films[what, face] = make(portrait, face)
        return self._films[what, face]

    def nobody(self) -> tuple[Picture, ...]:
        """The empty hall."""
        return self._scene("nobody", 0, lambda _: empty_hall(self._rng))

    def _scene(self, name: str, face: int, make: Callable[[int], Picture]) -> tuple[Picture, ...]:
        key = (name, face)
        if key not in self._scenes:
            self._scenes[key] = tuple(make(n) for n in range(VARIANTS))
        return self._scenes[key]


class Papers:
    """Papers as the document camera sees them, one of each kind, whole and half outside."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        sheets = (proof_of_residence(rng), certificate_of_deposit(rng), business_licence(rng))
        self.whole = tuple((on_desk(sheet, rng)[0],) for sheet in sheets)
        self.half = tuple((half_outside(sheet, rng)[0],) for sheet in sheets)


def _read(path: Path) -> Picture:
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise ValueError(f"{path} is no picture")
    return cast("Picture", picture)


def card_of(person: Invented, photo: bytes, *, expired: bool = False) -> SimulatedCard:
    """A person's identity card."""
    return SimulatedCard(
        name=person.name,
        number=person.number,
        birth=person.birth,
        sex=person.sex,
        address=person.address,
        issuer="示例市公安局",
        valid_from=date(2004, 1, 1) if expired else date(2018, 1, 1),
        valid_to=date(2024, 1, 1) if expired else date(2038, 1, 1),
        photo=photo,
    )


class SimulatedReader(Simulator, Protocol):
    """A reader on which cards are laid."""

    def lay(self, card: SimulatedCard) -> None:
        """Lay a card on it."""
        ...

    def take_away(self) -> None:
        """Take the card away."""
        ...

    def snatch(self) -> None:
        """Take the next card away while it is being read."""
        ...


class SimulatedThermometer(Simulator, Protocol):
    """A thermometer before which a forehead is. Degrees Celsius."""

    object_c: float
    ambient_c: float
    sway_c: float


class SimulatedScanner(Simulator, Protocol):
    """A scanner before which codes are held."""

    def show(self, payload: bytes) -> None:
        """Hold a code before it."""
        ...

    def hide(self) -> None:
        """Take it away."""
        ...


class SimulatedBarrier(Simulator, Protocol):
    """A turnstile that people walk through."""

    @property
    def journal(self) -> list[tuple[float, str]]:
        """What happened, and when (monotonic seconds)."""
        ...

    @property
    def releases(self) -> int:
        """How often it was released."""
        ...

    def wait_released(self, timeout: float) -> bool:
        """Stand before it until it is released."""
        ...

    def walk_through(self) -> bool:
        """One person goes through."""
        ...

    def turn_back(self) -> bool:
        """One person steps in and goes back."""
        ...

    def tailgate(self) -> bool:
        """One goes through with another close behind."""
        ...

    def hold_open(self) -> bool:
        """One goes through and holds the door."""
        ...


class SimulatedCamera(Simulator, Protocol):
    """A camera before which a scene is."""

    scene: Scene


class SimulatedPrinter(Simulator, Protocol):
    """A printer whose paper somebody takes out and puts in."""

    paper: Paper


DEFAULTS: Mapping[Kind, str] = {
    Kind.ID_READER: "id_reader/sam-v-serial",
    Kind.CAMERA: "camera/folder",
    Kind.THERMOMETER: "thermometer/gy-614",
    Kind.CODE_SCANNER: "code_scanner/gm65",
    Kind.BARRIER: "barrier/modbus-relay",
    Kind.PRINTER: "printer/escpos-tcp",
}
"""The models of the demonstration, where no others are asked for."""


class _Street:
    """Devices of one terminal, by kind."""

    kinds: ClassVar[tuple[Kind, ...]]

    def __init__(self, folder: Path, drivers: Mapping[Kind, str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.all: dict[str, Simulator] = {
            kind.value: start(drivers.get(kind, DEFAULTS[kind]), folder) for kind in self.kinds
        }

    def close(self) -> None:
        """Switch everything off."""
        for simulator in self.all.values():
            simulator.close()

    @property
    def reader(self) -> SimulatedReader:
        """Where cards are laid."""
        return cast("SimulatedReader", self.all["id_reader"])

    @property
    def camera(self) -> SimulatedCamera:
        """What sees the scene."""
        return cast("SimulatedCamera", self.all["camera"])


class GateStreet(_Street):
    """A gate's devices.

    Args:
        folder: where their addresses appear.
        drivers: other models than the default ones.
    """

    kinds = (Kind.ID_READER, Kind.CAMERA, Kind.THERMOMETER, Kind.CODE_SCANNER, Kind.BARRIER)

    def __init__(self, folder: Path, drivers: Mapping[Kind, str] = MappingProxyType({})) -> None:
        super().__init__(folder, drivers)

    @property
    def thermometer(self) -> SimulatedThermometer:
        """What takes the temperature."""
        return cast("SimulatedThermometer", self.all["thermometer"])

    @property
    def scanner(self) -> SimulatedScanner:
        """What reads codes."""
        return cast("SimulatedScanner", self.all["code_scanner"])

    @property
    def barrier(self) -> SimulatedBarrier:
        """What people walk through."""
        return cast("SimulatedBarrier", self.all["barrier"])


class DeskStreet(_Street):
    """A desk's devices, with an empty mat under the camera.

    Args:
        folder: where their addresses appear.
        drivers: other models than the default ones.
    """

    kinds = (Kind.ID_READER, Kind.CAMERA, Kind.PRINTER)

    def __init__(self, folder: Path, drivers: Mapping[Kind, str] = MappingProxyType({})) -> None:
        super().__init__(folder, drivers)
        self.empty: Scene = (empty_desk(np.random.default_rng(1)),)
        self.camera.scene = self.empty

    @property
    def printer(self) -> SimulatedPrinter:
        """What prints receipts."""
        return cast("SimulatedPrinter", self.all["printer"])


def site_file(
    role: str,
    terminal: str,
    simulators: Mapping[str, Simulator],
    settings: Mapping[str, float],
    health_service: Mapping[str, object] = MappingProxyType({}),
) -> str:
    """The text of a site file for simulated devices.

    Args:
        role: `gate` or `desk`.
        terminal: its name at the hub.
        simulators: by kind.
        settings: of the role's table, in seconds.
        health_service: of the gate's table of that name; none without.
    """
    lines = [
        'hall = "weinan"',
        'hall_name = "示例市政务服务中心"',
        f'terminal = "{terminal}"',
        'hotline = "0913-1234567"',
        'view_socket = "view.sock"',
        "",
        "[vision]",
        'photo_decoder = "simulated"',
        "",
        f"[{role}]",
    ]
    if role == "gate":
        lines.append('lane = "东门 1"')
    lines += [f"{key} = {toml(value)}" for key, value in settings.items()]
    if health_service:
        lines += ["", f"[{role}.health_service]"]
        lines += [f"{key} = {json.dumps(value)}" for key, value in health_service.items()]
    for kind, simulator in simulators.items():
        lines += ["", f"[{role}.devices.{kind}]", f'driver = "{simulator.driver}"']
        lines += [f"{key} = {toml(value)}" for key, value in simulator.options.items()]
    return "\n".join(lines) + "\n"
