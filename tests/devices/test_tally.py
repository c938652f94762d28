"""What a device has done, and what it lives on."""

import anyio
import pytest

from drivers.contract import Driver, Identity, Options
from drivers.errors import DeviceFault, DriverError, Remedy
from drivers.kinds import Crossing, PagePrinterStatus, Paper, PrinterStatus
from kiosk.devices.supervisor import Device, DeviceReport
from kiosk.devices.tally import Tally


def status(paper: Paper) -> PrinterStatus:
    return PrinterStatus(paper, cover_open=False, offline=False)


def test_what_calls_return_is_counted() -> None:
    tally = Tally()
    assert tally.learn(36.5) is False
    assert tally.learn(Crossing.PASSED) is False
    assert tally.learn(status(Paper.OK)) is True
    assert tally.learn(status(Paper.OK)) is False
    assert tally.learn(status(Paper.NEAR_END)) is True
    assert (tally.good, tally.cycles, tally.supplies) == (5, 1, {"paper": "near_end"})
    assert tally.learn(PagePrinterStatus(ready=True, reasons=("toner-low-warning",))) is True
    assert tally.supplies == {"toner": "toner-low-warning"}


def test_time_in_service() -> None:
    tally = Tally()
    assert tally.ready_seconds(10) == 0
    tally.turn(10, ready=True)
    assert tally.ready_seconds(14) == 4
    tally.turn(15, ready=False)
    tally.turn(20, ready=False)
    assert tally.ready_seconds(99) == 5
    tally.turn(100, ready=True)
    assert tally.ready_seconds(101) == 6


class Printer(Driver):
    key = "printer/told"
    options = Options
    proven_on = ()

    def __init__(self) -> None:
        self.paper = Paper.OK

    def open(self) -> Identity:
        return Identity(model="told")

    def probe(self) -> None:
        pass

    def close(self) -> None:
        pass

    def status(self) -> PrinterStatus:
        return status(self.paper)

    def print(self) -> None:
        if self.paper is Paper.OUT:
            raise DeviceFault("paper_out", remedy=Remedy.ATTENDANT)
        raise DeviceFault("busy", remedy=Remedy.WAIT)


@pytest.mark.anyio
async def test_a_supply_is_reported_and_pushed_when_it_changes() -> None:
    printer = Printer()
    device: Device[Printer] = Device("printer", lambda: printer)
    pushed: list[DeviceReport] = []
    with anyio.fail_after(20):
        async with anyio.create_task_group() as group:
            group.start_soon(device.run)
            await device.until_ready()
            device.on_change = lambda: pushed.append(device.report())
            for paper in (Paper.OK, Paper.OK, Paper.OUT, Paper.OUT):
                printer.paper = paper
                await device.call(Printer.status, 1)
            assert [report.supplies["paper"] for report in pushed] == ["ok", "out"]
            for _ in range(2):
                with pytest.raises(DriverError):
                    await device.call(Printer.print, 1)
            assert [report.notice for report in pushed] == ["", "", "paper_out"]
            assert device.ready
            printer.paper = Paper.NEAR_END
            with pytest.raises(DriverError):
                await device.call(Printer.print, 1)  # nobody has to do anything about this one
            assert device.report().notice == "paper_out"
            await device.call(Printer.status, 1)
            report = device.report()
            assert (report.notice, report.good, report.errors, report.opened) == ("", 5, 3, 1)
            assert report.identity.model == "told"
            assert report.ready_seconds > 0
            group.cancel_scope.cancel()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
