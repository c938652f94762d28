"""A receipt printer that does not exist: `escpos_model` behind a TCP socket, a pty or a virtual USB device."""

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from PIL import Image
from typing_extensions import override
from usbip.device import Endpoint, In, Out, USBDevice
from usbip.function import Interface

from drivers.kinds import Paper
from drivers.simulate.contract import Garble
from drivers.simulate.escpos_model import PrinterModel, slip_text_qr
from drivers.simulate.tcp_wire import TcpSimulator
from drivers.simulate.usb_wire import UsbSimulator
from drivers.simulate.wire import PtySimulator, Spoiler

__all__ = ["EscPosSimulator", "slip_text_qr"]

_STEP_S = 0.02
_USB_VENDOR, _USB_PRODUCT = 0x04B8, 0x0202  # as Epson's TM series says


class _StatusSpoiler(Spoiler):
    """Knows that most answers have a single byte and no checksum."""

    def __init__(self) -> None:
        super().__init__(seed=0)
        self._how: Garble | None = None

    @override
    def arm(self, how: Garble | None) -> None:
        super().arm(how)
        self._how = how

    @override
    def pieces(self, answer: bytes) -> list[bytes]:
        how, self._how = self._how, None
        if len(answer) == 1 and how in {Garble.TRUNCATED, Garble.CHECKSUM}:
            super().arm(None)
            return [] if how is Garble.TRUNCATED else [bytes((answer[0] ^ 0x80,))]
        return super().pieces(answer)


class _OnPty(PtySimulator):
    driver = "printer/escpos-serial"

    def __init__(self, folder: Path, name: str, printer: "EscPosSimulator") -> None:
        self._printer = printer
        super().__init__(folder, name)
        self._spoiler = _StatusSpoiler()

    @override
    def heard(self, received: bytes) -> None:
        self._printer.heard(received, self.say)

    @override
    def powered_up(self) -> None:
        self._printer.powered_up()


class _OnTcp(TcpSimulator):
    driver = "printer/escpos-tcp"

    def __init__(self, printer: "EscPosSimulator") -> None:
        self._printer = printer
        super().__init__(_StatusSpoiler())

    @override
    def heard(self, received: bytes) -> None:
        self._printer.heard(received, self.say)

    @override
    def hung_up(self) -> None:
        """The print engine behind a network card notices nothing."""

    @override
    def powered_up(self) -> None:
        self._printer.powered_up()


class _PrinterClass(Interface):
    """The USB printer class, two-way: one bulk pipe each way. The class finds its pipes by these attributes."""

    bInterfaceClass = 0x07  # noqa: N815  USB's own names, as the package wants them
    bInterfaceSubClass = 0x01  # noqa: N815
    bInterfaceProtocol = 0x02  # noqa: N815

    def __init__(self, take: Callable[[bytes], None]) -> None:
        super().__init__()
        self.bulk_out = self._add_endpoint(Out(0x01))
        self.bulk_in = self._add_endpoint(In(0x82))
        self._take = take

    @override
    def on_out(self, ep: Endpoint, data: bytes) -> None:
        del ep
        self._take(bytes(data))


class _OnUsb(UsbSimulator):
    driver = "printer/escpos-usb"

    def __init__(self, printer: "EscPosSimulator") -> None:
        self._printer = printer
        self._pipes: _PrinterClass | None = None
        super().__init__()
        self._spoiler = _StatusSpoiler()

    @property
    @override
    def options(self) -> Mapping[str, str | int | float | bool]:
        return {**super().options, "vid": _USB_VENDOR, "pid": _USB_PRODUCT}

    @override
    def device(self) -> USBDevice:
        made = USBDevice(_USB_VENDOR, _USB_PRODUCT, product="simulated", serial="S0001")
        self._pipes = _PrinterClass(self.take)
        made.add(self._pipes)
        return made

    @override
    def put(self, piece: bytes) -> None:
        if self._pipes is not None:
            self._pipes.bulk_in.write(piece)

    @override
    def heard(self, received: bytes) -> None:
        self._printer.heard(received, self.say)

    @override
    def powered_up(self) -> None:
        self._printer.powered_up()


