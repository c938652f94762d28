from pathlib import Path

import pytest

from drivers.contract import Kind
from kiosk.config import SiteFileError, read_site

GATE = """\
hall = "weinan"
hall_name = "示例市政务服务中心"
terminal = "gate-1"
hotline = "0913-1234567"

[vision]
photo_decoder = "simulated"

[gate]
lane = "东门1"

[gate.devices.id_reader]
driver = "id_reader/sam-v-serial"
port = "/dev/kiosk/id-reader"

[gate.devices.camera]
driver = "camera/folder"
path = "frames"

[gate.devices.thermometer]
driver = "thermometer/gy-614"
port = "/dev/kiosk/thermometer"

[gate.devices.code_scanner]
driver = "code_scanner/gm65"
port = "/dev/kiosk/code-scanner"

[gate.devices.barrier]
driver = "barrier/modbus-relay"
port = "/dev/kiosk/barrier"
"""


def write(folder: Path, text: str) -> Path:
    file = folder / "site.toml"
    file.write_text(text, encoding="utf-8")
    return file


def problems(folder: Path, text: str) -> tuple[str, ...]:
    with pytest.raises(SiteFileError) as error:
        read_site(write(folder, text))
    return error.value.problems


def line_of(text: str, what: str) -> int:
    return next(i for i, line in enumerate(text.splitlines(), 1) if what in line)


def test_a_right_file_is_read(tmp_path: Path) -> None:
    site = read_site(write(tmp_path, GATE))
    assert site.roles == ("gate",)
    assert site.data == tmp_path / "data"
    assert set(site.devices["gate"]) == {
        Kind.ID_READER, Kind.CAMERA, Kind.THERMOMETER, Kind.CODE_SCANNER, Kind.BARRIER,
    }  # fmt: skip
    assert site.devices["gate"][Kind.THERMOMETER].options.model_dump()["port"] == "/dev/kiosk/thermometer"


EXIT = """
[gate.devices.exit_barrier]
driver = "barrier/modbus-relay"
port = "/dev/kiosk/exit"
fire_input = 3
"""


def test_a_gate_may_have_an_exit_lane(tmp_path: Path) -> None:
    site = read_site(write(tmp_path, GATE + EXIT))
    assert site.gate is not None
    assert site.gate.exit_lane == "出口"
    assert site.exit_barrier is not None
    assert site.exit_barrier.name == "exit_barrier"
    assert site.exit_barrier.options.model_dump()["fire_input"] == 3
    assert set(site.devices["gate"]) == set(read_site(write(tmp_path, GATE)).devices["gate"])
    assert read_site(write(tmp_path, GATE)).exit_barrier is None


def test_mistakes_in_an_exit_lane_are_told_like_any_other(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, GATE + EXIT.replace("barrier/modbus-relay", "thermometer/gy-614"))
    assert "is a driver of kind thermometer, not barrier" in found
    (found,) = problems(tmp_path, GATE + EXIT.replace("exit_barrier", "exit_barier"))
    assert 'did you mean "exit_barrier"?' in found
    desk = 'hall = "a"\nhall_name = "b"\nterminal = "t"\n[desk]\n' + EXIT.replace("gate.", "desk.")
    assert any("desk.devices.exit_barrier: unknown kind" in line for line in problems(tmp_path, desk))


def test_an_unknown_key_is_named_with_its_line_and_the_likely_one(tmp_path: Path) -> None:
    text = GATE.replace('port = "/dev/kiosk/thermometer"', 'prot = "/dev/kiosk/thermometer"')
    found = problems(tmp_path, text)
    line = line_of(text, "prot =")
    assert f'site.toml:{line}: gate.devices.thermometer.prot: unknown key; did you mean "port"?' in " | ".join(found)


def test_an_unknown_key_at_the_top(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, 'hal_name = "x"\n' + GATE)
    assert ":1: hal_name: unknown key; did you mean" in found


def test_an_unknown_table_key(tmp_path: Path) -> None:
    text = GATE.replace('lane = "东门1"', 'lane = "东门1"\nface_second = 3')
    (found,) = problems(tmp_path, text)
    assert f':{line_of(text, "face_second")}: gate.face_second: unknown key; did you mean "face_seconds"?' in found


def test_a_missing_device_says_what_to_add(tmp_path: Path) -> None:
    start = GATE.index("[gate.devices.thermometer]")
    text = GATE[:start] + GATE[GATE.index("[gate.devices.code_scanner]") :]
    (found,) = problems(tmp_path, text)
    assert "the gate needs this device: add a table [gate.devices.thermometer]" in found


def test_a_wrong_type_is_named_with_its_line(tmp_path: Path) -> None:
    text = GATE.replace('port = "/dev/kiosk/barrier"', "port = 7")
    (found,) = problems(tmp_path, text)
    assert f":{line_of(text, 'port = 7')}: gate.devices.barrier.port:" in found
    assert "string" in found


def test_a_driver_that_does_not_exist_names_those_that_do(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, GATE.replace("thermometer/gy-614", "thermometer/gy-641"))
    assert "no driver is called 'thermometer/gy-641'; there are: " in found
    assert "thermometer/gy-614" in found
    assert "code_scanner" not in found


def test_a_driver_of_another_kind(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, GATE.replace("thermometer/gy-614", "code_scanner/gm65"))
    assert "is a driver of kind code_scanner, not thermometer" in found


def test_an_unknown_kind(tmp_path: Path) -> None:
    found = problems(tmp_path, GATE + '\n[gate.devices.thermometre]\ndriver = "thermometer/gy-614"\n')
    assert 'did you mean "thermometer"?' in found[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "hall: is missing"),
        ("hall = ", "is not TOML"),
        ('hall = "a"\nhall_name = "b"\nterminal = "t"\n', "nothing to run"),
        (GATE.replace('terminal = "gate-1"', 'terminal = "Gate 1"'), "terminal: string should match"),
    ],
)
def test_other_mistakes_are_told_clearly(tmp_path: Path, text: str, said: str) -> None:
    assert any(said in line for line in problems(tmp_path, text))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SiteFileError, match="cannot be read"):
        read_site(tmp_path / "nothing.toml")


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SiteFileError, match="not UTF-8"):
        read_site(tmp_path / "site.toml")


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    text = GATE.replace('port = "/dev/kiosk/barrier"', "port = 7").replace(
        "[gate.devices.camera]", "[gate.devices.kamera]"
    )
    assert len(problems(tmp_path, text)) == 3
