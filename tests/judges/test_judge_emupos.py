"""emupos, a printer model of others, takes our slips. It needs Python 3.13, hence an environment of its own."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from io import BytesIO
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

from drivers.errors import DeviceFault, DriverError, Effect
from drivers.kinds import Line, Paper, PrintJob, QrCode, Row
from drivers.printer.escpos import EscPosTcp, EscPosTcpOptions
from drivers.printer.raster import Fonts, render
from drivers.simulate.escpos_printer import slip_text_qr

API = "http://127.0.0.1:8765/api/v1/devices/front"
OPTIONS = EscPosTcpOptions(host="127.0.0.1")
JOB = PrintJob("judge", (Line("居住证办理", 48), Row("受理编号", "QH01-000137"), QrCode("https://hub.example/s/137")))


@pytest.fixture
def emupos(tmp_path: Path) -> Iterator[Path]:
    """The program while it runs; what it says goes to a file."""
    program = os.environ.get("EMUPOS") or shutil.which("emupos")
    if program is None:
        pytest.skip("emupos 0.4.0 is not installed: it needs Python 3.13; name its program in EMUPOS")
    for port in (9100, 8765):
        with socket.socket() as taken:
            if taken.connect_ex(("127.0.0.1", port)) == 0:
                pytest.skip(f"port {port}, which emupos wants, is taken")
    log = tmp_path / "log"
    with (
        log.open("wb") as file,
        subprocess.Popen([program, "run", "--demo"], cwd=tmp_path, stdout=file, stderr=file) as judge,
    ):
        try:
            deadline = time.monotonic() + 30
            while True:
                try:
                    httpx.get(API).raise_for_status()
                    break
                except httpx.HTTPError:
                    assert judge.poll() is None, log.read_text()
                    assert time.monotonic() < deadline
                    time.sleep(0.1)
            yield log
        finally:
            judge.terminate()


def test_it_prints_our_slips_and_tells_its_state(emupos: Path) -> None:
    with closing(EscPosTcp(OPTIONS)) as printer:
        identity = printer.open()
        assert (identity.maker, identity.model) == ("EPSON", "TM-T20III")
        assert printer.status().ready
        printer.print(JOB)
        shown = Image.open(BytesIO(httpx.get(f"{API}/receipts/latest/image").content)).convert("1")
        assert slip_text_qr(shown) == "https://hub.example/s/137"
        fonts = Fonts(Path(OPTIONS.font), Path(OPTIONS.font_bold), tuple(Path(path) for path in OPTIONS.fonts_rare))
        drawn = ~np.asarray(render(JOB, 576, fonts))
        assert (~np.asarray(shown)).sum() == drawn.sum()

        for fault, name in (("cover-open", "cover_open"), ("paper-out", "paper_out"), ("offline", "offline")):
            httpx.put(f"{API}/faults/{fault}").raise_for_status()
            status = printer.status()
            assert (status.cover_open, status.paper is Paper.OUT) == (fault == "cover-open", fault == "paper-out")
            with pytest.raises(DeviceFault) as caught:
                printer.print(JOB)
            assert (caught.value.fault, caught.value.effect) == (name, Effect.NO)
            httpx.delete(f"{API}/faults/{fault}").raise_for_status()
        httpx.put(f"{API}/faults/paper-near-end").raise_for_status()
        assert printer.status().paper is Paper.NEAR_END
        printer.print(JOB)
    assert len(httpx.get(f"{API}/receipts").json()) == 2
    assert "unknown" not in emupos.read_text()
    with pytest.raises(DriverError):
        printer.status()
