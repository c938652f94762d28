"""Readers of Chinese identity cards on USB, where the SAM_V module itself is the device.

Its frames travel in two pipes each way: preamble and length in one, the rest in the other (eastcoms.com 508, tables 5
to 8).
"""

from typing import ClassVar

from pydantic import Field

from drivers.contract import Options, Proof, ProofLevel
from drivers.id_reader import sam_v
from drivers.id_reader.sam_v_reader import SamVOptions, SamVReader
from drivers.transport.usb import SplitPipes, UsbOptions

HEADS = (0x02, 0x81)
BODIES = (0x06, 0x85)


class SamVUsbOptions(UsbOptions, SamVOptions):
    """Which reader."""

    vid: int = Field(default=0x0400, ge=0, le=0xFFFF, description="vendor number")
    pid: int = Field(default=0xC35A, ge=0, le=0xFFFF, description="product number")


class SamVUsb(SamVReader):
    """An identity card reader whose SAM_V module is on USB itself."""

    key: ClassVar[str] = "id_reader/sam-v-usb"
    options: ClassVar[type[Options]] = SamVUsbOptions
    proven_on: ClassVar[tuple[Proof, ...]] = (
        Proof(ProofLevel.SIMULATOR, "published frames, over PyUSB against a virtual device of the usbip package"),
        Proof(ProofLevel.SIMULATOR, "libusb and Linux 6.1's USB core, with the same device over vhci (tests/vm)"),
    )

    def __init__(self, options: SamVUsbOptions) -> None:
        super().__init__(options, SplitPipes(options, HEADS, BODIES, len(sam_v.PREAMBLE) + 2))
