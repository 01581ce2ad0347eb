"""Deploying with a CI job's own token: what a trust rule lets in, and all that it does not."""

import base64
import hmac
import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from joserfc import jwk

from manifest.tests.ci_issuer import AUDIENCE, SUBJECT, CiIssuer, ci_issuer, job_claims, new_key, signed
from manifest.tests.manifest_world import NOON, ManifestWorld, app_files, tar_gz
from manifest.tests.test_deployer_releases import problem

NOW = int(NOON.timestamp())


@pytest.fixture
def issuer() -> Iterator[CiIssuer]:
    with ci_issuer() as running:
        yield running


async def trust(world: ManifestWorld, issuer: CiIssuer, **changes: Any) -> str:
    body = {"team": "sales", "issuer": issuer.url, "audience": AUDIENCE, "subject": SUBJECT} | changes
    response = await world.call("POST", "/deploy/trust", json=body)
    assert response.status_code == 201, response.text
    return str(response.json()["id"])


async def whoami(world: ManifestWorld, token: str) -> httpx.Response:
    return await world.http.get("/deploy/whoami", headers={"Authorization": f"Bearer {token}"})


async def test_a_job_deploys_without_a_secret_and_the_history_has_its_subject(
    world: ManifestWorld, issuer: CiIssuer
) -> None:
    await trust(world, issuer)
    job = {"Authorization": f"Bearer {issuer.token()}"}
    upload = job | {"Content-Type": "application/gzip"}
    published = await world.http.post("/deploy/apps/shop/releases", content=tar_gz(app_files()), headers=upload)
    assert published.status_code == 201, published.text
    assert published.json()["creator"] == SUBJECT
    body = {"release": published.json()["digest"]}
    promoted = await world.http.put("/deploy/channels/live/apps/shop", json=body, headers=job | {"If-Match": '"0"'})
    assert (promoted.status_code, promoted.json()["who"]) == (200, SUBJECT)


@pytest.mark.parametrize(
    ("kind", "algorithm"), [("ec", "ES256"), ("rsa", "RS256"), ("rsa", "PS256"), ("okp", "Ed25519")]
)
async def test_the_algorithms_that_cis_use_are_taken(
    kind: str, algorithm: str, world: ManifestWorld, issuer: CiIssuer
) -> None:
    await trust(world, issuer)
    key = next(key for key in issuer.keys if key.kid == f"{kind}-1")
    assert (await whoami(world, issuer.token(algorithm, key))).json()["label"] == SUBJECT


async def test_a_token_says_what_it_is_for(world: ManifestWorld, issuer: CiIssuer) -> None:
    await trust(world, issuer, app="shop")
    await trust(world, issuer, team="crm", app="account")
    document = (await whoami(world, issuer.token())).json()
    assert document["operator"] is False
    scopes = sorted((scope["team"], scope["app"]) for scope in document["scopes"])
    assert scopes == [("crm", "account"), ("sales", "shop")]
    assert document["expiresAt"] == "2026-03-01T12:05:00+00:00"


Forge = Callable[[CiIssuer], str]


def _with(**claims: Any) -> Forge:
    return lambda issuer: issuer.token(**claims)


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _part(members: dict[str, Any]) -> str:
    return _encoded(json.dumps(members).encode())


def _none(issuer: CiIssuer) -> str:
    _, payload, _ = issuer.token().split(".")
    return f"{_part({'alg': 'none', 'typ': 'JWT'})}.{payload}."


def _confused(issuer: CiIssuer) -> str:
    """HS256 with the issuer's public key as the secret."""
    public = next(key for key in issuer.keys if isinstance(key, jwk.RSAKey)).as_pem(private=False)
    _, payload, _ = issuer.token().split(".")
    message = f"{_part({'alg': 'HS256', 'kid': 'rsa-1', 'typ': 'JWT'})}.{payload}"
    return f"{message}.{_encoded(hmac.digest(public, message.encode(), 'sha256'))}"


