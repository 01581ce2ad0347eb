"""Stands in for a platform's origin: headers that name one origin, so that they name the other."""

from __future__ import annotations

from urllib.parse import urlsplit

Headers = list[tuple[bytes, bytes]]
_OF_REQUESTS = frozenset({b"host", b"origin", b"referer"})
_OF_ANSWERS = frozenset({b"location", b"content-security-policy", b"access-control-allow-origin"})


class Origin:
    """Turns the proxy's origin into the platform's in requests, and back in answers.

    For a platform that runs already and believes that people see its own address. One that was started with the
    proxy's address as `PORTICO_BASE_URL` needs none of it.
    """

    def __init__(self, *, shown: str, real: str) -> None:
        self._shown = (shown.encode(), urlsplit(shown).netloc.encode())
        self._real = (real.encode(), urlsplit(real).netloc.encode())

    def of_request(self, headers: Headers) -> Headers:
        """A request's headers, as the platform expects them."""
        return _renamed(headers, _OF_REQUESTS, self._shown, self._real)

    def of_answer(self, headers: Headers) -> Headers:
        """An answer's headers, as the client expects them."""
        return _renamed(headers, _OF_ANSWERS, self._real, self._shown)


def _renamed(headers: Headers, names: frozenset[bytes], old: tuple[bytes, bytes], new: tuple[bytes, bytes]) -> Headers:
    return [
        (name, _replaced(name.lower(), value, old, new) if name.lower() in names else value) for name, value in headers
    ]


def _replaced(name: bytes, value: bytes, old: tuple[bytes, bytes], new: tuple[bytes, bytes]) -> bytes:
    if name == b"host":
        return new[1] if value == old[1] else value
    return value.replace(old[0], new[0])
