"""Attacks on documents that are had by signed links: somebody else's, and links that were changed."""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import partial

from e2e.attacks.answer import Answer
from e2e.attacks.attack import Attack
from e2e.attacks.person import API, Person
from e2e.attacks.world import AttackWorld
from e2e.patience import until

_FOLDER = "/api/archive"
Changed = Callable[[str], str]
"""Makes another link of one."""


def _receipt(person: Person) -> str:
    """A receipt of theirs; of those that there are from the start, the documents are made soon after it."""
    until(lambda: _filed(person) != [], "a receipt is filed")
    return _filed(person)[0]


def _filed(person: Person) -> list[str]:
    items = person.client.get(f"{_FOLDER}/receipts", headers=API).json()["items"]
    return [str(one["id"]) for one in items if one["filed"]]


def _link(world: AttackWorld) -> str:
    """Ada's own link to a receipt of hers, which works."""
    answer = world.ada.client.post(f"{_FOLDER}/receipts/{_receipt(world.ada)}/link", headers=API)
    path = f"{_FOLDER}{answer.json()['path']}"
    assert world.ada.client.get(path, headers=API).status_code == 200
    return path


def _ask_for_hers(world: AttackWorld) -> Answer:
    other = world.person("alan")
    return Answer.of(other.client.post(f"{_FOLDER}/receipts/{_receipt(world.ada)}/link", headers=API))


def _follow_hers(world: AttackWorld) -> Answer:
    return Answer.of(world.person("alan").client.get(_link(world), headers=API))


def _follow_hers_as_nobody(world: AttackWorld) -> Answer:
    return Answer.of(world.stranger().client.get(_link(world), headers=API))


def _follow_changed(change: Changed, world: AttackWorld) -> Answer:
    folder, _, link = _link(world).rpartition("/")
    return Answer.of(world.ada.client.get(f"{folder}/{change(link)}", headers=API))


def _with_header(header: bytes, link: str) -> str:
    encoded = base64.urlsafe_b64encode(header).decode().rstrip("=")
    return ".".join([encoded, *link.split(".")[1:]])


def _unsigned(link: str) -> str:
    return link.rpartition(".")[0] + "."


def _with_payload(link: str) -> str:
    head, _, signature = link.split(".")
    body = base64.urlsafe_b64encode(b'{"aud":"archive-download","sub":"ada","receipt":"x","exp":9999999999}').decode()
    return f"{head}.{body.rstrip('=')}.{signature}"


_CHANGES: dict[str, tuple[str, Changed]] = {
    "unsigned": ("the link without its signature", _unsigned),
    "alg none": ("`alg: none`, without a signature", lambda link: _unsigned(_with_header(b'{"alg":"none"}', link))),
    "another receipt": ("another receipt and time under the same signature", _with_payload),
    "a strange crit": ("a header whose `crit` is a number", partial(_with_header, b'{"alg":"HS256","crit":5}')),
    "no header": ("a header that is a list", partial(_with_header, b"[1]")),
}

RECEIPTS = (
    Attack(
        name="A link to somebody else's receipt",
        sent="`POST /api/archive/receipts/{id}/link` with the id of Ada's receipt, by another customer",
        send=_ask_for_hers,
        refusal="404 `not-found`",
        status=(404,),
        problem="not-found",
    ),
    Attack(
        name="A link that somebody else was given",
        sent="Ada's working link, followed by another customer",
        send=_follow_hers,
        refusal="404 `link-ended`",
        status=(404,),
        problem="link-ended",
    ),
    Attack(
        name="A link that somebody else was given, without a session",
        sent="Ada's working link, followed by nobody",
        send=_follow_hers_as_nobody,
        refusal="401 `signed-out`",
        status=(401,),
        problem="signed-out",
    ),
    *(
        Attack(
            name=f"A forged link: {name}",
            sent=f"{words}, by Ada herself",
            send=partial(_follow_changed, change),
            refusal="404 `link-ended`",
            status=(404,),
            problem="link-ended",
        )
        for name, (words, change) in _CHANGES.items()
    ),
)