def _strangers(issuer: CiIssuer) -> str:
    return issuer.token(key=new_key("ec", "ec-1"))


def _embedded(issuer: CiIssuer) -> str:
    """The attacker's own key, in the header."""
    key = new_key("ec", "mine")
    return signed(job_claims(issuer.url), key, "ES256", jwk=key.as_dict(private=False))


def _other_algorithm(issuer: CiIssuer) -> str:
    key = next(key for key in issuer.keys if isinstance(key, jwk.RSAKey))
    return signed(job_claims(issuer.url), key, "RS512")


def _swapped(issuer: CiIssuer) -> str:
    """Another subject under the signature of a real token."""
    header, _, signature = issuer.token(sub="repo:mallory/shop:ref:refs/heads/main").split(".")
    return f"{header}.{_part(job_claims(issuer.url))}.{signature}"


FORGED: dict[str, Forge] = {
    "unsigned": _none,
    "hmac with the public key": _confused,
    "another's key under the same id": _strangers,
    "the key in the header": _embedded,
    "an algorithm that is not on the list": _other_algorithm,
    "another payload": _swapped,
    "cut off": lambda issuer: issuer.token()[:-8],
    "no signature": lambda issuer: issuer.token().rpartition(".")[0] + ".",
    "rubbish": lambda issuer: "eyJ.eyJ.x",
    "a bomb of brackets": lambda issuer: "ey" + "[" * 9000 + "..",
    "too long": lambda issuer: "ey" + "a" * 20_000 + ".e.e",
    "a critical extension": lambda issuer: signed(job_claims(issuer.url), issuer.keys[0], "ES256", crit=["kid"]),
    "another type": lambda issuer: signed(job_claims(issuer.url), issuer.keys[0], "ES256", typ="logout+jwt"),
    "another repository": _with(sub="repo:mallory/shop:ref:refs/heads/main"),
    "another branch": _with(sub="repo:sales/shop:ref:refs/heads/mine"),
    "a subject that begins alike": _with(sub=SUBJECT + "2"),
    "a subject that ends alike": _with(sub="x" + SUBJECT),
    "a subject with a line break": _with(sub=SUBJECT + "\n"),
    "no subject": _with(sub=None),
    "a list of subjects": _with(sub=[SUBJECT]),
    "another audience": _with(aud="https://elsewhere.example"),
    "no audience": _with(aud=None),
    "expired": _with(iat=NOW - 600, nbf=NOW - 600, exp=NOW - 31),
    "of the future": _with(iat=NOW + 60, nbf=NOW + 60, exp=NOW + 600),
    "not yet": _with(nbf=NOW + 60),
    "no expiry": _with(exp=None),
    "no time of issue": _with(iat=None),
    "an endless life": _with(exp=NOW + 2 * 86400),
    "an expiry that is no number": _with(exp="never"),
    "an expiry beyond all numbers": _with(exp=1e308),
    "a truth for a time": _with(iat=True),
    "an issuer that no rule names": _with(iss="https://token.example"),
    "an issuer that is no text": _with(iss={"a": 1}),
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED.keys())
async def test_a_forged_or_foreign_token_is_refused(forge: Forge, world: ManifestWorld, issuer: CiIssuer) -> None:
    await trust(world, issuer)
    problem(await whoami(world, forge(issuer)), 401, "invalid-token")
    assert (await whoami(world, issuer.token())).status_code == 200


async def test_an_audience_may_be_one_of_several(world: ManifestWorld, issuer: CiIssuer) -> None:
    await trust(world, issuer)
    assert (await whoami(world, issuer.token(aud=["https://elsewhere.example", AUDIENCE]))).status_code == 200


async def test_claims_of_a_rule_must_hold(world: ManifestWorld, issuer: CiIssuer) -> None:
    """A name may change hands; an id does not."""
    await trust(world, issuer, claims={"repository_owner_id": "42"})
    assert (await whoami(world, issuer.token(repository_owner_id="42"))).status_code == 200
    for other in ("43", 42, None, ["42"]):
        problem(await whoami(world, issuer.token(repository_owner_id=other)), 401, "invalid-token")


