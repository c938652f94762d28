"""`--simulate`: a terminal whose devices are simulated, and somebody invented who lays a card down now and then.

For trying a site file, a screen or a release without a single device. The card comes by itself every half minute; the
screen is touched by whoever sits before it.
"""

import random
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from drivers.contract import Kind
from drivers.registry import driver_class
from drivers.simulate.contract import Simulator
from drivers.simulate.modbus_relay import ModbusRelaySimulator
from kiosk.config import EXIT_BARRIER, DeviceEntry, Role, Site
from kiosk.demo.people import Registry
from kiosk.demo.street import DeskStreet, Faces, GateStreet, Papers, card_of
from kiosk.log import logger
from provisioning.assets import portraits

_log = logger("simulate")

EVERY_SECONDS = 30.0
LIES_SECONDS = 12.0


def _entry(kind: str, simulator: Simulator) -> DeviceEntry:
    driver = driver_class(simulator.driver)
    return DeviceEntry(kind, driver, driver.options.model_validate(dict(simulator.options)))


@contextmanager
def simulated_site(site: Site, role: Role) -> Iterator[Site]:
    """The site with simulated devices in place of its own, for as long as the context lasts."""
    seed = 1
    faces = Faces(portraits(), seed)
    over = threading.Event()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kiosk-simulated-")))
        street: GateStreet | DeskStreet = GateStreet(folder) if role == "gate" else DeskStreet(folder)
        stack.callback(street.close)
        if isinstance(street, GateStreet):
            street.thermometer.object_c = 36.4
            street.camera.scene = faces.alone(0)
        else:
            street.camera.scene = Papers(seed).whole[0]
        thread = threading.Thread(target=_cards, args=(street, faces, over), name="puppet", daemon=True)
        thread.start()
        stack.callback(thread.join)
        stack.callback(over.set)
        for kind, simulator in street.all.items():
            _log.info("simulated", kind=kind, driver=simulator.driver)
        entries = {Kind(kind): _entry(kind, simulator) for kind, simulator in street.all.items()}
        vision = site.vision.model_copy(update={"photo_decoder": "simulated", "library": ""})
        way_out = None
        if site.exit_barrier is not None and role == "gate":
            board = ModbusRelaySimulator(folder, EXIT_BARRIER)
            stack.callback(board.close)
            way_out = _entry(EXIT_BARRIER, board)
        yield replace(site, devices={**site.devices, role: entries}, exit_barrier=way_out, vision=vision)


def _cards(street: GateStreet | DeskStreet, faces: Faces, over: threading.Event) -> None:
    registry = Registry(random.Random(1))  # noqa: S311  an invented crowd
    while not over.wait(3.0):
        person = replace(registry.invent(len(faces)), face=0)
        street.reader.lay(card_of(person, faces.photo(0)))
        over.wait(LIES_SECONDS)
        street.reader.take_away()
        over.wait(EVERY_SECONDS - LIES_SECONDS)
