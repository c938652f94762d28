"""The page printer's driver against a printer at the other end of a real socket."""

import threading
from collections.abc import Iterator
from contextlib import closing
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from drivers.errors import DeviceFault, Effect, LinkError, NotPresent, Remedy, WrongDevice
from drivers.kinds import PageJob
from drivers.page_printer.cups_ipp import CupsIpp, IppOptions
from drivers.page_printer.ipp_message import Operation
from drivers.simulate.ipp_printer import IppPrinterSimulator, Trouble


def pages(count: int) -> bytes:
    """A PDF of so many empty pages, made by Pillow."""
    first, *more = (Image.new("1", (60, 85), 1) for _ in range(count))
    file = BytesIO()
    first.save(file, "PDF", save_all=True, append_images=more)
    return file.getvalue()


THREE = PageJob("form", pages(3))


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[IppPrinterSimulator]:
    with closing(IppPrinterSimulator(tmp_path, "A4")) as made:
        yield made


def opened(simulator: IppPrinterSimulator) -> CupsIpp:
    driver = CupsIpp(IppOptions.model_validate(dict(simulator.options)))
    driver.open()
    return driver


def test_a_document_is_printed_and_its_sheets_are_counted(simulator: IppPrinterSimulator) -> None:
    with closing(opened(simulator)) as printer:
        assert printer.print(THREE) == 3
        assert printer.print(PageJob("twice", pages(3), copies=2, duplex=True)) == 3
    first, second = simulator.printed
    assert (first.name, first.pdf, first.sides) == ("form", THREE.pdf, 3)
    assert (second.copies, second.duplex) == (2, True)


def test_it_says_who_it_is(simulator: IppPrinterSimulator) -> None:
    identity = CupsIpp(IppOptions.model_validate(dict(simulator.options))).open()
    assert (identity.maker, identity.model, identity.firmware) == ("HALL", "SIM-A4", "1.00")
    assert identity.serial.startswith("00000000-")


@pytest.mark.parametrize("counts", [True, False])
def test_an_old_printer_takes_the_job_in_one_step(tmp_path: Path, *, counts: bool) -> None:
    with (
        closing(IppPrinterSimulator(tmp_path, "old", two_steps=False, counts=counts)) as simulator,
        closing(opened(simulator)) as printer,
    ):
        assert printer.print(THREE) == (3 if counts else 0)
        assert len(simulator.printed) == 1


def test_status_follows_the_printer(simulator: IppPrinterSimulator) -> None:
    with closing(opened(simulator)) as printer:
        assert printer.status().ready
        assert printer.status().reasons == ()
        simulator.toner_low()
        assert (printer.status().ready, printer.status().reasons) == (True, ("toner-low-warning",))
        simulator.trouble("door-open")
        assert (printer.status().ready, printer.status().reasons[0]) == (False, "door-open-error")


@pytest.mark.parametrize(
    ("trouble", "fault"),
    [
        ("media-empty", "paper_out"),
        ("door-open", "cover_open"),
        ("media-jam", "paper_jam"),
        ("offline", "offline"),
        ("paused", "paused"),
    ],
)
def test_what_cannot_be_printed_is_not_sent(simulator: IppPrinterSimulator, trouble: Trouble, fault: str) -> None:
    with closing(opened(simulator)) as printer:
        simulator.trouble(trouble)
        with pytest.raises(DeviceFault) as caught:
            printer.print(THREE)
        assert (caught.value.fault, caught.value.effect) == (fault, Effect.NO)
        assert simulator.jobs == []
        simulator.trouble(trouble, over=True)
        assert printer.print(THREE) == 3


@pytest.mark.parametrize(("left", "effect"), [(0, Effect.NO), (2, Effect.UNKNOWN)])
def test_paper_out_in_the_middle_cancels_the_job(simulator: IppPrinterSimulator, left: int, effect: Effect) -> None:
    simulator.media_empty_after(left)
    with closing(opened(simulator)) as printer:
        with pytest.raises(DeviceFault) as caught:
            printer.print(THREE)
        assert (caught.value.fault, caught.value.effect) == ("paper_out", effect)
        simulator.trouble("media-empty", over=True)
        assert printer.status().waiting == 0
        assert simulator.printed == []


