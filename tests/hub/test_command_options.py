"""All commands of `python -m hub`: the same option is the same everywhere, and each says what it does."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import typer.main
from typer.testing import CliRunner

from hub.__main__ import app
from hub.data import DataFolder
from hub.options import DATABASE_VARIABLE

FOLDER_ONLY = {"release key", "release add", "release export"}
"""They look at files of the data folder, and open no database."""
LISTS = {"list", "show", "status", "check", "verify", "serials", "take", "restore"}
"""What tells something that a program may want to read."""
ALIKE = ("--data", "--database", "--json")


def _commands(command: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if hasattr(command, "commands"):
        for word, each in command.commands.items():
            yield from _commands(each, f"{name} {word}".strip())
    else:
        yield name, command


COMMANDS = dict(_commands(typer.main.get_command(app)))


def _options(command: Any) -> dict[str, Any]:
    return {name: each for each in command.params if isinstance(each, click.Option) or each.opts for name in each.opts}


def test_there_are_commands() -> None:
    assert len(COMMANDS) > 40
    assert {"serve", "code", "terminal list", "staff account add"} <= set(COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_help_of_each_command_says_all(name: str) -> None:
    shown = CliRunner().invoke(app, [*name.split(), "--help"], env={"COLUMNS": "240", "TERM": "dumb"})
    assert shown.exit_code == 0, shown.output
    command = COMMANDS[name]
    assert command.help, "what it does"
    for option, each in _options(command).items():
        if option.startswith("--"):
            assert option in shown.output
            assert getattr(each, "help", ""), f"{option} has no words"


def test_what_opens_the_database_may_be_told_which() -> None:
    with_data = {name for name, each in COMMANDS.items() if "--data" in _options(each)}
    with_database = {name for name, each in COMMANDS.items() if "--database" in _options(each)}
    assert with_data - FOLDER_ONLY == with_database


def test_the_same_option_is_the_same_everywhere() -> None:
    for option in ALIKE:
        said = {
            (each.help, str(each.default), each.is_flag) for c in COMMANDS.values() if (each := _options(c).get(option))
        }
        assert len(said) == 1, (option, said)


def test_what_lists_speaks_json() -> None:
    telling = {name for name in COMMANDS if name.rpartition(" ")[2] in LISTS}
    assert not {name for name in telling if "--json" not in _options(COMMANDS[name])}


@pytest.mark.parametrize(
    ("name", "database", "words"),
    [
        ("terminal list", "nonsense", "Could not parse"),
        ("terminal list", "postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=2", "port 1"),
        ("terminal list", "postgresql+psycopg2://nobody@127.0.0.1:1/none", r"begins with postgresql\+psycopg://"),
        ("terminal list", "oracle+nothing://x", "oracle"),
        *((name, "nonsense", "Could not parse") for name in ("code", "staff account list", "release list")),
    ],
)
def test_a_database_that_does_not_answer_is_said(name: str, database: str, words: str, tmp_path: Path) -> None:
    more = ["--hall", "a", "--terminal", "gate-1", "--role", "gate"] if name == "code" else []
    done = CliRunner().invoke(app, [*name.split(), *more, "--data", str(tmp_path), "--database", database])
    assert done.exit_code == 2, done.output
    assert re.search(words, done.output), done.output
    assert "--database" in done.output or "begins with" in done.output
    assert "Traceback" not in done.output


def test_serving_says_it_too(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hub", "serve", "--data", str(tmp_path), "--database", "nonsense"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=50)
    assert done.returncode == 2
    assert "Could not parse" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "hub"):
        done = CliRunner().invoke(app, ["terminal", "list", "--data", str(folder)], env={"COLUMNS": "400"})
        assert done.exit_code == 2
        assert "Traceback" not in done.output
        assert "file" in done.output


def test_the_environment_names_the_database_too(tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    environment = {**os.environ, DATABASE_VARIABLE: f"sqlite:///{other}"}
    command = [sys.executable, "-m", "hub", "terminal", "list", "--json", "--data", str(tmp_path / "hub")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=50)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
    assert other.exists()
    assert not (tmp_path / "hub" / "hub.db").exists()


def test_no_command_works_on_an_empty_file_where_the_hub_is_on_postgresql(tmp_path: Path) -> None:
    DataFolder(tmp_path).note_database("postgresql")
    for command in ("terminal list", "staff account list", "audit verify", "serve"):
        done = CliRunner().invoke(app, [*command.split(), "--data", str(tmp_path)])
        assert done.exit_code == 2, done.output
        assert "postgresql" in done.output
        assert DATABASE_VARIABLE in done.output
    assert not (tmp_path / "hub.db").exists()
    DataFolder(tmp_path).note_database("sqlite")
    assert CliRunner().invoke(app, ["terminal", "list", "--data", str(tmp_path)]).exit_code == 0
