"""A BFF trusts no one: not the gateway, not the process it runs in, only a token that it has checked itself."""

from __future__ import annotations

import base64
import hmac
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from playwright.sync_api import expect

from e2e.api import SUBMIT, Api
from e2e.stack import Stack, free_port
from e2e.tests.conftest import NewPerson


class Keys:
    """The host's own signing key, stolen for the test from its data folder, and a stranger's."""

    def __init__(self, stack: Stack) -> None:
        kept = json.loads((stack.data_dir / "keys" / "tokens.json").read_text())["keys"][0]
        self.host = ECKey.import_key(kept)
        self.kid = kept["kid"]
        self.stranger = ECKey.generate_key("P-256")


def claims(stack: Stack, **changes: object) -> dict[str, Any]:
    """The claims of a token that checkout's BFF accepts, with changes; a change to `None` leaves the claim out."""
    now = int(time.time())
    good = {
        "iss": stack.url,
        "sub": "ada",
        "aud": "urn:portico:bff:checkout",
        "client_id": "portico-host",
        "iat": now,
        "nbf": now,
        "exp": now + 120,
        "jti": "1",
        "roles": [],
        "scope": "bff",
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def signed(keys: Keys, payload: dict[str, Any], *, typ: str = "at+jwt", key: ECKey | None = None) -> str:
    return jwt.encode({"alg": "ES256", "typ": typ, "kid": keys.kid}, payload, key or keys.host)


def unsigned(payload: dict[str, Any], header: dict[str, Any]) -> str:
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, payload)]
    return ".".join([*parts, ""])


def tampered(keys: Keys, payload: dict[str, Any]) -> str:
    """A token whose payload was changed after it was signed."""
    header, _, signature = signed(keys, payload).split(".")
    return ".".join([header, unsigned({**payload, "sub": "alan"}, {}).split(".")[1], signature])


def confused(keys: Keys, payload: dict[str, Any]) -> str:
    """HS256, with the published public key as the secret."""
    # By hand: libraries refuse to make such a thing.
    content = unsigned(payload, {"alg": "HS256", "typ": "at+jwt", "kid": keys.kid}).rstrip(".")
    signature = hmac.digest(keys.host.as_pem(private=False), content.encode(), "sha256")
    return f"{content}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


FORGERIES: dict[str, Callable[[Stack, Keys], str]] = {
    "no token": lambda stack, keys: "",
    "not a token": lambda stack, keys: "abc",
    "tampered": lambda stack, keys: tampered(keys, claims(stack)),
    "alg none": lambda stack, keys: unsigned(claims(stack), {"alg": "none", "typ": "at+jwt", "kid": keys.kid}),
    "alg confusion": lambda stack, keys: confused(keys, claims(stack)),
    "a stranger's key under our kid": lambda stack, keys: signed(keys, claims(stack), key=keys.stranger),
    "expired": lambda stack, keys: signed(keys, claims(stack, exp=int(time.time()) - 60)),
    "not yet valid": lambda stack, keys: signed(keys, claims(stack, nbf=int(time.time()) + 600)),
    "another BFF's audience": lambda stack, keys: signed(keys, claims(stack, aud="urn:portico:bff:menu")),
    "no audience": lambda stack, keys: signed(keys, claims(stack, aud=None)),
    "another issuer": lambda stack, keys: signed(keys, claims(stack, iss="https://evil.example")),
    "no expiry": lambda stack, keys: signed(keys, claims(stack, exp=None)),
    "an id token": lambda stack, keys: signed(keys, claims(stack), typ="JWT"),
}


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stack, str]]:
    """A platform that routes checkout to a BFF in a process of its own, by one setting; and that BFF's address."""
    folder = tmp_path_factory.mktemp("split")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    stack = Stack(folder / "portico", environment={"PORTICO_BFF_URLS": f"checkout={url}"})
    environment = {
        **os.environ,
        "PORTICO_APP": "checkout",
        "PORTICO_ISSUER": stack.url,
        "PORTICO_JWKS_URL": f"{stack.url}/.well-known/jwks.json",
        "DATABASE_URL": f"sqlite:///{folder}/checkout.db",
        "PORTICO_DEMO": "1",
    }
    command = [sys.executable, "-m", "portico.bff", "serve", "checkout_bff:create_app", "--port", str(port)]
    with (folder / "bff.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        stack.start()
        assert process.stdout is not None
        assert url in process.stdout.readline(), (folder / "bff.log").read_text()  # it says when it serves
        yield stack, url
    finally:
        process.terminate()
        process.communicate(timeout=15)
        stack.stop()


def ask(url: str, token: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.post(f"{url}/graphql", json={"query": "{ myOrders { nodes { id } } }"}, headers=headers, timeout=30)


def test_a_good_token_is_accepted_by_a_bff_in_its_own_process(split: tuple[Stack, str]) -> None:
    """The control: without it, the refusals below would show nothing."""
    stack, bff = split
    answer = ask(bff, signed(Keys(stack), claims(stack)))
    assert answer.json() == {"data": {"myOrders": {"nodes": []}}}


@pytest.mark.parametrize("forgery", sorted(FORGERIES))
def test_a_forged_token_is_refused_by_the_bff_in_its_own_process(split: tuple[Stack, str], forgery: str) -> None:
    """Each is a 401 that names the scheme, before anything is looked up."""
    stack, bff = split
    answer = ask(bff, FORGERIES[forgery](stack, Keys(stack)))
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert "myOrders" not in answer.text


def test_people_notice_nothing_of_a_bff_in_its_own_process(split: tuple[Stack, str], person: NewPerson) -> None:
    """The gateway carries the call there and back, for a page as for a command."""
    stack, _ = split
    page = person("Ada Lovelace", at=stack)
    api = Api(page)
    order = api.graphql(SUBMIT, {"input": api.fill_basket()}, key=str(uuid4())).json()["data"]["submitOrder"]["id"]
    page.goto(f"/orders/{order}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Order from")


def test_a_bff_that_is_down_is_told_to_its_own_users_alone(split: tuple[Stack, str], person: NewPerson) -> None:
    """A call to a BFF that nobody answers for is a 503 problem at once; the other apps go on."""
    stack, _ = split
    down = Stack(
        stack.data_dir.with_name("down"), environment={"PORTICO_BFF_URLS": f"checkout=http://127.0.0.1:{free_port()}"}
    )
    down.start()
    try:
        page = person("Ada Lovelace", at=down)
        answer = Api(page).graphql("{ basket { count } }")
        assert answer.status == 503
        assert answer.headers["retry-after"]
        assert Api(page).get("/menu/restaurants?limit=1").status == 200
    finally:
        down.stop()
