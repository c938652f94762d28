"""`docs/writing-a-driver.md`: its code blocks are put where they say they belong, and run."""

import ast
import importlib
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import MappingProxyType, ModuleType

import pytest

import drivers.simulate
import drivers.simulate.__main__ as simulators
import drivers.thermometer
from drivers import registry
from drivers.simulate.contract import Simulator

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```python\n# (?P<where>\S+?)(: \w+)?\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
TEXT = (ROOT / "docs" / "writing-a-driver.md").read_text(encoding="utf-8")
BLOCKS = {match["where"]: match["code"] for match in BLOCK.finditer(TEXT)}
MODULES = ("drivers.thermometer.acme_t1", "drivers.simulate.acme_t1")


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The tutorial's files in a folder of their own, which the packages look into as well."""
    code = tmp_path / "code"
    for where, block in BLOCKS.items():
        if "acme" in where:
            (code / where).parent.mkdir(parents=True, exist_ok=True)
            (code / where).write_text(block, encoding="utf-8")
    packages: tuple[ModuleType, ...] = (drivers.thermometer, drivers.simulate)
    for package in packages:
        folder = code / package.__name__.replace(".", "/")
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(folder)])
    tables: tuple[ModuleType, ...] = (registry, simulators)
    for module in tables:
        lines = BLOCKS[f"{module.__name__.replace('.', '/')}.py"]
        added: dict[str, str] = ast.literal_eval(f"{{{lines}}}")
        monkeypatch.setattr(module, "WHERE", MappingProxyType({**vars(module)["WHERE"], **added}))
    importlib.invalidate_caches()
    yield code
    for name in MODULES:
        sys.modules.pop(name, None)
        parent, _, attribute = name.rpartition(".")
        vars(sys.modules[parent]).pop(attribute, None)


def test_every_block_has_its_place() -> None:
    assert TEXT.count("```python") == len(BLOCKS) == 6
    assert all("acme" in where or (ROOT / where).is_file() for where in BLOCKS)


def test_the_entry_of_the_contract_suite() -> None:
    entry = ast.parse(f"{{{BLOCKS['tests/drivers/test_contract.py']}}}", mode="eval").body
    assert ast.unparse(entry) == "{'thermometer/acme-t1': Entry('measure')}"


def test_the_driver_passes_the_contract(
    installed: Path, check: Callable[..., None], contract_case: Callable[..., object], tmp_path: Path
) -> None:
    assert installed.is_dir()

    def simulate(folder: Path) -> Simulator:
        return simulators.start("thermometer/acme-t1", folder)

    driver = registry.driver_class("thermometer/acme-t1")
    assert driver.key == "thermometer/acme-t1"
    check(contract_case(driver, simulate, lambda one: vars(type(one))["measure"](one)), tmp_path)


def test_its_own_tests_pass(installed: Path) -> None:
    source = installed / "tests" / "drivers" / "test_acme_t1_codec.py"
    names: dict[str, Callable[[], None]] = {}
    exec(compile(source.read_text(encoding="utf-8"), str(source), "exec"), names)  # noqa: S102  our own tutorial
    tests = [name for name in names if name.startswith("test_")]
    assert len(tests) == 4
    for name in tests:
        names[name]()


# I001 would look for the module beside the others, where it is not
@pytest.mark.parametrize("where", [where for where in BLOCKS if "acme" in where])
@pytest.mark.parametrize("command", [["check", "--ignore=I001"], ["format", "--check"]], ids=["check", "format"])
def test_it_keeps_the_rules_of_the_house(where: str, command: list[str]) -> None:
    ruff = [sys.executable, "-m", "ruff", *command, "--no-cache", "--stdin-filename", where, "-"]
    done = subprocess.run(ruff, input=BLOCKS[where], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
