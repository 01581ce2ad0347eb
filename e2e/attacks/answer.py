"""What an attack was answered with, whoever sent it: a client, or a bare socket."""

from __future__ import annotations

import json
from dataclasses import dataclass

import httpx

PROBLEMS = "https://portico.dev/problems/"


@dataclass(frozen=True, slots=True)
class Answer:
    """Status (`None`: the connection ended without one), headers as they came, and the body."""

    status: int | None
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    @classmethod
    def of(cls, response: httpx.Response) -> Answer:
        """What a client was answered with."""
        return cls(response.status_code, tuple(response.headers.multi_items()), response.content)

    @classmethod
    def of_bytes(cls, raw: bytes) -> Answer:
        """The first answer in what came out of a socket."""
        head, blank, body = raw.partition(b"\r\n\r\n")
        start, *lines = head.decode("latin-1").split("\r\n")
        words = start.split(" ", 2)
        if not blank or len(words) < 2 or not words[0].startswith("HTTP/1.") or not words[1].isdigit():
            return cls(None, body=raw)
        fields = (line.partition(":") for line in lines)
        return cls(int(words[1]), tuple((name.lower(), value.strip()) for name, _, value in fields), body)

    def header(self, name: str) -> str | None:
        """The first header of this name."""
        return next((value for known, value in self.headers if known.lower() == name), None)

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    @property
    def problem(self) -> str | None:
        """The slug of the problem document, if the body is one."""
        if not (self.header("content-type") or "").startswith("application/problem+json"):
            return None
        return str(json.loads(self.body)["type"]).removeprefix(PROBLEMS)

    def __str__(self) -> str:
        """Enough of it for a failure."""
        return f"{self.status} {dict(self.headers)} {self.text[:300]!r}"
