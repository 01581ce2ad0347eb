"""Open redirects and header injection: text from a URL that should become an address or a header."""

from __future__ import annotations

import html
import re
from functools import partial

from e2e.attacks.answer import Answer
from e2e.attacks.attack import Attack
from e2e.attacks.raw import ask, request
from e2e.attacks.world import AttackWorld

TARGETS = (
    "https://evil.example",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\r\nLocation: https://evil.example",
    "javascript:alert(1)",
    "@evil.example",
    ".evil.example",
    "/auth/sign-in?return_to=//evil.example",
    "/" + "a" * 4000,
)


def _return_to(target: str, world: AttackWorld) -> Answer:
    person = world.stranger()
    return Answer.of(person.client.get(person.callback_url("alan", target)))


def _leads_home(_world: AttackWorld, answer: Answer) -> None:
    """The page after signing in goes to the start, by itself and by its link."""
    found = re.search(r'http-equiv="refresh" content="\d+; ?url=([^"]*)"', answer.text)
    assert found, answer.text
    assert html.unescape(found[1]) == "/"
    assert "evil" not in answer.text
    assert "alert" not in answer.text
    assert answer.header("location") is None


def _come_again(target: str, world: AttackWorld) -> Answer:
    """A page that a link on another site leads to: the host has it asked for once more."""
    navigates = [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate")]
    return ask(world.port, request("GET", target, navigates, port=world.port))


def _stays_here(_world: AttackWorld, answer: Answer) -> None:
    assert answer.header("location") is None
    assert answer.header("evil") is None
    assert "evil=1" not in (answer.header("set-cookie") or "")
    found = re.search(r'content="0;url=([^"]*)"', answer.text)
    assert found is None or re.match(r"/(?![/\\])", html.unescape(found[1])), answer.text


def _shown(target: str) -> str:
    short = target if len(target) < 60 else f"{target[:12]}… ({len(target)} characters)"
    return "`" + short.encode("unicode_escape").decode().replace("\\\\", "\\").replace("|", "\\|") + "`"


COME_AGAIN = ("//evil.example/", "/%2Fevil.example", "/%5Cevil.example", "/\\evil.example", "/%0d%0aEvil:%20evil=1")

REDIRECTS = (
    *(
        Attack(
            name=f"Open redirect {number}",
            sent=f"`return_to` {_shown(target)} at sign-in",
            send=partial(_return_to, target),
            refusal="after signing in the page leads to `/`",
            status=(200,),
            harmless=_leads_home,
        )
        for number, target in enumerate(TARGETS, start=1)
    ),
    *(
        Attack(
            name=f"Open redirect by a page's own path {number}",
            sent=f"a navigation from another site to {_shown(target)}",
            send=partial(_come_again, target),
            refusal="no redirect, and no header of the attacker's; the page asks for a path of this origin alone",
            status=(200, 400, 404),
            harmless=_stays_here,
        )
        for number, target in enumerate(COME_AGAIN, start=1)
    ),
)
