"""What a killed program, a jammed cutter or a lid leaves in a receipt printer never spoils or doubles the next slip."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from drivers.errors import DeviceFault, Effect
from drivers.kinds import Align, Line, PrintJob, QrCode, Row, Rule
from drivers.printer.escpos import (
    EscPos,
    EscPosSerial,
    EscPosSerialOptions,
    EscPosTcp,
    EscPosTcpOptions,
    EscPosUsb,
    EscPosUsbOptions,
)
from drivers.printer.escpos_job import encode
from drivers.printer.raster import Fonts, render
from drivers.simulate.escpos_printer import EscPosSimulator, slip_text_qr
from drivers.transport.line import ByteStream

Wire = Literal["tcp", "serial", "usb"]

DEFAULTS = EscPosTcpOptions(host="localhost")
FONTS = Fonts(Path(DEFAULTS.font), Path(DEFAULTS.font_bold), tuple(Path(path) for path in DEFAULTS.fonts_rare))
FIRST = PrintJob(
    "first", (Line("前一位的回执", 48), Rule(), Row("受理编号", "QH01 2026 1122 000136"), Rule(), Line("请保管"))
)
NEXT = PrintJob("next", (Line("居住证办理", 40, align=Align.CENTRE), QrCode("https://hub.example/s/137")))
SENT = encode(FIRST, 576, FONTS, as_text=False)
STREAM = SENT.content + SENT.rest
DRAWN = render(NEXT, 576, FONTS)


def driver_of(simulator: EscPosSimulator, **more: str) -> EscPos:
    options = {**simulator.options, **more}
    match simulator.driver:
        case "printer/escpos-tcp":
            return EscPosTcp(EscPosTcpOptions.model_validate(options))
        case "printer/escpos-usb":
            return EscPosUsb(EscPosUsbOptions.model_validate(options))
    return EscPosSerial(EscPosSerialOptions.model_validate(options))


def killed_after(simulator: EscPosSimulator, sent: bytes) -> None:
    """What the printer sees of a program that is killed while it writes."""
    line: ByteStream = driver_of(simulator)._line
    with closing(line):
        line.open(time.monotonic() + 3)
        line.write(sent, time.monotonic() + 10)
        assert simulator.wait_until_heard(len(sent), within=20)


@pytest.fixture(params=["serial", "usb"])
def simulator(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EscPosSimulator]:
    with closing(EscPosSimulator(tmp_path, "printer", request.param)) as made:
        yield made


CUTS: list[tuple[Wire, bool, int]] = [
    ("serial", False, 8),  # within the second command
    ("serial", False, 12),  # within the head of a picture
    ("serial", False, 17),  # its first dots
    ("serial", False, 5000),
    ("serial", False, len(SENT.content)),
    ("serial", False, len(STREAM) - 5),  # within the cut
    ("serial", True, 900),
    ("serial", True, len(SENT.content)),
    ("serial", True, len(SENT.content) - 3),
    ("serial", False, len(SENT.content) - 4),
    ("tcp", False, 3000),
    ("usb", False, 3000),
]


@pytest.mark.parametrize(("wire", "clone", "size"), CUTS)
def test_a_program_killed_while_it_writes_does_not_spoil_the_next_slip(
    tmp_path: Path, wire: Wire, size: int, *, clone: bool
) -> None:
    with closing(EscPosSimulator(tmp_path, "printer", wire, clone=clone)) as simulator:
        killed_after(simulator, STREAM[:size])
        with closing(driver_of(simulator)) as printer:
            identity = printer.open()
            assert identity.model == ("" if clone else "SIM-80")
            printer.print(NEXT)
        slip = np.asarray(simulator.slips[-1])
        assert np.array_equal(slip[: DRAWN.height], np.asarray(DRAWN))
        assert slip.shape[0] == DRAWN.height + 96
        assert slip_text_qr(simulator.slips[-1]) == "https://hub.example/s/137"
        assert len(simulator.slips) <= 2
        assert simulator.texts == []


def test_the_printer_of_these_tests_does_not_forgive(tmp_path: Path) -> None:
    """Without falling in step the next slip is swallowed by the picture that was cut short."""
    with closing(EscPosSimulator(tmp_path, "printer", "serial")) as simulator:
        killed_after(simulator, STREAM[:5000])
        following = encode(NEXT, 576, FONTS, as_text=False)
        killed_after(simulator, following.content + following.rest)
        assert not any(slip_text_qr(slip) == "https://hub.example/s/137" for slip in simulator.slips)


def test_what_an_earlier_program_printed_to_its_end_is_not_cut_to_pieces(tmp_path: Path) -> None:
    with closing(EscPosSimulator(tmp_path, "slow", "serial", rows_per_second=900)) as simulator:
        killed_after(simulator, STREAM)
        with closing(driver_of(simulator)) as printer:
            printer.open()
            printer.print(NEXT)
        assert [slip.height for slip in simulator.slips] == [render(FIRST, 576, FONTS).height + 96, DRAWN.height + 96]


def test_a_slip_in_doubt_that_came_out_is_not_printed_again(tmp_path: Path) -> None:
    with (
        closing(EscPosSimulator(tmp_path, "clone", "serial", rows_per_second=600, clone=True)) as simulator,
        closing(driver_of(simulator)) as printer,
    ):
        printer.open()

        def lift_the_lid() -> None:
            assert simulator.wait_for_rows(50, within=20)
            simulator.cover_open = True

        somebody = threading.Thread(target=lift_the_lid)
        somebody.start()
        with pytest.raises(DeviceFault) as caught:
            printer.print(NEXT)
        somebody.join()
        assert (caught.value.fault, caught.value.effect) == ("cover_open", Effect.UNKNOWN)
        simulator.cover_open = False
        printer.print(NEXT)  # the clone held the rest: it comes out now, and the retry finds that out
        assert len(simulator.slips) == 1
        assert np.array_equal(np.asarray(simulator.slips[0])[: DRAWN.height], np.asarray(DRAWN))
        printer.print(NEXT)  # asked for once more, it is printed once more
        assert len(simulator.slips) == 2


def test_a_jammed_cutter_says_that_the_slip_is_there(simulator: EscPosSimulator) -> None:
    with closing(driver_of(simulator)) as printer:
        printer.open()
        simulator.jam_next_cut()
        with pytest.raises(DeviceFault) as caught:
            printer.print(FIRST)
        assert (caught.value.fault, caught.value.effect) == ("cutter", Effect.YES)
        with pytest.raises(DeviceFault) as again:
            printer.print(NEXT)
        assert (again.value.fault, again.value.effect) == ("cutter", Effect.NO)
        simulator.mend()
        printer.print(NEXT)
        first, second = simulator.slips
        assert first.height >= render(FIRST, 576, FONTS).height
        assert np.array_equal(np.asarray(second)[: DRAWN.height], np.asarray(DRAWN))


def test_states_that_only_a_person_changes(simulator: EscPosSimulator) -> None:
    with closing(driver_of(simulator)) as printer:
        printer.open()
        simulator.off_line = True
        status = printer.status()
        assert (status.offline, status.ready, status.fault) == (True, False, "")
        with pytest.raises(DeviceFault) as caught:
            printer.print(NEXT)
        assert (caught.value.fault, caught.value.effect) == ("offline", Effect.NO)
        simulator.off_line = False
        simulator.fault = "recoverable"
        assert printer.status().fault == "recoverable"
        simulator.mend()
        printer.print(NEXT)
        assert len(simulator.slips) == 1


def test_chinese_text_in_the_type_of_the_printer(simulator: EscPosSimulator) -> None:
    job = PrintJob(
        "text",
        (
            Line("居住证办理回执", 48, bold=True, align=Align.CENTRE),
            Rule(),
            Row("受理编号", "QH01-000137"),
            Line("经办人：王㐀明"),  # rare: drawn
            Line("费用 $12，请妥善保管。"),
        ),
    )
    with closing(driver_of(simulator, text="gb18030")) as printer:
        printer.open()
        printer.print(job)
    assert [text.strip() for text in simulator.texts] == [
        "居住证办理回执",
        "受理编号" + " " * 25 + "QH01-000137",
        "费用 $12，请妥善保管。",
    ]
    assert simulator.unknown == b""
    [slip] = simulator.slips
    ink = ~np.asarray(slip)
    assert ink[:, :20].sum() == 0
    assert ink[:48].any()
    encoded = encode(job, 576, FONTS, as_text=True)
    drawn = encode(job, 576, FONTS, as_text=False)
    assert len(encoded.content) < len(drawn.content) / 2
