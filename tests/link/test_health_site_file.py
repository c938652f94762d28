"""`[gate.health_service]` of the site file: read, and each mistake in it named with its line."""

from pathlib import Path

import pytest

from kiosk.config import HealthService, SiteFileError, read_site

GATE = """\
hall = "weinan"
hall_name = "示例市政务服务中心"
terminal = "gate-1"

[gate]
lane = "东门1"

[gate.health_service]
kind = "gate-decode"
url = "https://gateway.example/center/api/health/decode"
app_id = "hall-1"
secret_file = "health.secret"
patterns = ['https://jkm\\.example/c\\?t=[0-9a-f]{8,64}', 'YKM[0-9A-Z]{16}']

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


def service(folder: Path, text: str) -> HealthService:
    file = folder / "site.toml"
    file.write_text(text, encoding="utf-8")
    site = read_site(file)
    assert site.gate is not None
    assert site.gate.health_service is not None
    return site.gate.health_service


def test_a_right_table_is_read(tmp_path: Path) -> None:
    found = service(tmp_path, GATE)
    assert (found.kind, found.app_id, found.seconds) == ("gate-decode", "hall-1", 2.0)
    assert (found.secret_file, found.ca_file) == (Path("health.secret"), None)
    assert [bool(p.fullmatch("YKM0123456789ABCDEF")) for p in found.patterns] == [False, True]


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8099/verify", "http://localhost/verify", "https://10.2.3.4:8443/a/b"]
)
def test_plain_http_is_for_this_machine(tmp_path: Path, url: str) -> None:
    text = GATE.replace("https://gateway.example/center/api/health/decode", url)
    assert service(tmp_path, text).url == url


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("https://gateway.example", "http://gateway.example", "url"),
        ("https://gateway.example", "http://127.0.0.1.gateway.example", "url"),
        ("https://gateway.example/", "https://gateway.example/?key=", "url"),
        ('"gate-decode"', '"yuekang"', "kind"),
        ('app_id = "hall-1"', 'app_id = ""', "app_id"),
        ('app_id = "hall-1"', "app_id = 7", "app_id"),
        ("YKM[0-9A-Z]", "YKM[0-9A-Z", "patterns"),
        ("patterns = ['", "patterns = [] #", "patterns"),
        ('app_id = "hall-1"', 'app_id = "hall-1"\nseconds = 60.0', "seconds"),
        ('app_id = "hall-1"', 'app_id = "hall-1"\nsecret = "1"', "secret"),
    ],
)
def test_each_mistake_is_named_with_its_line(tmp_path: Path, old: str, new: str, key: str) -> None:
    text = GATE.replace(old, new)
    with pytest.raises(SiteFileError) as error:
        service(tmp_path, text)
    (problem,) = error.value.problems
    line = next(i for i, each in enumerate(text.splitlines(), 1) if each.startswith(f"{key} ="))
    assert f"site.toml:{line}: gate.health_service.{key}" in problem


def test_an_unknown_key_gets_a_suggestion(tmp_path: Path) -> None:
    with pytest.raises(SiteFileError, match='did you mean "secret_file"'):
        service(tmp_path, GATE.replace("secret_file", "secretfile", 1) + "")
