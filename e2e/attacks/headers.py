"""Headers that are short to send and long to read."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial

from e2e.attacks.answer import Answer
from e2e.attacks.attack import Attack
from e2e.attacks.world import AttackWorld

_LENGTH = 60_000
_TIMES = 20
_PATHS = ("/", "/_portico/channel.json", "/dev-idp/authorize")
_COSTLY: dict[str, tuple[str, str]] = {
    "quotes in the language's cookie": ("Cookie", 'portico_locale="' + '\\"' * (_LENGTH // 2) + '"'),
    "backslashes in a cookie without an end": ("Cookie", 'a="' + "\\" * _LENGTH),
    "quotes in the provider's cookie": ("Cookie", 'portico-dev-idp="' + '\\"' * (_LENGTH // 2) + '"'),
    "thousands of cookies": ("Cookie", ";".join(f"c{number}=" for number in range(_LENGTH // 8))),
    "thousands of languages": ("Accept-Language", ",".join(f"a{number};q=0.{number}" for number in range(4_000))),
}


def _at_once(name: str, value: str, world: AttackWorld) -> Answer:
    """All together outlast every patience if one of them takes seconds."""
    client = world.stranger().client

    def ask(path: str) -> Answer:
        return Answer.of(client.get(path, headers={name: value}))

    with ThreadPoolExecutor(_TIMES) as browsers:
        answers = list(browsers.map(ask, _PATHS * _TIMES))
    assert all(answer.status is not None and answer.status < 500 for answer in answers), answers
    return answers[0]


HEADERS = tuple(
    Attack(
        name=f"A header that costs: {what}",
        sent=f"`{name}` of {len(value) // 1000} kB, {_TIMES} times at once at each of "
        + ", ".join(f"`{p}`" for p in _PATHS),
        send=partial(_at_once, name, value),
        refusal="read at once, as one that says nothing",
        status=(200,),
    )
    for what, (name, value) in _COSTLY.items()
)
