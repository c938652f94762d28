"""Readers of Chinese identity cards that carry the SAM_V frames in vendor-defined HID reports.

The reports begin as their maker pleased, so the beginning is an option. The HID part is USB HID 1.11.
"""

from typing import ClassVar

from pydantic import Field

from drivers.contract import Options, Proof, ProofLevel
from drivers.id_reader.sam_v_reader import SamVOptions, SamVReader
from drivers.transport.usb import HidReports, UsbOptions


class SamVHidOptions(UsbOptions, SamVOptions):
    """Which reader, and what its reports look like."""

    report_size: int = Field(default=64, ge=8, le=1024, description="bytes in a report, with its number if it has one")
    prefix: str = Field(
        default="", pattern=r"^([0-9A-Fa-f]{2}){0,6}$", description="hex; what every report begins with, e.g. 01"
    )
    counted: bool = Field(default=False, description="the byte behind the prefix says how many bytes count")


class SamVHid(SamVReader):
    """An identity card reader with a SAM_V module behind vendor HID reports."""

    key: ClassVar[str] = "id_reader/sam-v-hid"
    options: ClassVar[type[Options]] = SamVHidOptions
    proven_on: ClassVar[tuple[Proof, ...]] = (
        Proof(ProofLevel.SIMULATOR, "published frames, over PyUSB against a virtual HID device of the usbip package"),
        Proof(
            ProofLevel.SIMULATOR,
            "libusb and Linux 6.1's usbhid, taken from it, with the same device over vhci (tests/vm)",
        ),
    )

    def __init__(self, options: SamVHidOptions) -> None:
        reports = HidReports(
            options,
            report_size=options.report_size,
            prefix=bytes.fromhex(options.prefix),
            counted=options.counted,
        )
        super().__init__(options, reports)
