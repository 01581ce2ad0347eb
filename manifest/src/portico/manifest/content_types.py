"""The media type of a file by its name. A fixed table: the machine's own differ, and a release must not."""

from pathlib import PurePosixPath

from portico.manifest.compression import Effort

_TYPES = {
    ".avif": "image/avif",
    ".css": "text/css; charset=utf-8",
    ".gif": "image/gif",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/vnd.microsoft.icon",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".md": "text/markdown; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".otf": "font/otf",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webm": "video/webm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".xml": "application/xml",
}
_TEXT = frozenset({".css", ".html", ".ico", ".js", ".json", ".md", ".mjs", ".otf", ".svg", ".ttf", ".txt", ".wasm"}) | {
    ".webmanifest",
    ".xml",
}
_DOCUMENTS = frozenset({".html", ".pdf", ".svg", ".xml"})
_MODULES = frozenset({".js", ".mjs"})


def content_type(path: str) -> str:
    """Return the media type for the file name's ending, ``application/octet-stream`` for one not known."""
    return _TYPES.get(_ending(path), "application/octet-stream")


def is_module(path: str) -> bool:
    """Tell whether the file is a JavaScript module."""
    return _ending(path) in _MODULES


def effort_of(path: str) -> Effort:
    """Return how hard compressing such a file is worth trying: not for formats that are compressed themselves, and
    only quickly for source maps, which nobody but a developer loads."""
    ending = _ending(path)
    if ending == ".map":
        return Effort.QUICK
    return Effort.THOROUGH if ending in _TEXT else Effort.NONE


def is_document(path: str) -> bool:
    """Tell whether a browser would open the file as a page of its own, with scripts, when its URL is visited."""
    return _ending(path) in _DOCUMENTS


def _ending(path: str) -> str:
    return PurePosixPath(path).suffix.lower()
