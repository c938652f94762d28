"""CUPS's own programs: ippeveprinter prints for our driver, ipptool examines our simulator."""

import os
import re
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from drivers.errors import NotPresent
from drivers.kinds import PageJob
from drivers.page_printer.cups_ipp import CupsIpp, IppOptions
from drivers.simulate.ipp_printer import QUEUE, IppPrinterSimulator

Installed = Callable[[str, str], str]

PACKAGE = "cups-ipp-utils"
SUITES = Path("/usr/share/cups/ipptool")


def pages(count: int) -> bytes:
    first, *more = (Image.new("1", (60, 85), 1) for _ in range(count))
    file = BytesIO()
    first.save(file, "PDF", save_all=True, append_images=more)
    return file.getvalue()


@pytest.fixture
def bus(installed: Installed) -> Iterator[dict[str, str]]:
    """A message bus of its own, without which ippeveprinter does not start."""
    program = installed("dbus-daemon", "dbus")
    with subprocess.Popen(
        [program, "--session", "--nofork", "--print-address=1"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as daemon:
        try:
            assert daemon.stdout is not None
            address = daemon.stdout.readline().decode().strip()
            yield {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": address}
        finally:
            daemon.terminate()


@pytest.fixture
def ippeveprinter(installed: Installed, bus: dict[str, str], tmp_path: Path) -> Iterator[CupsIpp]:
    program = installed("ippeveprinter", PACKAGE)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    arguments = [program, "-p", str(port), "-n", "localhost", "-r", "off", "-2", "-s", "600", "-f", "application/pdf"]
    arguments += ["-c", installed("true", "coreutils")]  # without a command it takes up to 15 s a job
    with subprocess.Popen(
        [*arguments, "-d", str(tmp_path), "-k", "Judge"], env=bus, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as judge:
        try:
            printer = CupsIpp(IppOptions(host="localhost", port=port))
            deadline = time.monotonic() + 20
            while True:
                try:
                    printer.open()
                    break
                except NotPresent:
                    assert judge.poll() is None, "ippeveprinter did not start"
                    assert time.monotonic() < deadline
                    time.sleep(0.05)
            with closing(printer):
                yield printer
        finally:
            judge.terminate()


def test_our_driver_prints_on_another_implementation(ippeveprinter: CupsIpp, tmp_path: Path) -> None:
    document = pages(2)
    assert ippeveprinter.status().ready
    ippeveprinter.print(PageJob("form", document))
    [kept] = [file for file in tmp_path.rglob("*.pdf") if file.is_file()]
    assert kept.read_bytes() == document
    assert ippeveprinter.status().waiting == 0


@pytest.mark.parametrize("suite", ["get-printer-attributes.test", "print-job.test", "create-job.test"])
def test_another_client_examines_our_simulator(installed: Installed, tmp_path: Path, suite: str) -> None:
    program = installed("ipptool", PACKAGE)
    document = tmp_path / "form.pdf"
    document.write_bytes(pages(2))
    with closing(IppPrinterSimulator(tmp_path, "A4")) as simulator:
        uri = f"ipp://127.0.0.1:{simulator.options['port']}{QUEUE}"
        arguments = [program, "-tIV", "2.0", "-f", str(document), uri, str(SUITES / suite)]
        done = subprocess.run(arguments, capture_output=True, timeout=60, check=False)
        said = done.stdout.decode()
        assert done.returncode == 0, said
        assert re.search(r"\[PASS\]", said), said
        if suite == "print-job.test":
            assert [job.pdf for job in simulator.printed] == [document.read_bytes()]
