"""Keeps a camera's pictures coming into a slot where the newest wins."""

from collections.abc import Callable

import anyio

from drivers.contract import Driver
from drivers.errors import DriverError
from drivers.kinds import Camera, Frame
from kiosk.devices.supervisor import Device, DeviceReport

READ_SECONDS = 4.0
"""Longest a read may take before the camera counts as stuck; its own deadline is 2 s."""


class CameraFeed:
    """Reads a camera as fast as it delivers.

    Each picture is one call on the device's lane, so that a camera that hangs is abandoned like any other device.

    Args:
        name: as in the site file.
        make: makes a new driver.
        put: takes each picture, on the device's thread.
    """

    def __init__(self, name: str, make: Callable[[], Driver], put: Callable[[Frame], None]) -> None:
        self.device: Device[Camera] = Device(name, make)
        self._put = put
        self._count = 0

    @property
    def ready(self) -> bool:
        """Whether pictures are coming."""
        return self.device.ready

    def report(self) -> DeviceReport:
        """The camera's health."""
        return self.device.report()

    async def run(self) -> None:
        """Read until cancelled."""
        async with anyio.create_task_group() as group:
            group.start_soon(self.device.run)
            while True:
                await self.device.until_ready()
                try:
                    await self.device.call(self._read, READ_SECONDS)
                except DriverError:
                    await anyio.sleep(0.05)  # the supervisor brings it back

    def _read(self, camera: Camera) -> None:
        frame = camera.read()
        # Numbered here, so that numbers go on through an unplugging.
        self._count += 1
        self._put(Frame(frame.image, self._count, frame.taken))
