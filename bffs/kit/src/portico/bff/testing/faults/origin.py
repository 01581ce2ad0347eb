"""Stands in for a platform's origin: headers that name one origin, so that they name the other."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from urllib.parse import urlsplit

import h11

from portico.bff.testing.faults.wire import Message

Headers = list[tuple[bytes, bytes]]
_OF_REQUESTS = frozenset({b"host", b"origin", b"referer"})
_FRAMING = frozenset({b"content-length", b"transfer-encoding"})
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
        """A request's headers, as the platform expects them. Nothing is asked for compressed: pages are looked into."""
        plain = [(name, value) for name, value in headers if name.lower() != b"accept-encoding"]
        return _renamed(plain, _OF_REQUESTS, self._shown, self._real)

    def of_answer(self, headers: Headers) -> Headers:
        """An answer's headers, as the client expects them."""
        return _renamed(headers, _OF_ANSWERS, self._real, self._shown)

    async def of_page(self, events: AsyncIterator[Message]) -> AsyncGenerator[Message, None]:
        """An answer; if it is a page, it comes whole and its own links and forms name the other origin, too."""
        head: h11.Response | None = None
        body = b""
        async for event in events:
            if isinstance(event, h11.Response):
                head = h11.Response(
                    status_code=event.status_code, headers=self.of_answer(list(event.headers.raw_items()))
                )
                if not any(value.startswith(b"text/html") for name, value in head.headers if name == b"content-type"):
                    yield head
                    head = None
            elif head is not None and isinstance(event, h11.Data):
                body += bytes(event.data)
            elif head is not None:
                body = body.replace(self._real[0], self._shown[0])
                headers = [(name, value) for name, value in head.headers.raw_items() if name.lower() not in _FRAMING]
                length = (b"Content-Length", str(len(body)).encode())
                yield h11.Response(status_code=head.status_code, headers=[*headers, length])
                yield h11.Data(data=body)
                yield event
            else:
                yield event


def _renamed(headers: Headers, names: frozenset[bytes], old: tuple[bytes, bytes], new: tuple[bytes, bytes]) -> Headers:
    return [
        (name, _replaced(name.lower(), value, old, new) if name.lower() in names else value) for name, value in headers
    ]


def _replaced(name: bytes, value: bytes, old: tuple[bytes, bytes], new: tuple[bytes, bytes]) -> bytes:
    if name == b"host":
        return new[1] if value == old[1] else value
    return value.replace(old[0], new[0])