class EscPosSimulator:
    """A receipt printer on 80 mm paper.

    Args:
        folder: where the pty's address appears; not used over TCP.
        name: the address's name, and the printer's serial number.
        wire: what it is connected by.
        rows_per_second: how fast it prints; 0 is at once. Real ones print about 1200.
        width: dots across the head.
        clone: a cheap one, which knows neither names nor clearing nor status unasked.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        wire: Literal["tcp", "serial", "usb"] = "tcp",
        *,
        rows_per_second: float = 0,
        width: int = 576,
        clone: bool = False,
    ) -> None:
        self.driver = f"printer/escpos-{wire}"
        self._rows_per_second = rows_per_second
        self._model = PrinterModel(width, name, clone=clone)
        self._changed = threading.Condition()  # guards the model
        self._heard = 0
        self._powered = False
        self._closed = False
        self._wire: _OnTcp | _OnPty | _OnUsb
        match wire:
            case "tcp":
                self._wire = _OnTcp(self)
            case "serial":
                self._wire = _OnPty(folder, name, self)
            case "usb":
                self._wire = _OnUsb(self)
        self._motor = threading.Thread(target=self._print, name=f"simulated {self.driver} motor", daemon=True)
        self._motor.start()

    @property
    def options(self) -> Mapping[str, str | int | float | bool]:
        """The keys a site file needs to reach it."""
        return self._wire.options

    # What happens to it ------------------------------------------------------------------------------------------

    @property
    def paper(self) -> Paper:
        """The paper's state. Setting it after `OUT` puts in a new roll: what was held comes out on it."""
        with self._changed:
            return self._model.paper

    @paper.setter
    def paper(self, paper: Paper) -> None:
        with self._changed:
            self._model.change_paper(paper)
            self._changed.notify_all()

    @property
    def cover_open(self) -> bool:
        """Whether the cover is open. Nothing is printed while it is."""
        with self._changed:
            return self._model.cover_open

    @cover_open.setter
    def cover_open(self, cover_open: bool) -> None:
        with self._changed:
            self._model.cover_open = cover_open
            self._changed.notify_all()

    @property
    def fault(self) -> str:
        """What is broken: `cutter`, `recoverable`, `unrecoverable`, `head_hot`, or nothing."""
        with self._changed:
            return self._model.fault

    @fault.setter
    def fault(self, fault: Literal["", "cutter", "recoverable", "unrecoverable", "head_hot"]) -> None:
        with self._changed:
            self._model.fault = fault
            self._changed.notify_all()

    def jam_next_cut(self) -> None:
        """Let the cutter jam when it is used next."""
        with self._changed:
            self._model.jams = True

    def mend(self) -> None:
        """Take the jammed paper out. The printer stays in error until it is told to go on."""
        with self._changed:
            self._model.mended = True

    @property
    def off_line(self) -> bool:
        """Whether somebody switched it off-line by its button."""
        with self._changed:
            return self._model.off_line

    @off_line.setter
    def off_line(self, off_line: bool) -> None:
        with self._changed:
            self._model.off_line = off_line
            self._changed.notify_all()

    def paper_out_after(self, rows: int) -> None:
        """Let the paper end after so many more rows of dots."""
        with self._changed:
            self._model.paper_left = rows

    # What came of it ---------------------------------------------------------------------------------------------

    @property
    def slips(self) -> list[Image.Image]:
        """What was printed and cut, oldest first: mode "1", 0 is black."""
        with self._changed:
            return list(self._model.slips)

    @property
    def torn(self) -> list[Image.Image]:
        """What was printed and never cut, because the paper or the power ended."""
        with self._changed:
            return list(self._model.torn)

    @property
    def texts(self) -> list[str]:
        """Text that was printed as text, a line each."""
        with self._changed:
            return list(self._model.texts)

    @property
    def commands(self) -> list[str]:
        """Names of the commands worked off, the last thousand."""
        with self._changed:
            return list(self._model.commands)

    @property
    def unknown(self) -> bytes:
        """Bytes that were no command."""
        with self._changed:
            return bytes(self._model.unknown)

    @property
    def busy(self) -> bool:
        """Whether anything waits to be printed."""
        with self._changed:
            return self._model.busy

    def wait_for_slips(self, count: int, within: float) -> bool:
        """Wait until so many slips have been cut since the start; False when they were not in time."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self._model.slips) >= count, within)

    def wait_for_rows(self, count: int, within: float) -> bool:
        """Wait until so many rows stand on the slip being printed; False when they did not in time."""
        with self._changed:
            return self._changed.wait_for(lambda: self._model.rows_on_slip >= count, within)

    def wait_until_heard(self, size: int, within: float) -> bool:
        """Wait until so many bytes have arrived since the start; False when they did not in time."""
        with self._changed:
            return self._changed.wait_for(lambda: self._heard >= size, within)

    # Simulator ---------------------------------------------------------------------------------------------------

    def unplug(self) -> None:
        """Pull the plug: what was being printed stays unfinished."""
        with self._changed:
            self._powered = False
        self._wire.unplug()

    def replug(self) -> None:
        """Put it back with its buffer empty."""
        self._wire.replug()

    def garble(self, how: Garble) -> None:
        """Spoil the next answer. Of an answer of one byte, TRUNCATED leaves nothing."""
        self._wire.garble(how)

    def hang(self, seconds: float) -> None:
        """Neither hear nor say anything for a while."""
        self._wire.hang(seconds)

    def close(self) -> None:
        """Stop for good."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._motor.join()
        self._wire.close()

    # The inside --------------------------------------------------------------------------------------------------

    def heard(self, received: bytes, say: Callable[[bytes], None]) -> None:
        """The wire received bytes."""
        with self._changed:
            answers = self._model.receive(received)
            self._heard += len(received)
            self._changed.notify_all()
        for answer in answers:
            say(answer)

    def powered_up(self) -> None:
        """Power came."""
        with self._changed:
            self._model.power_up()
            self._powered = True

    def _print(self) -> None:
        """Print row by row as long as there is anything to print."""
        rows = max(1, round(self._rows_per_second * _STEP_S)) if self._rows_per_second else 1_000_000
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or (self._powered and self._model.has_work))
                if self._closed:
                    return
                answers = self._model.work(rows)
                self._changed.notify_all()
            for answer in answers:
                self._wire.say(answer)
            if self._rows_per_second:
                with self._changed:
                    self._changed.wait_for(lambda: self._closed, _STEP_S)