async def test_an_answer_is_not_for_a_job_of_the_same_subject_that_may_do_other_things(
    world: ManifestWorld, issuer: CiIssuer
) -> None:
    """One repository, two workflows: the other one's key finds nothing that was answered."""
    await trust(world, issuer, claims={"workflow": "ours"})
    await trust(world, issuer, team="crm", claims={"workflow": "theirs"})
    digest = (await world.publish(app_files())).json()["digest"]

    async def promote(workflow: str) -> httpx.Response:
        headers = {
            "Authorization": f"Bearer {issuer.token(workflow=workflow)}",
            "Idempotency-Key": "k",
            "If-Match": '"0"',
        }
        return await world.http.put("/deploy/channels/live/apps/shop", json={"release": digest}, headers=headers)

    assert (await promote("ours")).status_code == 200
    assert (await promote("ours")).headers["idempotency-replayed"] == "true"
    refused = await promote("theirs")
    assert refused.status_code in {403, 412}
    assert "idempotency-replayed" not in refused.headers


@pytest.mark.parametrize(
    ("subject", "fits"),
    [
        ("repo:sales/shop:ref:refs/tags/v1", True),
        ("repo:sales/shop:ref:refs/tags/", True),
        ("repo:sales/shop:ref:refs/tags/v1:environment:x", False),
        ("repo:sales/shop:pull_request", False),
        ("repo:sales/shop:ref:refs/tags/v1\n", False),
        ("repo:sales/shop:ref:refs/tags/v1\x9b31m", False),  # a terminal's escape, in histories
        ("repo:sales/shop:ref:refs/tags/v1\u202e", False),
        ("repo:sales/shop:ref:refs/tags/v1\ud800", False),
    ],
)
async def test_a_star_stays_within_its_part(subject: str, fits: bool, world: ManifestWorld, issuer: CiIssuer) -> None:
    await trust(world, issuer, subject="repo:sales/shop:ref:refs/tags/*")
    assert (await whoami(world, issuer.token(sub=subject))).status_code == (200 if fits else 401)


async def test_a_job_ends_with_its_rule(world: ManifestWorld, issuer: CiIssuer) -> None:
    rule = await trust(world, issuer)
    token = issuer.token()
    assert (await whoami(world, token)).status_code == 200
    assert (await world.call("DELETE", f"/deploy/trust/{rule}")).status_code == 204
    problem(await whoami(world, token), 401, "invalid-token")
    problem(await world.call("DELETE", f"/deploy/trust/{rule}"), 404, "unknown-trust-rule")


async def test_a_rule_sent_twice_is_one_rule(world: ManifestWorld, issuer: CiIssuer) -> None:
    rule = await trust(world, issuer)
    body = {"team": "sales", "issuer": issuer.url, "audience": AUDIENCE, "subject": SUBJECT, "label": "again"}
    again = await world.call("POST", "/deploy/trust", json=body)
    assert (again.status_code, again.json()["id"]) == (200, rule)
    narrower = await world.call("POST", "/deploy/trust", json=body | {"app": "shop"})
    assert narrower.status_code == 201
    assert len((await world.call("GET", "/deploy/trust", team="sales")).json()["rules"]) == 2


async def test_only_issuers_of_rules_are_ever_asked(world: ManifestWorld, issuer: CiIssuer) -> None:
    for number in range(20):
        problem(await whoami(world, issuer.token(sub=f"repo:x/{number}:ref:y")), 401, "invalid-token")
    assert issuer.asked == {}


async def test_many_unknown_keys_ask_the_issuer_one_time_more(world: ManifestWorld, issuer: CiIssuer) -> None:
    await trust(world, issuer)
    for number in range(20):
        problem(await whoami(world, issuer.token(key=new_key("ec", f"guess-{number}"))), 401, "invalid-token")
    # To begin with, and for the first of them: the others come within half a minute.
    assert issuer.asked == {"/.well-known/openid-configuration": 2, "/keys": 2}


