"""Commands whose help is written, not assembled, and values every command reads alike."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import click

from comity.errors import UsageError

Function = TypeVar("Function", bound=Callable[..., Any])


class WrittenCommand(click.Command):
    """A command that prints its help as it was written."""

    def __init__(self, *args: Any, written: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.written = written

    def get_help(self, ctx: click.Context) -> str:
        return self.written

    def get_usage(self, ctx: click.Context) -> str:
        return self.written.split("\n\n", 1)[0]


class WrittenGroup(click.Group):
    """A group that prints its help as it was written."""

    command_class = WrittenCommand

    def __init__(self, *args: Any, written: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.written = written

    def get_help(self, ctx: click.Context) -> str:
        return self.written

    def get_usage(self, ctx: click.Context) -> str:
        return self.written.split("\n\n", 1)[0]


class Day(click.ParamType[date]):
    """A day, written as 2026-01-31."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"'{value}' is not a day; write it as 2026-01-31", param, ctx)


DAY = Day()


def json_option(function: Function) -> Function:
    """Add --json."""
    return click.option("--json", "as_json", is_flag=True)(function)


def on_option(function: Function) -> Function:
    """Add --on DATE."""
    return click.option("--on", "on", type=DAY)(function)


def read_file(name: str) -> bytes:
    """Return the bytes of a file, up to one more than any reader takes.

    Raises
    ------
    UsageError
        If it cannot be read.
    """
    try:
        with Path(name).open("rb") as file:
            return file.read((1 << 20) + 1)
    except OSError as error:
        raise UsageError(
            f"{name} cannot be read: {(error.strerror or 'unknown').lower()}",
            hint="check the path",
        ) from None


def progress(what: str) -> None:
    """Say on a terminal what is being done; say nothing where nobody watches."""
    if sys.stderr.isatty():
        click.echo(f"{what} ...", err=True)


def print_json(value: object) -> None:
    """Print an answer as JSON."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))
