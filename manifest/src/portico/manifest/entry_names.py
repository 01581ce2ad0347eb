"""Which names an archive's entries may have: ones that mean the same file on every system, inside the release."""

import unicodedata
from collections.abc import Iterator

MAX_NAME = 512
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(1, 10))})
_FORBIDDEN = frozenset('\\:*?"<>|')


def flaw_of(name: str) -> str | None:
    """Return what is wrong with an entry's name, or ``None``."""
    if name.startswith("/"):
        return "is an absolute path"
    if len(name) > MAX_NAME or any(len(part.encode("utf-8", "surrogatepass")) > 255 for part in name.split("/")):
        return f"is too long (at most {MAX_NAME} characters, 255 bytes between slashes)"
    if any(character < " " or character == "\x7f" or "\ud800" <= character <= "\udfff" for character in name):
        return "has control characters or is not UTF-8"
    if found := sorted(_FORBIDDEN & set(name)):
        return f"has characters that not every system takes: {' '.join(found)}"
    return next(filter(None, map(_segment_flaw, name.split("/"))), None)


def _segment_flaw(segment: str) -> str | None:
    if segment == "..":
        return "leads out of the archive"
    if segment in {"", "."}:
        return "has an empty or dot segment"
    if segment[-1] in ". ":
        return "has a segment that ends with a dot or space"
    if segment.partition(".")[0].lower() in _DEVICES:
        return f"has a segment that some systems reserve: {segment!r}"
    return None


class NamesTaken:
    """The names seen so far, which no other entry may have, nor one that some file system holds to be the same."""

    def __init__(self) -> None:
        self._files: dict[str, str] = {}
        self._folders: dict[str, str] = {}

    def take(self, name: str) -> str | None:
        """Take the name for a file; returns what is wrong when it, or a part of it, is taken in another sense."""
        key = _folded(name)
        if (other := self._files.get(key)) is not None:
            return "is there twice" if other == name else f"differs from {other!r} in case alone"
        if key in self._folders:
            return f"is a file, and a folder for {self._folders[key]!r}"
        for parent in _parents(name):
            if (file := self._files.get(_folded(parent))) is not None:
                return f"is below {file!r}, which is a file"
            self._folders.setdefault(_folded(parent), name)
        self._files[key] = name
        return None


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _parents(name: str) -> Iterator[str]:
    parts = name.split("/")[:-1]
    for length in range(1, len(parts) + 1):
        yield "/".join(parts[:length])
