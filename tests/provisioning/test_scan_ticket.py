"""The ticket comes by the terminal's own scanner, and what is no ticket is said to be none."""

import threading
from pathlib import Path

import pytest

from drivers.simulate.contract import Simulator
from drivers.simulate.gm65 import Gm65Simulator
from kiosk.config import Site, read_site
from provisioning.scan_ticket import scan_ticket
from provisioning.site_text import with_table
from provisioning.talk import CannotDo
from tests.provisioning.technician import tool


@pytest.fixture
def site(tmp_path: Path, plugged: dict[str, Simulator]) -> Site:
    text = 'hall = "weinan"\nhall_name = "示例"\nterminal = "gate-1"\n\n[gate]\nlane = "1"\n'
    for key, simulator in plugged.items():
        options = {name: value for name, value in simulator.options.items() if isinstance(value, str | int | float)}
        text = with_table(text, ("gate", "devices", key.partition("/")[0]), {"driver": key, **options})
    file = tmp_path / "site.toml"
    file.write_text(text)
    return read_site(file)


def shown(plugged: dict[str, Simulator], text: str) -> None:
    scanner = plugged["code_scanner/gm65"]
    assert isinstance(scanner, Gm65Simulator)
    threading.Timer(0.4, scanner.show, [text.encode()]).start()


def test_what_is_shown_is_what_enrols(site: Site, plugged: dict[str, Simulator]) -> None:
    ticket = '{"url":"https://127.0.0.1:1","code":"ABCD-EFGH-JKLM","ca_sha256":"' + "0" * 64 + '"}'
    shown(plugged, ticket)
    said: list[str] = []
    assert scan_ticket(site, "gate", said.append, 10) == ticket
    assert said
    shown(plugged, ticket)
    enrolled = tool("enrol", "--scan", "--site", site.path)
    assert enrolled.code == 3  # the ticket was taken; no hub is at that address


def test_another_code_and_none(site: Site, plugged: dict[str, Simulator]) -> None:
    with pytest.raises(CannotDo, match="nothing was read"):
        scan_ticket(site, "gate", lambda _line: None, 0.3)
    shown(plugged, "https://example.invalid/coupon")
    with pytest.raises(CannotDo, match="no ticket"):
        scan_ticket(site, "gate", lambda _line: None, 10)
    assert tool("enrol", "--site", site.path).code == 2
    assert tool("enrol", "--scan", "--identity", site.path.parent / "i").code == 2
