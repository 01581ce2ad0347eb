"""How far an upload is: a bar on the terminal, nothing where nobody looks."""

import sys
from collections.abc import Iterator
from typing import BinaryIO

import click

_BLOCK = 1 << 16


def blocks(archive: BinaryIO, size: int, *, quiet: bool) -> Iterator[bytes]:
    """Return the ``size`` bytes of an archive in blocks, with a bar on standard error while it is a terminal.

    The bar says what was handed to the connection; the server checks and keeps it after that.
    """
    stream = sys.stderr
    if quiet or not stream.isatty():
        yield from _read(archive)
        return
    label = f"Sending {size / 1024:.0f} KiB"
    with click.progressbar(length=size, label=label, file=stream) as bar:
        for block in _read(archive):
            yield block
            bar.update(len(block))


def _read(archive: BinaryIO) -> Iterator[bytes]:
    while block := archive.read(_BLOCK):
        yield block
