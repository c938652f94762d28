"""receiptline, another encoder, writes the same Chinese as we do; receiptio, another client, reads our simulator."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from drivers.kinds import Align, Line, Paper
from drivers.printer.gb18030 import encode_block, encode_text
from drivers.simulate.escpos_printer import EscPosSimulator

Node = Callable[[str], str]

TEXTS = [
    "取号单",
    "居住证办理回执",
    "受理编号 QH01-000137",
    "请妥善保管，凭编号查询。",
    "承诺办结：５个工作日",
    "咨询热线（市民中心）12345",
]


def transformed(node: Node, text: str) -> bytes:
    """What receiptline sends for one line."""
    options = {"command": "escpos", "encoding": "gb18030", "cpl": 48, "cutting": False}
    script = (
        "const r = require('receiptline');"
        f"console.log(Buffer.from(r.transform({json.dumps(text)}, {json.dumps(options)}), 'binary').toString('hex'))"
    )
    return bytes.fromhex(node(script))


@pytest.mark.parametrize("text", TEXTS)
def test_chinese_text_has_the_same_bytes(node: Node, text: str) -> None:
    theirs = transformed(node, text)
    assert encode_text(text.replace(" ", "")) in theirs.replace(b" ", b"")
    # both enter Chinese mode before the text
    ours = encode_block(Line(text, align=Align.CENTRE), 576)
    assert ours is not None
    assert theirs.index(b"\x1c&") < theirs.index(encode_text(text[:2]))
    assert ours.index(b"\x1c&") < ours.index(encode_text(text[:2]))


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[EscPosSimulator]:
    with closing(EscPosSimulator(tmp_path, "printer")) as made:
        yield made


def receiptio(node: Node, simulator: EscPosSimulator, text: str, options: str) -> str:
    """Let receiptio talk to the simulator. It only knows port 9100, so its connection is led to ours."""
    port = simulator.options["port"]
    script = (
        "const net = require('net'), connect = net.connect;"
        f"net.connect = (port, ...rest) => port === 9100 ? connect({port}, '127.0.0.1') : connect(port, ...rest);"
        f"require('receiptio').print({json.dumps(text)}, {json.dumps('-d 127.0.0.1 ' + options)})"
        ".then(said => console.log(said))"
    )
    return node(script)


def test_receiptio_prints_on_our_simulator(node: Node, simulator: EscPosSimulator) -> None:
    assert receiptio(node, simulator, "取号单\n\nA001", "-p escpos -l zh -t 20") == "success"
    assert simulator.wait_for_slips(1, within=20)
    assert [text.strip() for text in simulator.texts if text.strip()] == ["取号单", "A001"]


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        ("ready", "online"),
        ("cover", "coveropen"),
        ("paper", "paperempty"),
        ("cutter", "error"),
    ],
)
def test_receiptio_reads_the_state_of_our_simulator(
    node: Node, simulator: EscPosSimulator, trouble: str, said: str
) -> None:
    match trouble:
        case "cover":
            simulator.cover_open = True
        case "paper":
            simulator.paper = Paper.OUT
        case "cutter":
            simulator.fault = "cutter"
    assert receiptio(node, simulator, "", "-p escpos -q -t 5") == said
