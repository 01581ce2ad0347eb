"""A person's browser without a window: it signs in at the development provider, and calls as their pages do."""

from __future__ import annotations

import html
import re
from urllib.parse import urljoin

import httpx

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
API = {**SAME_ORIGIN, "X-Portico": "1"}
SESSION_COOKIE = "portico"
PATIENCE_S = 20.0


class Person:
    """One browser profile. `client` keeps its cookies and follows no redirect by itself."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.client = httpx.Client(base_url=url, headers=SAME_ORIGIN, timeout=PATIENCE_S)

    def close(self) -> None:
        """End its connections."""
        self.client.close()

    def authorize_url(self, return_to: str = "/") -> str:
        """Begin to sign in: where the host sends the browser."""
        answer = self.client.get("/auth/sign-in", params={"return_to": return_to})
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    def pick(self, authorize_url: str, sub: str) -> str:
        """Choose who to be at the provider: the callback URL that it sends the browser to."""
        page = self.client.get(authorize_url)
        assert page.status_code == 200, page.text
        form = re.search(r'<form[^>]* action="([^"]+)"', page.text)
        hidden = re.search(r'<input type="hidden" name="request" value="([^"]*)">', page.text)
        assert form, page.text
        assert hidden, page.text
        target = urljoin(authorize_url, html.unescape(form[1]))
        answer = self.client.post(target, data={"request": html.unescape(hidden[1]), "sub": sub})
        assert answer.status_code in {302, 303}, answer.text
        return str(answer.headers["location"])

    def callback_url(self, sub: str, return_to: str = "/") -> str:
        """Sign in up to the last step, which is to open this."""
        return self.pick(self.authorize_url(return_to), sub)

    def sign_in(self, sub: str) -> Person:
        """Sign in as somebody."""
        answer = self.client.get(self.callback_url(sub))
        assert answer.status_code == 200, answer.text
        assert self.cookie
        return self

    @property
    def cookie(self) -> str | None:
        """The session's cookie, as the browser has it."""
        values = [cookie.value for cookie in self.client.cookies.jar if cookie.name == SESSION_COOKIE]
        return values[0] if values else None

    def api(self, path: str, **headers: str) -> httpx.Response:
        """GET below `/api`, as a page does."""
        return self.client.get(f"/api{path}", headers={**API, **headers})

    @property
    def is_signed_in(self) -> bool:
        """Whether the host knows this browser's session."""
        return signed_in_as(self.client) is not None


def signed_in_as(client: httpx.Client, **headers: str) -> str | None:
    """The `sub` that the page of the start is made for."""
    page = client.get("/", headers={**SAME_ORIGIN, "Sec-Fetch-Mode": "navigate", **headers})
    found = re.search(r'"user":(?:null|\{"sub":"([^"]+)")', page.text)
    assert found, page.text[:500]
    return found[1]
