"""A signed-in person without a browser: commands are repeated under their key until they are answered."""

from __future__ import annotations

import html
import re
import time
from typing import Any
from uuid import uuid4

import httpx

PATIENCE_S = 180.0
PAUSE_S = 0.2
SIGNED_IN = "You are signed in"
AGAIN = frozenset({408, 425, 429})
HEADERS = {"X-Portico": "1", "Sec-Fetch-Site": "same-origin", "Accept": "application/graphql-response+json"}


class Person:
    """Somebody with a session of their own. One thread uses it at a time."""

    def __init__(self, url: str, sub: str) -> None:
        self.sub = sub
        # An answer may be lost with the process that owes it, and the connection stay open: ask again soon.
        self.client = httpx.Client(base_url=url, headers=HEADERS, trust_env=False, timeout=15)

    def sign_in(self) -> Person:
        """Sign in at the development provider, as its pages do."""
        page = self.client.get("/auth/sign-in", follow_redirects=True)
        found = re.search(r'name="request" value="([^"]*)"', page.text)
        assert found is not None, page.text[:300]
        form = {"request": html.unescape(found[1]), "sub": self.sub}
        # The provider may be at an address of its own.
        page = self.client.post(page.url.join("/dev-idp/pick"), data=form, follow_redirects=True)
        assert SIGNED_IN in page.text, f"{page.status_code} from {page.url}: {page.text[:300]}"
        return self

    def close(self) -> None:
        self.client.close()

    def read(self, app: str, query: str) -> Any:
        """What a GraphQL query gives."""
        answer = self._answered("POST", f"/api/{app}/graphql", {"query": query})
        document = answer.json()
        assert "errors" not in document, document
        return document["data"]

    def get(self, path: str) -> Any:
        """What is at a path below `/api`."""
        answer = self._answered("GET", f"/api{path}", None)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def command(self, app: str, mutation: str, variables: object, *, key: str | None = None) -> dict[str, Any]:
        """The answer to a GraphQL command: `{"data"}`, or `{"errors"}` where a rule refuses it."""
        body = {"query": mutation, "variables": variables}
        answer = self._answered("POST", f"/api/{app}/graphql", body, key=key or str(uuid4()))
        document: dict[str, Any] = answer.json()
        return document

    def _answered(self, method: str, path: str, body: object, *, key: str | None = None) -> httpx.Response:
        """Ask, with the same key, until there is an answer that says what became of it."""
        headers = {"Idempotency-Key": key} if key else {}
        deadline, last = time.monotonic() + PATIENCE_S, "nothing"
        while time.monotonic() < deadline:
            try:
                answer = self.client.request(method, path, json=body, headers=headers)
            except httpx.TransportError as error:
                last = repr(error)
            else:
                if _says_something(answer, key):
                    return answer
                last = f"{answer.status_code}: {answer.text[:300]}"
            time.sleep(PAUSE_S)  # as the outbox does between two tries
        raise AssertionError(f"{self.sub} had no answer to {method} {path} in {PATIENCE_S:.0f} s, but {last}")


def _says_something(answer: httpx.Response, key: str | None) -> bool:
    """Whether it is an answer by the outbox's own table (docs/reference/outbox.md)."""
    assert answer.status_code != 401, f"signed out: {answer.text}"
    if answer.status_code >= 500 or answer.status_code in AGAIN:
        return False
    if answer.status_code == 409 and ("Retry-After" in answer.headers or "command-in-progress" in answer.text):
        return False
    return key is None or answer.headers.get("Portico-Receipt") == key
