"""Reading a team's upload: a gzip-compressed tar of its built app, trusted in nothing."""

import io
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from portico.manifest.entry_names import NamesTaken, flaw_of
from portico.manifest.errors import Finding, InvalidArchive
from portico.manifest.limits import Limits
from portico.manifest.unpacked import UnpackedApp

_BLOCK = 1 << 18
_TAR_BLOCK = 512
_MAX_HEADER = 1 << 14
_MAX_HEADERS = 1 << 16
_MAX_SHARED_HEADERS = 64
_SHOWN = 20
"""How many wrong entries are named at most."""


def unpack(upload: Path, folder: Path, limits: Limits) -> UnpackedApp:
    """Unpack a tar.gz into ``folder`` (which is made) and return its files.

    Files are kept there under numbers, so no entry's name ever touches the disk. Raises ``InvalidArchive`` naming each
    entry that is wrong. Work on disk and processor: keep it off the event loop. Memory stays below a few megabytes
    whatever is sent.
    """
    folder.mkdir()
    plain = folder / "archive.tar"
    _gunzip(upload, plain, limits)
    with plain.open("rb") as file:
        unpacked = _untar(file, folder, limits)
    plain.unlink()
    return unpacked


def refused(detail: str, entry: str | None = None) -> InvalidArchive:
    """Return the error that names an entry, or the archive as a whole."""
    return InvalidArchive([_finding(detail, entry)])


def _finding(detail: str, entry: str | None) -> Finding:
    if entry is None:
        return Finding("archive", detail)
    return Finding("archive:" + entry.encode("utf-8", "backslashreplace").decode()[:300], detail)


def _gunzip(upload: Path, plain: Path, limits: Limits) -> None:
    """Decompress to disk, block by block, and stop at the first byte too many."""
    size = upload.stat().st_size
    if size == 0:
        raise refused("is empty")
    allowed = min(limits.unpacked, max(size * limits.ratio, limits.ratio_from))
    written = 0
    with upload.open("rb") as source, plain.open("wb") as target:
        for block in _inflated(source):
            written += len(block)
            if written > allowed:
                most = f"at most {limits.unpacked}, and {limits.ratio} times the upload"
                raise refused(f"unpacks to more than {allowed} bytes ({most})")
            target.write(block)


def _inflated(source: BinaryIO) -> Iterator[bytes]:
    inflate = zlib.decompressobj(wbits=31)
    started = False
    while block := source.read(_BLOCK):
        while block:
            if inflate.eof:  # gzip files may be joined (RFC 1952, 2.2)
                inflate = zlib.decompressobj(wbits=31)
            try:
                yield inflate.decompress(block, _BLOCK)
            except zlib.error as error:
                what = "is damaged" if started else "is not gzip"
                raise refused(f"{what} ({error}); send a .tar.gz of the built folder") from error
            started = True
            block = inflate.unused_data if inflate.eof else inflate.unconsumed_tail
    yield inflate.flush()
    if not inflate.eof:
        raise refused("ends too early: the upload was cut off")


class _Guarded(io.RawIOBase):
    """The file under ``tarfile``, which would read a header of any size into memory, and backwards when asked to.

    Before one entry it would also follow any number of headers (each a deeper call) and list any number of holes.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._left = _MAX_HEADERS

    def begin_entry(self) -> None:
        """Allow the next entry as many bytes of headers as the one before."""
        self._left = _MAX_HEADERS

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= _MAX_HEADER:
            raise tarfile.ReadError("a header is too large")
        self._left -= size
        if self._left < 0:
            raise tarfile.ReadError("an entry has too many headers")
        return self._file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()


def _untar(file: BinaryIO, folder: Path, limits: Limits) -> UnpackedApp:
    files: dict[str, Path] = {}
    findings: list[Finding] = []
    names = NamesTaken()
    name: str | None = None
    try:
        guarded = _Guarded(file)
        with tarfile.open(fileobj=guarded, mode="r:", encoding="utf-8") as tar:
            for number, member in enumerate(_members(tar, guarded)):
                name = member.name
                if number >= limits.files:
                    raise refused(f"is entry {number + 1}; at most {limits.files} are taken", name)
                if flaw := _flaw(member, names, limits):
                    findings.append(_finding(flaw, name))
                elif member.isreg() and not findings:
                    name = _normal(member.name)
                    files[name] = folder / f"{number:06d}"
                    _extract(file, member, files[name])
                if len(findings) >= _SHOWN:
                    break
            if not findings:
                _require_end(file, tar.offset)
    except (tarfile.TarError, OSError, ValueError, OverflowError) as error:
        after = f" after {name!r}" if name else ""
        raise refused(f"is not a readable tar{after} ({error}); send a .tar.gz of the built folder") from error
    if findings:
        raise InvalidArchive(findings)
    return UnpackedApp(files)


def _members(tar: tarfile.TarFile, guarded: _Guarded) -> Iterator[tarfile.TarInfo]:
    """Yield the entries; ``tarfile`` would keep all of them, each with a copy of the headers that all share."""
    while (member := tar.next()) is not None:
        yield member
        if len(tar.pax_headers) > _MAX_SHARED_HEADERS:
            raise tarfile.ReadError("too many headers are for all entries")
        tar.members.clear()  # type: ignore[attr-defined]  # as its documentation says; typeshed leaves it out
        guarded.begin_entry()


def _normal(name: str) -> str:
    return name.removeprefix("./")


def _flaw(member: tarfile.TarInfo, names: NamesTaken, limits: Limits) -> str | None:
    name = _normal(member.name)
    if member.isdir():
        return None if name in {"", "."} else flaw_of(name)
    if member.issym() or member.islnk():
        return "is a link; only files and folders are taken"
    if not member.isreg() or member.issparse():
        return "is a device, a sparse file or something else; only files and folders are taken"
    if not 0 <= member.size <= limits.file:
        return f"has {member.size} bytes; at most {limits.file} are taken"
    return flaw_of(name) or names.take(name)


def _extract(file: BinaryIO, member: tarfile.TarInfo, target: Path) -> None:
    file.seek(member.offset_data)
    left = member.size
    with target.open("xb") as copy:
        while left:
            block = file.read(min(left, _BLOCK))
            if not block:
                raise tarfile.ReadError("the file is cut off")
            copy.write(block)
            left -= len(block)


def _require_end(file: BinaryIO, offset: int) -> None:
    """Raise unless the tar ends as one does, in zeros: ``tarfile`` takes rubbish between entries for the end."""
    file.seek(offset)
    seen = 0
    while block := file.read(_BLOCK):
        if block.strip(b"\0"):
            raise tarfile.ReadError("what follows is no entry")
        seen += len(block)
    if seen < _TAR_BLOCK:
        raise tarfile.ReadError("the end is missing")
