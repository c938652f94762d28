"""The printer driver against a printer at the other end of a real socket and a real pty."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from PIL import Image

from drivers.errors import (
    BadFrame,
    DeviceFault,
    DriverError,
    Effect,
    LinkError,
    NoAnswer,
    NotPresent,
    Remedy,
    WrongDevice,
)
from drivers.kinds import Align, Line, Paper, PrintJob, QrCode, Row, Rule
from drivers.printer import raster
from drivers.printer.escpos import EscPos, EscPosSerial, EscPosSerialOptions, EscPosTcp, EscPosTcpOptions
from drivers.printer.raster import Fonts, render
from drivers.registry import driver_class
from drivers.simulate.contract import Garble
from drivers.simulate.escpos_printer import EscPosSimulator, slip_text_qr

Until = Callable[[Callable[[], bool]], None]

JOB = PrintJob(
    "receipt",
    (
        Line("居住证办理", 48, bold=True, align=Align.CENTRE),
        Rule(),
        Row("受理编号", "QH01 2026 1122 000137"),
        QrCode("https://hub.example/s/QH01-20261122-000137"),
        Line("请妥善保存此回执"),
    ),
)
DEFAULTS = EscPosTcpOptions(host="localhost")
FONTS = Fonts(Path(DEFAULTS.font), Path(DEFAULTS.font_bold), tuple(Path(path) for path in DEFAULTS.fonts_rare))
DRAWN = render(JOB, 576, FONTS)


@pytest.fixture(params=["tcp", "serial"])
def wire(request: pytest.FixtureRequest) -> Literal["tcp", "serial"]:
    return "tcp" if request.param == "tcp" else "serial"


@pytest.fixture
def simulator(tmp_path: Path, wire: Literal["tcp", "serial"]) -> Iterator[EscPosSimulator]:
    with closing(EscPosSimulator(tmp_path, "printer", wire)) as made:
        yield made


def driver_of(simulator: EscPosSimulator, **more: str) -> EscPos:
    if simulator.driver == EscPosTcp.key:
        return EscPosTcp(EscPosTcpOptions.model_validate({**simulator.options, **more}))
    return EscPosSerial(EscPosSerialOptions.model_validate({**simulator.options, **more}))


@pytest.fixture
def printer(simulator: EscPosSimulator) -> Iterator[EscPos]:
    with closing(driver_of(simulator)) as made:
        made.open()
        yield made


def test_a_slip_comes_out_as_it_was_drawn(simulator: EscPosSimulator, printer: EscPos) -> None:
    printer.print(JOB)
    [slip] = simulator.slips
    assert slip.size == (576, DRAWN.height + 96)
    assert np.array_equal(np.asarray(slip)[: DRAWN.height], np.asarray(DRAWN))
    assert np.asarray(slip)[DRAWN.height :].all()
    assert slip_text_qr(slip) == "https://hub.example/s/QH01-20261122-000137"
    assert simulator.unknown == b""
    assert not simulator.torn


def test_it_says_who_it_is(simulator: EscPosSimulator) -> None:
    with closing(driver_of(simulator)) as printer:
        identity = printer.open()
    assert (identity.maker, identity.model, identity.serial, identity.firmware) == ("HALL", "SIM-80", "printer", "1.00")


def test_status_follows_the_printer(simulator: EscPosSimulator, printer: EscPos) -> None:
    assert printer.status().ready
    simulator.paper = Paper.NEAR_END
    assert (printer.status().paper, printer.status().ready) == (Paper.NEAR_END, True)
    simulator.paper = Paper.OUT
    assert (printer.status().paper, printer.status().ready) == (Paper.OUT, False)
    simulator.paper = Paper.OK
    simulator.cover_open = True
    assert printer.status().cover_open
    simulator.cover_open = False
    simulator.fault = "cutter"
    assert printer.status().fault == "cutter"


@pytest.mark.parametrize("trouble", ["paper_out", "cover_open", "head_hot", "cutter", "unrecoverable"])
def test_what_cannot_be_printed_is_not_sent(simulator: EscPosSimulator, printer: EscPos, trouble: str) -> None:
    match trouble:
        case "paper_out":
            simulator.paper = Paper.OUT
        case "cover_open":
            simulator.cover_open = True
        case "head_hot" | "cutter" | "unrecoverable":
            simulator.fault = trouble
    with pytest.raises(DeviceFault) as caught:
        printer.print(JOB)
    assert (caught.value.fault, caught.value.effect) == (trouble, Effect.NO)
    simulator.paper, simulator.cover_open, simulator.fault = Paper.OK, False, ""
    printer.print(JOB)
    assert len(simulator.slips) == 1
    assert not simulator.torn


def test_paper_out_in_the_middle_and_the_rest_is_dropped(simulator: EscPosSimulator, printer: EscPos) -> None:
    simulator.paper_out_after(200)
    with pytest.raises(DeviceFault) as caught:
        printer.print(JOB)
    assert (caught.value.fault, caught.value.effect, caught.value.remedy) == (
        "paper_out",
        Effect.NO,
        Remedy.ATTENDANT,
    )
    assert simulator.slips == []
    assert not simulator.busy
    assert printer.status().paper is Paper.OUT
    simulator.paper = Paper.OK
    printer.print(JOB)
    [torn], [slip] = simulator.torn, simulator.slips
    assert torn.height == 200
    assert np.array_equal(np.asarray(slip)[: DRAWN.height], np.asarray(DRAWN))


def test_a_clone_holds_the_rest_and_says_so(tmp_path: Path, wire: Literal["tcp", "serial"]) -> None:
    with (
        closing(EscPosSimulator(tmp_path, "clone", wire, clone=True)) as simulator,
        closing(driver_of(simulator)) as printer,
    ):
        printer.open()
        simulator.paper_out_after(200)
        with pytest.raises(DeviceFault, match="holds the rest") as caught:
            printer.print(JOB)
        assert (caught.value.fault, caught.value.effect) == ("paper_out", Effect.UNKNOWN)
        assert simulator.busy
        simulator.paper = Paper.OK
        assert simulator.wait_for_slips(1, within=20)
        [torn], [rest] = simulator.torn, simulator.slips
        assert np.array_equal(np.vstack([np.asarray(torn), np.asarray(rest)])[: DRAWN.height], np.asarray(DRAWN))
        printer.print(JOB)  # two pieces are no slip
        assert len(simulator.slips) == 2
        assert np.array_equal(np.asarray(simulator.slips[1])[: DRAWN.height], np.asarray(DRAWN))


def test_cover_opened_while_it_prints(tmp_path: Path, wire: Literal["tcp", "serial"]) -> None:
    with (
        closing(EscPosSimulator(tmp_path, "slow", wire, rows_per_second=400)) as simulator,
        closing(driver_of(simulator)) as printer,
    ):
        printer.open()

        def open_cover() -> None:
            assert simulator.wait_for_rows(50, within=20)
            simulator.cover_open = True

        opener = threading.Thread(target=open_cover)
        opener.start()
        with pytest.raises(DeviceFault) as caught:
            printer.print(JOB)
        opener.join()
        assert (caught.value.fault, caught.value.effect) == ("cover_open", Effect.NO)
        simulator.cover_open = False
        printer.print(PrintJob("short", (Line("短"),)))
        # what had come out was cut off
        assert len(simulator.slips) == 2
        assert simulator.slips[0].height < DRAWN.height


def test_unplugged_while_it_prints_and_back(tmp_path: Path, wire: Literal["tcp", "serial"]) -> None:
    with (
        closing(EscPosSimulator(tmp_path, "slow", wire, rows_per_second=400)) as simulator,
        closing(driver_of(simulator)) as printer,
    ):
        printer.open()

        def pull() -> None:
            assert simulator.wait_for_rows(50, within=20)
            simulator.unplug()

        puller = threading.Thread(target=pull)
        puller.start()
        with pytest.raises(LinkError) as caught:
            printer.print(JOB)
        puller.join()
        assert caught.value.effect is Effect.UNKNOWN
        printer.close()
        with pytest.raises(NotPresent):
            printer.open()
        where = dict(simulator.options)
        simulator.replug()
        assert dict(simulator.options) == where
        assert printer.open().model == "SIM-80"
        assert not simulator.busy
        assert simulator.slips == []


def test_it_waits_for_a_slow_printer(tmp_path: Path) -> None:
    with (
        closing(EscPosSimulator(tmp_path, "slow", rows_per_second=900)) as simulator,
        closing(driver_of(simulator)) as printer,
    ):
        printer.open()
        printer.print(JOB)
        assert len(simulator.slips) == 1


def test_silence_is_no_status(simulator: EscPosSimulator, printer: EscPos) -> None:
    simulator.hang(3)
    with pytest.raises(NoAnswer):
        printer.status()
    with pytest.raises(NoAnswer) as caught:
        printer.print(JOB)
    assert caught.value.effect is Effect.NO


def test_silence_after_the_slip_was_sent(
    simulator: EscPosSimulator, printer: EscPos, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = raster.render

    def hang_then_draw(job: PrintJob, width: int, fonts: Fonts) -> Image.Image:
        simulator.hang(60)
        return drawn(job, width, fonts)

    monkeypatch.setattr(raster, "render", hang_then_draw)
    with pytest.raises(NoAnswer) as caught:
        printer.print(JOB)
    assert caught.value.effect is Effect.UNKNOWN


@pytest.mark.parametrize("how", [Garble.GARBAGE, Garble.CHECKSUM, Garble.TRUNCATED, Garble.SPLIT])
def test_spoilt_answers_never_pass_for_a_status(simulator: EscPosSimulator, printer: EscPos, how: Garble) -> None:
    simulator.cover_open = True
    for _ in range(3):
        simulator.garble(how)
        try:
            assert printer.status().cover_open
        except (BadFrame, NoAnswer):
            continue
    assert printer.status().cover_open


def test_garbage_instead_of_a_confirmation_leaves_it_unknown(
    tmp_path: Path, wire: Literal["tcp", "serial"], monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = raster.render
    with (
        closing(EscPosSimulator(tmp_path, "clone", wire, clone=True)) as simulator,
        closing(driver_of(simulator)) as printer,
    ):
        printer.open()

        def spoil_then_draw(job: PrintJob, width: int, fonts: Fonts) -> Image.Image:
            simulator.garble(Garble.CHECKSUM)
            return drawn(job, width, fonts)

        monkeypatch.setattr(raster, "render", spoil_then_draw)
        with pytest.raises(BadFrame) as caught:
            printer.print(JOB)
        assert caught.value.effect is Effect.UNKNOWN
        assert simulator.wait_for_slips(1, within=20)
        monkeypatch.undo()
        printer.print(PrintJob("other", (Line("另一张"),)))
        assert len(simulator.slips) == 2


def test_off_line_it_opens_and_says_why(simulator: EscPosSimulator) -> None:
    simulator.paper = Paper.OUT
    with closing(driver_of(simulator)) as printer:
        printer.open()
        assert printer.status().paper is Paper.OUT


def test_status_changes_sent_unasked_do_not_disturb(simulator: EscPosSimulator, printer: EscPos) -> None:
    printer._line.write(b"\x1da\xff", deadline=1e18)
    simulator.paper = Paper.NEAR_END
    assert printer.status().paper is Paper.NEAR_END
    printer.print(JOB)
    simulator.paper_out_after(150)
    with pytest.raises(DeviceFault) as caught:
        printer.print(JOB)
    assert (caught.value.fault, caught.value.effect) == ("paper_out", Effect.NO)


def test_closing_ends_a_print_that_waits(simulator: EscPosSimulator, printer: EscPos, until: Until) -> None:
    failures: list[DriverError] = []

    def print_held() -> None:
        try:
            printer.print(JOB)
        except DriverError as error:
            failures.append(error)

    simulator.hang(60)
    working = threading.Thread(target=print_held)
    working.start()
    printer.close()
    printer.close()
    working.join(20)
    until(lambda: not working.is_alive())
    assert isinstance(failures[0], LinkError | NoAnswer)


@pytest.mark.parametrize("reply", [None, b"HTTP/1.1 400 Bad Request\r\n\r\n"], ids=["echo", "web server"])
def test_another_device_is_told_from_a_printer(reply: bytes | None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                while heard := connection.recv(100):
                    connection.sendall(heard if reply is None else reply)

        server = threading.Thread(target=serve)
        server.start()
        printer = EscPosTcp(EscPosTcpOptions(host="127.0.0.1", port=listener.getsockname()[1]))
        with pytest.raises(WrongDevice):
            printer.open()
        server.join(20)


def test_a_silent_port_is_no_printer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        printer = EscPosTcp(EscPosTcpOptions(host="127.0.0.1", port=listener.getsockname()[1]))
        with pytest.raises(NoAnswer):
            printer.open()


def test_a_missing_font_is_found_out_when_it_opens(simulator: EscPosSimulator) -> None:
    printer = driver_of(simulator, font="/nowhere/NotoSansSC.ttf")
    with pytest.raises(DeviceFault, match=r"/nowhere/NotoSansSC\.ttf") as caught:
        printer.open()
    assert (caught.value.fault, caught.value.remedy) == ("font_missing", Remedy.TECHNICIAN)


def test_the_registry_knows_both() -> None:
    assert driver_class("printer/escpos-tcp") is EscPosTcp
    assert driver_class("printer/escpos-serial") is EscPosSerial
