"""The devices of one role: started, watched for being plugged, and with a record of what each has done."""

from collections.abc import Callable

import anyio

from drivers.contract import Kind
from kiosk.config import DeviceEntry, Role, Site
from kiosk.devices.feed import CameraFeed
from kiosk.devices.hotplug import HotPlug, Watched, addresses_of
from kiosk.devices.supervisor import Device, DeviceReport
from kiosk.store.ledger import Ledger, Service
from kiosk.vision.frames import Ring

Start = Callable[..., object]
"""Starts a task beside the others, e.g. `TaskGroup.start_soon`."""
SERVICE_SECONDS = 60.0
"""How often the devices' records are added to."""


class Equipment:
    """The devices of a role of a site.

    Attributes:
        on_change: called when the state of one of them changed.
        lives: what each has done before this start, by name and driver.
    """

    def __init__(self, site: Site, role: Role) -> None:
        self._entries = site.devices[role]
        self._devices: list[Device[object]] = []
        self._watched: list[Watched] = []
        self._feed: CameraFeed | None = None
        self.on_change: Callable[[], None] = lambda: None
        self.lives: dict[tuple[str, str], Service] = {}

    def has(self, kind: Kind) -> bool:
        """Whether the site file sets one up."""
        return kind in self._entries

    def entry(self, kind: Kind) -> DeviceEntry:
        """How it is set up."""
        return self._entries[kind]

    def start(self, start: Start, entry: DeviceEntry) -> Device[object]:
        """Start looking after a device."""
        device: Device[object] = Device(entry.name, entry.make)
        device.on_change = self.on_change
        self._devices.append(device)
        self._watched.append(Watched(device, addresses_of(entry.options)))
        start(device.run)
        return device

    def start_camera(self, start: Start, ring: Ring) -> None:
        """Start the camera; its pictures go to the ring."""
        entry = self.entry(Kind.CAMERA)
        self._feed = CameraFeed("camera", entry.make, ring.put_frame)
        start(self._feed.run)
        self._watched.append(Watched(self._feed.device, addresses_of(entry.options)))

    def camera_ready(self) -> bool:
        """Whether the camera delivers pictures now."""
        return self._feed is not None and self._feed.device.ready

    def start_watching(self, start: Start) -> None:
        """Notice what is plugged in and out, also of devices that are started later."""
        start(HotPlug(self._watched).run)

    def reports(self) -> list[DeviceReport]:
        """How they are; the camera last."""
        reports = [device.report() for device in self._devices]
        return reports if self._feed is None else [*reports, self._feed.report()]

    async def remember(self, ledger: Ledger) -> None:
        """Read what each has done before."""
        self.lives = {(s.name, s.driver): s for s in await ledger.service()}

    def life(self, report: DeviceReport) -> Service:
        """What a device had done before this start."""
        return self.lives.get((report.name, report.driver), Service(report.name, report.driver))

    def _served(self) -> list[Service]:
        """What each device has done since the program started."""
        return [
            Service(r.name, r.driver, r.good, r.errors, r.opened, r.cycles, r.ready_seconds) for r in self.reports()
        ]

    async def keep_service(self, ledger: Ledger) -> None:
        """Add to the devices' records now and then, and at the end."""
        kept: dict[tuple[str, str], Service] = {}

        async def keep() -> None:
            served = self._served()
            news = [now.minus(kept[now.name, now.driver]) if (now.name, now.driver) in kept else now for now in served]
            await ledger.add_service(news)
            kept.update({(now.name, now.driver): now for now in served})

        try:
            while True:
                await anyio.sleep(SERVICE_SECONDS)
                await keep()
        finally:
            with anyio.CancelScope(shield=True):
                await keep()
