import subprocess
import sys
from pathlib import Path

import pytest

from tests.kiosk.test_config import GATE


def kiosk(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kiosk", *arguments], cwd=root, capture_output=True, text=True, timeout=50, check=False
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GATE.replace('lane = "东门1"', 'lane = "东门1"\nface_second = 3'), 'did you mean "face_seconds"?'),
        (GATE.replace("[gate.devices.thermometer]", "[gate.devices.printer]"), "the gate needs this device"),
        (GATE.replace('lane = "东门1"', "lane = 1"), "gate.lane: input should be a valid string"),
    ],
    ids=["unknown key", "missing device", "wrong type"],
)
def test_a_wrong_site_file_ends_with_2_and_says_what_is_wrong(root: Path, tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "site.toml"
    file.write_text(text, encoding="utf-8")
    result = kiosk(root, "run", "--site", str(file), "--ui", "none")
    assert result.returncode == 2
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_a_terminal_that_is_not_enrolled_says_what_to_do(root: Path, tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    file.write_text(GATE, encoding="utf-8")
    result = kiosk(root, "run", "--site", str(file), "--ui", "none")
    assert (result.returncode, "provisioning enrol" in result.stderr) == (2, True)


def test_a_role_that_the_file_does_not_set_up(root: Path, tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    file.write_text(GATE, encoding="utf-8")
    result = kiosk(root, "run", "--site", str(file), "--role", "desk", "--ui", "none")
    assert (result.returncode, "does not set up the role" in result.stderr) == (2, True)


@pytest.mark.parametrize("command", [["--help"], ["run", "--help"], ["demo", "--help"]])
def test_help_explains_itself(root: Path, command: list[str]) -> None:
    result = kiosk(root, *command)
    assert result.returncode == 0
    assert "Usage" in result.stdout
