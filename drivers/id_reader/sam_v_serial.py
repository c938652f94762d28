"""Readers of Chinese identity cards on a serial line: CVR-100D, DKQ-A16D, iDR210 and others that contain a SAM_V."""

import time
from typing import ClassVar, Final

from pydantic import Field

from drivers.contract import Driver, Identity, Kind, Options, Proof, ProofLevel
from drivers.errors import BadFrame, NoAnswer, WrongDevice
from drivers.id_reader import sam_v
from drivers.kinds import IdCard
from drivers.transport.recognise import resembles
from drivers.transport.serial_line import SerialLine

ANSWER_S: Final = 1.0
READ_S: Final = 2.0


class SamVSerialOptions(Options):
    """Where the reader is."""

    port: str = Field(description="serial port, best one that names the socket")
    baud: int = Field(default=115200, description="115200, 57600, 38400, 19200 or 9600")


class SamVSerial(Driver):
    """An identity card reader with a SAM_V module, over its serial line.

    After a card was read, the module does not find it again until it has left the field: that silence is no removal.
    """

    key: ClassVar[str] = "id_reader/sam-v-serial"
    kind: ClassVar[Kind] = Kind.ID_READER
    options: ClassVar[type[Options]] = SamVSerialOptions
    proven_on: ClassVar[tuple[Proof, ...]] = (
        Proof(ProofLevel.SIMULATOR, "frames and record layouts published for SAM_V readers"),
    )

    def __init__(self, options: SamVSerialOptions) -> None:
        self._line = SerialLine(options.port, options.baud)

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
        known = self._ask(sam_v.MODULE_ID, ANSWER_S)
        if known.status != sam_v.OK:
            raise sam_v.failure(known)
        return Identity(model="SAM_V", serial=sam_v.module_id(known.data))

    def probe(self) -> None:
        """Ask the module how it is."""
        reply = self._ask(sam_v.STATUS, ANSWER_S)
        if reply.status != sam_v.OK:
            raise sam_v.failure(reply)

    def close(self) -> None:
        """Let go of the port."""
        self._line.close()

    def read(self) -> IdCard | None:
        """Find, select and read, once. See `IdReader.read`."""
        found = self._ask(sam_v.FIND, ANSWER_S)
        if found.status in sam_v.NO_CARD:
            return None
        if found.status != sam_v.FOUND:
            raise sam_v.failure(found)
        selected = self._ask(sam_v.SELECT, ANSWER_S)
        if selected.status != sam_v.OK:
            raise sam_v.failure(selected)
        text = self._ask(sam_v.READ_TEXT_AND_PHOTO, READ_S)
        if text.status != sam_v.OK:
            raise sam_v.failure(text)
        return sam_v.card(*sam_v.text_and_photo(text.data))

    def _ask(self, command: bytes, within: float) -> sam_v.Reply:
        """Send a command and wait for its reply. A reply carries no command, so what came before is thrown away."""
        deadline = time.monotonic() + within
        self._line.drain()
        self._line.write(sam_v.request(command), deadline)
        try:
            return self._line.read_frame(sam_v.find_reply, deadline)
        except NoAnswer as error:
            raise NoAnswer(f"{self._line.address}: no reply to command {command.hex()}") from error
