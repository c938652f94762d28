"""What every reader with a SAM_V module does, whatever wire leads to it."""

import time
from typing import ClassVar, Final

from pydantic import Field

from drivers.contract import Driver, Identity, Kind, Options
from drivers.errors import BadFrame, NoAnswer, WrongDevice
from drivers.id_reader import sam_v, sam_v_mask
from drivers.kinds import IdCard
from drivers.masks import Masks
from drivers.transport.line import ByteStream
from drivers.transport.recognise import resembles

ANSWER_S: Final = 1.0
READ_S: Final = 2.0
READ_WITH_FINGERPRINTS_S: Final = 3.0
ADDRESS_S: Final = 1.5
WHOLE_READ_S: Final = 4.0
"""What `IdReader.read` promises. A reader in use takes a tenth to a half of it."""


class SamVOptions(Options):
    """What is read from a card."""

    read_fingerprints: bool = Field(default=False, description="read the fingerprints as well; needs a legal ground")
    read_appended_address: bool = Field(
        default=False, description="read the newest address that was appended to the card; takes up to a second more"
    )


class SamVReader(Driver):
    """An identity card reader with a SAM_V module.

    After a card was read, the module does not find it again until it has left the field: that silence is no removal.

    Args:
        options: what is read.
        line: leads to the module.
    """

    kind: ClassVar[Kind] = Kind.ID_READER
    masks: ClassVar[Masks | None] = sam_v_mask.MASKS

    def __init__(self, options: SamVOptions, line: ByteStream) -> None:
        self._given = options
        self._line = line

    def open(self) -> Identity:
        """Connect, ask the module how it is and which one it is.

        Raises:
            WrongDevice: something answers that does not speak the protocol.
            DriverError: as in `Driver.open`.
        """
        self._line.open(time.monotonic() + ANSWER_S)
        try:
            self.probe()
        except BadFrame as error:
            if not resembles(error.frame, sam_v.PREAMBLE):
                raise WrongDevice(f"{self._line.address}: what answers is no SAM_V reader") from error
            raise
        return Identity(model="SAM_V", serial=sam_v.module_id(self._command(sam_v.MODULE_ID, ANSWER_S)))

    def probe(self) -> None:
        """Ask the module how it is."""
        self._command(sam_v.STATUS, ANSWER_S)

    def close(self) -> None:
        """Let go of the wire."""
        self._line.close()

    def reset(self) -> None:
        """Reset the module, where it knows the command: makers differ, and a reader without it has nothing to reset."""
        reply = self._ask(sam_v.RESET, time.monotonic() + ANSWER_S)
        if reply.status != sam_v.OK and reply.status not in sam_v.NOT_SUPPORTED:
            raise sam_v.failure(reply)

    def read(self) -> IdCard | None:
        """Find, select and read, once. See `IdReader.read`."""
        last = time.monotonic() + WHOLE_READ_S
        found = self._ask(sam_v.FIND, time.monotonic() + ANSWER_S)
        if found.status in sam_v.NO_CARD:
            return None
        if found.status != sam_v.FOUND:
            raise sam_v.failure(found)
        self._command(sam_v.SELECT, ANSWER_S, last)
        fingerprints = b""
        if self._given.read_fingerprints:
            data = self._command(sam_v.READ_WITH_FINGERPRINTS, READ_WITH_FINGERPRINTS_S, last)
            text, photo, fingerprints = sam_v.text_photo_and_fingerprints(data)
        else:
            text, photo = sam_v.text_and_photo(self._command(sam_v.READ_TEXT_AND_PHOTO, READ_S, last))
        address = self._newest_address(last) if self._given.read_appended_address else ""
        return sam_v.card(text, photo, fingerprints, address)

    def _newest_address(self, last: float) -> str:
        reply = self._ask(sam_v.READ_NEWEST_ADDRESS, min(last, time.monotonic() + ADDRESS_S))
        if reply.status == sam_v.NOT_ON_CARD:
            return ""
        if reply.status != sam_v.OK:
            raise sam_v.failure(reply)
        return sam_v.newest_address(reply.data)

    def _command(self, command: bytes, within: float, last: float | None = None) -> bytes:
        """Send a command that has to succeed, and return the data of its reply."""
        deadline = time.monotonic() + within
        reply = self._ask(command, deadline if last is None else min(deadline, last))
        if reply.status != sam_v.OK:
            raise sam_v.failure(reply)
        return reply.data

    def _ask(self, command: bytes, deadline: float) -> sam_v.Reply:
        """Send a command and wait for its reply. A reply carries no command, so what came before is thrown away."""
        self._line.drain()
        self._line.write(sam_v.request(command), deadline)
        try:
            return self._line.read_frame(sam_v.find_reply, deadline)
        except NoAnswer as error:
            raise NoAnswer(f"{self._line.address}: no reply to command {command.hex()}") from error
