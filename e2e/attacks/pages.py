"""Pages that somebody may not open: neither shown, nor named in what other pages are made of."""

from __future__ import annotations

import json
import re
from functools import partial

from e2e.attacks.answer import Answer
from e2e.attacks.attack import Attack
from e2e.attacks.person import SAME_ORIGIN
from e2e.attacks.world import AttackWorld

GUARDED = {"kitchen": "/kitchen", "audit": "/audit"}
"""Apps of which every route wants a role that Ada does not have."""
_NAVIGATES = {**SAME_ORIGIN, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


def _as_ada(path: str, world: AttackWorld) -> Answer:
    return Answer.of(world.ada.client.get(path, headers=_NAVIGATES))


def _as_stranger(path: str, world: AttackWorld) -> Answer:
    return Answer.of(world.stranger().client.get(path, headers=_NAVIGATES))


def _boot(answer: Answer) -> dict[str, object]:
    found = re.search(r'<script type="application/json" id="portico-apps"[^>]*>(.*?)</script>', answer.text, re.DOTALL)
    assert found, answer
    document: dict[str, object] = json.loads(found[1])
    return document


def _not_registered(world: AttackWorld, answer: Answer) -> None:
    """Nothing in the page says that there is such an app, nor loads it ahead; its owner's page has it (the control)."""
    boot = json.dumps(_boot(answer))
    preloads = " ".join(re.findall(r'<link rel="modulepreload" href="([^"]+)"', answer.text))
    for app, path in GUARDED.items():
        assert f'"app": "{app}"' not in boot, app
        assert f'"{path}"' not in boot, app
        assert f"/a/{app}/" not in preloads, app
    cook = Answer.of(world.person("mario").client.get("/", headers=_NAVIGATES))
    assert '"app": "kitchen"' in json.dumps(_boot(cook))


def _says_so(world: AttackWorld, answer: Answer) -> None:
    assert "This page is not open to you" in answer.text
    assert "ask whoever runs this site" in answer.text
    _not_registered(world, answer)


def _asks_to_sign_in(world: AttackWorld, answer: Answer) -> None:
    assert "Sign in to open this page" in answer.text
    _not_registered(world, answer)


PAGES = (
    *(
        Attack(
            name=f"A page of another role: {path}",
            sent=f"`GET {path}` by somebody without the role",
            send=partial(_as_ada, path),
            refusal="403 in the shell, in words that help; nothing of the app is registered or loaded",
            status=(403,),
            harmless=_says_so,
        )
        for path in ("/kitchen", "/kitchen?x=/", "/audit")
    ),
    *(
        Attack(
            name=f"A page of a person: {path}",
            sent=f"`GET {path}` by nobody",
            send=partial(_as_stranger, path),
            refusal="401 in the shell, with the way to sign in; nothing of the app is registered or loaded",
            status=(401,),
            harmless=_asks_to_sign_in,
        )
        for path in GUARDED.values()
    ),
    Attack(
        name="Registrations of other roles",
        sent="the start page, read for what it names",
        send=partial(_as_ada, "/"),
        refusal="only what this person may open is in it",
        status=(200,),
        harmless=_not_registered,
    ),
)
