"""The two machines' surroundings: simulated devices at the far end of real wires, and what people show to them."""

import random
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.simulate.contract import Simulator, toml
from drivers.simulate.escpos_printer import EscPosSimulator
from drivers.simulate.frames import FolderCameraSimulator
from drivers.simulate.gm65 import Gm65Simulator
from drivers.simulate.gy_614 import Gy614Simulator
from drivers.simulate.modbus_relay import ModbusRelaySimulator
from drivers.simulate.papers import (
    business_licence,
    certificate_of_deposit,
    empty_desk,
    half_outside,
    on_desk,
    proof_of_residence,
)
from drivers.simulate.sam_v import SamVSimulator, SimulatedCard
from drivers.simulate.scenes import chip_photo, empty_hall, standing, two_people
from kiosk.demo.people import Invented
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


class GateStreet:
    """A gate's devices."""

    def __init__(self, folder: Path, seed: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.rng = random.Random(seed)  # noqa: S311  an invented crowd
        self.reader = SamVSimulator(folder, "id-reader", seed=seed)
        self.thermometer = Gy614Simulator(folder, "thermometer", seed=seed + 1)
        self.scanner = Gm65Simulator(folder, "code-scanner", seed=seed + 2)
        self.barrier = ModbusRelaySimulator(folder, "barrier", seed=seed + 3)
        self.camera = FolderCameraSimulator(folder, "camera", seed=seed + 4)

    @property
    def all(self) -> Mapping[str, Simulator]:
        """Every device, by its kind."""
        return {
            "id_reader": self.reader,
            "camera": self.camera,
            "thermometer": self.thermometer,
            "code_scanner": self.scanner,
            "barrier": self.barrier,
        }

    def close(self) -> None:
        """Switch everything off."""
        for simulator in self.all.values():
            simulator.close()


class DeskStreet:
    """A desk's devices."""

    def __init__(self, folder: Path, seed: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.rng = random.Random(seed)  # noqa: S311  an invented crowd
        self.reader = SamVSimulator(folder, "id-reader", seed=seed)
        self.camera = FolderCameraSimulator(folder, "camera", fps=8, seed=seed + 1)
        self.printer = EscPosSimulator(folder, "printer")
        self.empty = (empty_desk(np.random.default_rng(seed)),)
        self.camera.scene = self.empty

    @property
    def all(self) -> Mapping[str, Simulator]:
        """Every device, by its kind."""
        return {"id_reader": self.reader, "camera": self.camera, "printer": self.printer}

    def close(self) -> None:
        """Switch everything off."""
        for simulator in self.all.values():
            simulator.close()


def site_file(role: str, terminal: str, simulators: Mapping[str, Simulator], settings: Mapping[str, float]) -> str:
    """The text of a site file for simulated devices.

    Args:
        role: `gate` or `desk`.
        terminal: its name at the hub.
        simulators: by kind.
        settings: of the role's table, in seconds.
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
    for kind, simulator in simulators.items():
        lines += ["", f"[{role}.devices.{kind}]", f'driver = "{simulator.driver}"']
        lines += [f"{key} = {toml(value)}" for key, value in simulator.options.items()]
    return "\n".join(lines) + "\n"
