"""Readers of Chinese identity cards on a serial line: CVR-100D, DKQ-A16D, iDR210 and others that contain a SAM_V."""

from typing import ClassVar

from pydantic import Field

from drivers.contract import Options, Proof, ProofLevel
from drivers.id_reader.sam_v_reader import SamVOptions, SamVReader
from drivers.transport.serial_line import SerialLine


class SamVSerialOptions(SamVOptions):
    """Where the reader is."""

    port: str = Field(description="serial port, best one that names the socket")
    baud: int = Field(default=115200, description="115200, 57600, 38400, 19200 or 9600")


class SamVSerial(SamVReader):
    """An identity card reader with a SAM_V module, over its serial line."""

    key: ClassVar[str] = "id_reader/sam-v-serial"
    options: ClassVar[type[Options]] = SamVSerialOptions
    proven_on: ClassVar[tuple[Proof, ...]] = (
        Proof(ProofLevel.SIMULATOR, "frames and record layouts published for SAM_V readers"),
    )

    def __init__(self, options: SamVSerialOptions) -> None:
        super().__init__(options, SerialLine(options.port, options.baud))
