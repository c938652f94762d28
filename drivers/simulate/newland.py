"""A Newland code scanner."""

import re
from typing import ClassVar, Final

from drivers.simulate.triggered_scanner import TriggeredScanner

_COMMAND: Final = re.compile(rb"~\x010000([@#])([^\x03~]*);\x03")
_REPORT: Final = "Product Name: FM430\r\nFirmware Version: V1.00.000\r\nSerial Number: SN000000\r\n"
_ALLOWED: Final = {"SCNMOD": {"0", "2", "3"}, "SCNTRG": {"0", "1"}}


class NewlandSimulator(TriggeredScanner):
    """An FM430 on a serial line, in sense mode until it is told otherwise."""

    driver: ClassVar[str] = "code_scanner/newland"

    def powered_up(self) -> None:
        """Load what is in the flash."""
        super().powered_up()
        self._settings = {"SCNMOD": "2", "SCNTRG": "0"}

    def heard(self, received: bytes) -> None:
        """Take commands."""
        self._unheard += received
        while (message := _COMMAND.search(self._unheard)) is not None:
            self._unheard = self._unheard[message.end() :]
            self._obey(message[1].decode(), message[2].decode("ascii", "replace"))

    def _obey(self, storage: str, command: str) -> None:
        answer, changed = "", False
        for part in re.split("([,;])", command):
            if part in {",", ";"}:
                answer += part
                continue
            name, value = part[:6], part[6:]
            if name == "QRYSYS":
                answer += name + _REPORT + "\x06"
            elif name not in _ALLOWED:
                answer += part + "\x05"
            elif value == "*":
                answer += name + self._settings[name] + "\x06"
            elif value not in _ALLOWED[name] or (part == "SCNTRG1" and self._settings["SCNMOD"] != "0"):
                answer += part + "\x15"
            else:
                changed |= name != "SCNTRG"
                self._settings[name] = value
                answer += part + "\x06"
        if changed and storage == "@":
            self.save()
        triggered, lit = "SCNTRG" in command, self._settings["SCNTRG"] == "1"
        if triggered and not lit:
            self.trigger(on=False)  # what is acknowledged is done
        self.say(b"\x02\x010000" + storage.encode() + answer.encode() + b";\x03")
        if triggered and lit:
            self.trigger(on=True)
