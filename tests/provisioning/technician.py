"""What the tests of the technician's tools share: the commands, and the devices of a gate."""

import json
from dataclasses import dataclass
from typing import Any

from typer.testing import CliRunner

from drivers.simulate.contract import Simulator
from drivers.simulate.frames import FolderCameraSimulator
from drivers.simulate.modbus_relay import ModbusRelaySimulator
from provisioning.__main__ import app

GATE = (
    "id_reader/sam-v-serial",
    "camera/folder",
    "thermometer/gy-614",
    "code_scanner/gm65",
    "barrier/modbus-relay",
)


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: Any
    err: str


def tool(*arguments: object) -> Said:
    """Run a command of the technician with `--json`; in this process: loading takes longer."""
    done = CliRunner().invoke(app, [*map(str, arguments), "--json"])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    lines = done.stdout.strip().splitlines()
    assert len(lines) == 1, (done.exit_code, done.stdout, done.stderr)
    return Said(done.exit_code, json.loads(lines[0]), done.stderr)


def camera_of(devices: dict[str, Simulator]) -> FolderCameraSimulator:
    found = devices["camera/folder"]
    assert isinstance(found, FolderCameraSimulator)
    return found


def barrier_of(devices: dict[str, Simulator]) -> ModbusRelaySimulator:
    found = devices["barrier/modbus-relay"]
    assert isinstance(found, ModbusRelaySimulator)
    return found