@pytest.mark.parametrize("lost", [Operation.SEND_DOCUMENT, Operation.PRINT_JOB])
def test_a_lost_answer_prints_nothing_twice(tmp_path: Path, lost: Operation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drivers.page_printer.cups_ipp._DOCUMENT_WITHIN", 0.5)
    two_steps = lost is Operation.SEND_DOCUMENT
    with (
        closing(IppPrinterSimulator(tmp_path, "A4", two_steps=two_steps)) as simulator,
        closing(opened(simulator)) as printer,
    ):
        simulator.lose_answer(lost)
        if two_steps:
            assert printer.print(THREE) == 3
        else:  # a job without a number cannot be looked after
            with pytest.raises(Exception, match="silent") as caught:
                printer.print(THREE)
            assert getattr(caught.value, "effect", None) is Effect.UNKNOWN
        assert len(simulator.printed) == 1


def test_a_job_that_the_printer_gives_up(simulator: IppPrinterSimulator) -> None:
    simulator.ruin()
    with closing(opened(simulator)) as printer:
        with pytest.raises(DeviceFault) as caught:
            printer.print(THREE)
        assert (caught.value.fault, caught.value.effect) == ("job_aborted", Effect.NO)


def test_what_is_no_pdf_is_refused_and_leaves_no_job(simulator: IppPrinterSimulator) -> None:
    with closing(opened(simulator)) as printer:
        with pytest.raises(DeviceFault) as caught:
            printer.print(PageJob("not", b"plain text"))
        assert (caught.value.fault, caught.value.effect) == ("job_refused", Effect.NO)
        assert printer.status().waiting == 0


def test_a_queue_that_takes_no_jobs(simulator: IppPrinterSimulator) -> None:
    simulator.refuse_jobs()
    with closing(opened(simulator)) as printer, pytest.raises(DeviceFault) as caught:
        printer.print(THREE)
    assert (caught.value.fault, caught.value.effect) == ("not_accepting", Effect.NO)


def test_unplugged_while_it_prints(tmp_path: Path) -> None:
    with (
        closing(IppPrinterSimulator(tmp_path, "slow", sides_per_second=0.01)) as simulator,
        closing(opened(simulator)) as printer,
    ):

        def pull() -> None:
            assert simulator.wait_for_jobs(1, within=20)
            simulator.unplug()

        puller = threading.Thread(target=pull)
        puller.start()
        with pytest.raises((LinkError, NotPresent)) as caught:
            printer.print(THREE)
        puller.join()
        assert caught.value.effect is Effect.UNKNOWN
        assert simulator.printed == []


def test_out_of_time_the_job_is_cancelled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drivers.page_printer.cups_ipp.PRINT_WITHIN", 1.0)
    with (
        closing(IppPrinterSimulator(tmp_path, "slow", sides_per_second=0.01)) as simulator,
        closing(opened(simulator)) as printer,
    ):
        with pytest.raises(Exception, match="in time") as caught:
            printer.print(THREE)
        assert getattr(caught.value, "effect", None) is Effect.NO
        assert printer.status().waiting == 0


def test_a_queue_with_a_password(tmp_path: Path) -> None:
    with closing(IppPrinterSimulator(tmp_path, "A4", user="desk", password="right")) as simulator:
        with closing(opened(simulator)) as printer:
            assert printer.print(THREE) == 3
        wrong = CupsIpp(IppOptions.model_validate({**simulator.options, "password": "wrong"}))
        with pytest.raises(DeviceFault) as caught:
            wrong.open()
        assert (caught.value.fault, caught.value.remedy) == ("not_authorised", Remedy.TECHNICIAN)


def test_no_such_queue_is_the_wrong_device(simulator: IppPrinterSimulator) -> None:
    printer = CupsIpp(IppOptions.model_validate({**simulator.options, "queue": "/printers/none"}))
    with pytest.raises(WrongDevice):
        printer.open()