async def test_an_issuer_that_withdraws_every_key_lets_nobody_in(world: ManifestWorld, issuer: CiIssuer) -> None:
    await trust(world, issuer)
    issuer.answers = {"/keys": (200, b'{"keys": []}', {})}
    problem(await whoami(world, issuer.token()), 401, "invalid-token")


BAD_ANSWERS: dict[str, Callable[[str], dict[str, tuple[int, bytes, dict[str, str]]]]] = {
    "a failing issuer": lambda url: {"/.well-known/openid-configuration": (500, b"", {})},
    "a redirect": lambda url: {"/.well-known/openid-configuration": (302, b"", {"Location": f"{url}/elsewhere"})},
    "another issuer's document": lambda url: {
        "/.well-known/openid-configuration": (
            200,
            json.dumps({"issuer": "https://x.example", "jwks_uri": f"{url}/keys"}).encode(),
            {},
        )
    },
    "keys over plain http elsewhere": lambda url: {
        "/.well-known/openid-configuration": (
            200,
            json.dumps({"issuer": url, "jwks_uri": "http://192.0.2.1/keys"}).encode(),
            {},
        )
    },
    "no JSON": lambda url: {"/keys": (200, b"<html>", {})},
    "a secret for a key": lambda url: {"/keys": (200, b'{"keys": [{"kty": "oct", "k": "AAAA"}]}', {})},
    "more than is read": lambda url: {"/keys": (200, b"[" * 300_000, {})},
}


@pytest.mark.parametrize("answers", BAD_ANSWERS.values(), ids=BAD_ANSWERS.keys())
async def test_an_issuer_that_cannot_be_used_is_a_503_that_lets_nobody_in(
    answers: Callable[[str], dict[str, tuple[int, bytes, dict[str, str]]]], world: ManifestWorld, issuer: CiIssuer
) -> None:
    await trust(world, issuer)
    issuer.answers = dict(answers(issuer.url))
    response = await whoami(world, issuer.token())
    problem(response, 503, "issuer-unavailable")
    assert response.headers["retry-after"]
    asked = sum(issuer.asked.values())
    problem(await whoami(world, issuer.token()), 503, "issuer-unavailable")
    assert sum(issuer.asked.values()) == asked  # nobody asks again at once


@pytest.mark.parametrize(
    ("pointer", "changes"),
    [
        ("/issuer", {"issuer": "http://ci.example"}),
        ("/issuer", {"issuer": "https://user@ci.example"}),
        ("/issuer", {"issuer": "https://ci.example?x"}),
        ("/issuer", {"issuer": "ftp://ci.example"}),
        ("/issuer", {"issuer": ""}),
        ("/issuer", {"issuer": "https://[::1"}),
        ("/subject", {"subject": "*"}),
        ("/subject", {"subject": "*:*"}),
        ("/subject", {"subject": ""}),
        (
            "/subject",
            {"issuer": "https://token.actions.githubusercontent.com", "subject": "repo:*:ref:refs/heads/main"},
        ),
        ("/subject", {"issuer": "https://token.actions.githubusercontent.com", "subject": "repo:*/shop:ref:x"}),
        ("/subject", {"issuer": "https://gitlab.com", "subject": "project_path:*"}),
        ("/team", {"team": "*"}),
        ("/app", {"app": "Not One"}),
        ("/audience", {"audience": ""}),
    ],
)
async def test_a_rule_that_would_let_strangers_in_is_refused_with_its_place(
    pointer: str, changes: dict[str, Any], world: ManifestWorld
) -> None:
    rule = {"team": "sales", "issuer": "https://ci.example", "audience": AUDIENCE, "subject": SUBJECT} | changes
    document = problem(await world.call("POST", "/deploy/trust", json=rule), 422, "invalid-request")
    assert document["errors"][0]["pointer"] == pointer
    assert (await world.call("GET", "/deploy/trust")).json() == {"rules": []}
