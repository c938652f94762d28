"""A turnstile behind a Modbus relay board. The board is a real pymodbus server, which we did not write."""

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Final

from pymodbus.datastore import ModbusServerContext
from pymodbus.pdu import ModbusPDU
from pymodbus.pdu.bit_message import WriteSingleCoilRequest

from drivers.simulate.modbus_server import ModbusServerSimulator
from drivers.simulate.turnstile import People, Turnstile

_FLASH_ON: Final = 0x0200


class ModbusRelaySimulator(ModbusServerSimulator, People):
    """A relay board, unit 1: coil 0 opens the turnstile, inputs 0, 1, 2 are beam A, beam B and the door contact.

    Input 3 is the fire alarm's second contact, where `with_fire` says that it is wired; `set_fire` is the alarm.

    With a turnstile of another board only the inputs are of use.
    """

    driver: ClassVar[str] = "barrier/modbus-relay"

    def __init__(
        self,
        folder: Path,
        name: str = "barrier",
        *,
        pulse_by: str = "board",
        with_fire: bool = False,
        turnstile: Turnstile | None = None,
        seed: int = 0,
    ) -> None:
        self.turnstile = turnstile or Turnstile()
        self._pulse_by, self._with_fire = pulse_by, with_fire
        super().__init__(folder, name, seed=seed, own=(_coil_or_flash(self.turnstile),))

    @property
    def options(self) -> Mapping[str, str | int | float | bool]:
        """The keys of the driver's options."""
        fire: dict[str, int] = {"fire_input": 3} if self._with_fire else {}
        return {**super().options, "pulse_by": self._pulse_by, **fire}

    def powered_up(self) -> None:
        """Relays are off after power-up."""
        self.turnstile.switch(on=False)

    def touched(self, function: int, address: int, values: list[int], written: list[int] | list[bool] | None) -> None:
        """Show the turnstile's inputs, or switch its coil."""
        if function == 2:
            values[0] = self.turnstile.inputs()
        elif written is not None and address == 0:
            self.turnstile.switch(on=bool(written[0]))


def _coil_or_flash(turnstile: Turnstile) -> type[WriteSingleCoilRequest]:
    class CoilOrFlash(WriteSingleCoilRequest):
        """The board's own command beside the standard's: a coil that goes off by itself."""

        value = 0

        def decode(self, data: bytes) -> None:
            """Keep the value: pymodbus only keeps whether it is 0."""
            super().decode(data)
            self.value = struct.unpack(">H", data[2:4])[0]

        def encode(self) -> bytes:
            """Echo the request."""
            return struct.pack(">HH", self.address, self.value)

        async def datastore_update(self, context: ModbusServerContext, device_id: int) -> ModbusPDU:
            """Flash, or do what the standard says."""
            if self.address == _FLASH_ON:
                turnstile.flash(self.value / 10)
                return self
            return await super().datastore_update(context, device_id)

    return CoilOrFlash
