"""Paths that mean one thing to the gateway and another to what is behind it, and paths out of a folder."""

from __future__ import annotations

from functools import partial

from e2e.attacks.answer import Answer
from e2e.attacks.attack import Attack
from e2e.attacks.world import AttackWorld

_AMBIGUOUS = (
    "/api/menu/../checkout/graphql",
    "/api/menu/./restaurants",
    "/api/menu/%2e%2e/checkout/graphql",
    "/api/menu/.%2E/checkout/graphql",
    "/api/menu/..%2fcheckout/graphql",
    "/api/menu/%2e%2e%2fcheckout/graphql",
    "/api/menu%2f..%2fcheckout/graphql",
    "/api/menu/..%5ccheckout",
    "/api/menu\\..\\checkout",
    "/api//menu/restaurants",
    "/api/menu//restaurants",
    "/api/menu/restaurants%00.json",
)
_UNKNOWN = (
    "/api/MENU/restaurants",
    "/api/menu%20/restaurants",
    "/api/menu;x=1/restaurants",
    "/api/me\u00e9nu/restaurants",
    "/api/%252e%252e/restaurants",
    "/api/..;/restaurants",
    "/api/%c0%ae%c0%ae/restaurants",
    "/api/" + "a" * 3000,
    "/api/http://127.0.0.1:1/",
)
_FILES = (
    "/a/../keys/tokens.json",
    "/a/%2e%2e/keys/tokens.json",
    "/a/..%2f..%2fkeys%2ftokens.json",
    "/a/%252e%252e%252fkeys%252ftokens.json",
    "/a/....//....//keys/tokens.json",
    "/a/..%5c..%5ckeys%5ctokens.json",
    "/a//etc/passwd",
    "/a/_portico/../../../../../../../../etc/passwd",
    "/a/_portico/%00/etc/passwd",
    "/deploy/../keys/tokens.json",
    "/_portico/..%2fkeys%2ftokens.json",
)


def _asked(target: str, world: AttackWorld) -> Answer:
    return world.as_ada("GET", target)


def _no_data(_world: AttackWorld, answer: Answer) -> None:
    """Neither another app's answer nor a file's content came back."""
    assert '"d":' not in answer.text, answer
    assert "root:" not in answer.text, answer
    assert '"items"' not in answer.text, answer
    assert "__typename" not in answer.text, answer


def _shown(target: str) -> str:
    short = target if len(target) < 60 else f"{target[:16]}… ({len(target)} characters)"
    return f"`GET {short}`"


PATHS = (
    *(
        Attack(
            name=f"An ambiguous path {number}",
            sent=_shown(target),
            send=partial(_asked, target),
            refusal="400 `ambiguous-path`; no service is asked",
            status=(400,),
            problem="ambiguous-path",
            harmless=_no_data,
        )
        for number, target in enumerate(_AMBIGUOUS, start=1)
    ),
    *(
        Attack(
            name=f"A path of no app {number}",
            sent=_shown(target),
            send=partial(_asked, target),
            refusal="404 `unknown-app`, or 400: no service is asked",
            status=(400, 404, 414, 431),
            harmless=_no_data,
        )
        for number, target in enumerate(_UNKNOWN, start=1)
    ),
    *(
        Attack(
            name=f"A path out of a folder {number}",
            sent=_shown(target),
            send=partial(_asked, target),
            refusal="404, or the shell's own page; nothing of a file",
            status=(400, 404),
            harmless=_no_data,
        )
        for number, target in enumerate(_FILES, start=1)
    ),
)
