"""What processes say, line by line, each with its name before it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import click

_CHUNK = 64 * 1024
_LONGEST = 64 * 1024
"""Bytes of a line; a longer one is broken."""
_COLOURS = ("cyan", "green", "yellow", "blue", "magenta", "bright_cyan", "bright_green", "bright_blue")

Say = Callable[[str, str], None]
"""Takes a process' name and a line."""


def sayer(names: list[str]) -> Say:
    """Print lines with names of one width, in colours where there is a terminal."""
    width = max(map(len, names), default=0)
    colours = {name: _COLOURS[number % len(_COLOURS)] for number, name in enumerate(names)}

    def say(name: str, line: str) -> None:
        click.echo(f"{click.style(name.ljust(width), fg=colours.get(name))} | {line}")

    return say


async def relay(name: str, stream: asyncio.StreamReader, say: Say) -> None:
    """Hand on every line of a stream until its end; what is no UTF-8 is shown as a replacement character."""
    rest = b""
    while chunk := await stream.read(_CHUNK):
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) > _LONGEST:
            lines, rest = [*lines, rest], b""
        for line in lines:
            say(name, line.decode(errors="replace").rstrip("\r"))
    if rest:
        say(name, rest.decode(errors="replace"))
