"""A serial port, through pyserial for its settings and the operating system for its bytes.

pyserial's own `timeout` is never used: setting it reconfigures the port, which raises on an unplugged one.
"""

import termios

import serial
from typing_extensions import override

from drivers.errors import DeviceFault, Effect, LinkError, NotPresent, Remedy
from drivers.transport.line import Line
from drivers.transport.usb_socket import resolve


class SerialLine(Line):
    """A serial port, 8 data bits, opened exclusively.

    Args:
        port: device path, best one that survives replugging (`/dev/serial/by-id/…`), or a USB socket (`usb:1-1.2`).
        baud: bits per second.
        parity: `N`, `E` or `O`.
        stop_bits: 1 or 2.
    """

    def __init__(self, port: str, baud: int, *, parity: str = "N", stop_bits: int = 1) -> None:
        super().__init__(port)
        self.baud = baud
        self._parity = parity
        self._stop_bits = stop_bits
        self._port: serial.Serial | None = None

    def _connect(self, deadline: float) -> int:  # noqa: ARG002  opening a serial port does not wait
        node = resolve(self.address, "tty")
        try:
            self._port = serial.Serial(
                node,
                self.baud,
                parity=self._parity,
                stopbits=self._stop_bits,
                timeout=0,
                write_timeout=0,
                exclusive=True,
            )
            return self._port.fileno()
        except ValueError as error:
            raise DeviceFault("bad_line_settings", f"{self.address}: {error}", remedy=Remedy.TECHNICIAN) from error
        except (serial.SerialException, OSError, termios.error) as error:
            raise NotPresent(f"{self.address}: {error}") from error

    @override
    def drain(self) -> None:
        """Throw away what has arrived and was not read: one call of the kernel, unless it is to be recorded.

        Raises:
            LinkError: the line broke.
        """
        if self._recorder is not None:
            super().drain()
            return
        with self._in_use:
            self._check_open(Effect.NO)
            try:
                termios.tcflush(self._fd, termios.TCIFLUSH)
            except (termios.error, OSError) as error:
                raise LinkError(f"{self.address}: {error}") from error

    def _disconnect(self) -> None:
        port, self._port = self._port, None
        if port is not None:
            try:
                port.close()
            except (serial.SerialException, OSError, termios.error):
                # the device has gone; the descriptor goes with the object
                return
