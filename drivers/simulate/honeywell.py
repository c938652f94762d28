"""A Honeywell code scanner."""

import re
from typing import ClassVar, Final

from drivers.simulate.triggered_scanner import TriggeredScanner

_MESSAGE: Final = re.compile(rb"\x16(?:([TU])\r|M\r([^\x16.!]*)([.!]))")
_REPORT: Final = (
    b"Product Name: N3680\r\nBoot Revision: : 0000\r\nSoftware Part Number: CP000000AAA\r\n"
    b"Software Revision: $ProjectRevision: 1 \r\nSerial Number: 0000000000\r\n"
)
_ALLOWED: Final = {"TRGMOD": {"0", "2", "3", "5"}, "SUFCA2": {""}}


class HoneywellSimulator(TriggeredScanner):
    """An N3680 on a serial line, in presentation mode until it is told otherwise."""

    driver: ClassVar[str] = "code_scanner/honeywell"

    def powered_up(self) -> None:
        """Load what is in the flash."""
        super().powered_up()
        self._settings = {"TRGMOD": "3", "SUFCA2": ""}

    def heard(self, received: bytes) -> None:
        """Take triggers and menu commands."""
        self._unheard += received
        while (message := _MESSAGE.search(self._unheard)) is not None:
            self._unheard = self._unheard[message.end() :]
            trigger, menu, storage = message.groups()
            if trigger:
                self.trigger(on=trigger == b"T" and self._settings["TRGMOD"] == "0")
            else:
                self._menu(menu.decode("ascii", "replace").upper(), storage.decode())

    def _menu(self, command: str, storage: str) -> None:
        answer, changed = "", False
        for part in re.split("([,;])", command):
            if part in {",", ";"}:
                answer += part
                continue
            name, value = part[:6], part[6:]
            if name == "REVINF":
                answer = _REPORT.decode() + answer + name + "\x06"
            elif name not in _ALLOWED:
                answer += part + "\x05"
            elif value == "?":
                answer += name + self._settings[name] + "\x06"
            elif value not in _ALLOWED[name]:
                answer += part + "\x15"
            else:
                self._settings[name] = value
                changed = True
                answer += part + "\x06"
        if changed and storage == ".":
            self.save()
        self.say((answer + storage).encode())
