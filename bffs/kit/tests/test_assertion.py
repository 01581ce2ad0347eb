"""Service to service: who signs is who calls, for whom they may act is configured, and nothing else comes of it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

from bffs.kit.tests import bff_process, notes_bff, reports_bff
from bffs.kit.tests.issuer_server import published_keys
from portico.bff import SettingsError
from portico.bff.assertion import Service, TrustedService, service_issuer, trusted_services
from portico.bff.assertion.assembly import keys_of, verifier_of
from portico.bff.assertion.receiving import Verifier
from portico.bff.authorizer import Identity, require
from portico.bff.claims import Claims
from portico.bff.errors import TokenRefused
from portico.bff.serve import main
from portico.bff.testing.client import BffClient, running
from portico.bff.testing.tokens import TokenIssuer
from portico.bff.verifier import TokenPolicy
from portico.problem import Problem

AUDIENCE = "urn:portico:bff:test"
REPORTS = ECKey.generate_key("P-256")
OTHER = ECKey.generate_key("P-256")
NAMED = ECKey.import_key({**OTHER.as_dict(private=True), "kid": "named"})


def service(name: str = "reports", key: ECKey = REPORTS) -> Service:
    return Service(name, [key])


def trusting(**more: Any) -> Mapping[str, TrustedService]:
    """What a receiver is told of `reports`, and of `mailer`, which may act for anyone."""
    reports = {"keys": service().public_keys(), "scopes": ["things.read"], **more}
    mailer = {"keys": service("mailer", OTHER).public_keys(), "roles": ["sender"], "actsFor": "anyone"}
    return trusted_services(json.dumps({"reports": reports, "mailer": mailer}))


def verifier(issuer: TokenIssuer, **more: Any) -> Verifier:
    services = trusting(**more)
    policy = TokenPolicy(frozenset({issuer.issuer}), AUDIENCE)
    return verifier_of(policy, issuer.keys(), services, keys_of(services))


def of_person(issuer: TokenIssuer, sub: str = "ada", **changes: Any) -> str:
    """A person's own token for the service `reports`."""
    return issuer.token(sub, **{"aud": "urn:portico:bff:reports", "roles": ["cook"], "tenant": "north", **changes})


def _set(*words: str) -> frozenset[str]:
    return frozenset(words)


async def test_a_service_calls_on_its_own_behalf_with_the_scopes_it_is_trusted_with(token_issuer: TokenIssuer) -> None:
    token = service().token(AUDIENCE, scopes=["things.read", "things.write"], roles=["cook"], tenant="north")
    claims = await verifier(token_issuer).verify(token)
    assert (claims.sub, claims.client_id, claims.name) == (service_issuer("reports"), "reports", "reports")
    assert (claims.scopes, claims.roles, claims.tenant, claims.act) == (_set("things.read"), _set(), None, None)


async def test_a_service_acts_for_who_calls_it_with_what_they_may(token_issuer: TokenIssuer) -> None:
    mine = of_person(token_issuer, exp=int(token_issuer.now()) + 20)
    token = service().token(AUDIENCE, sub="ada", subject_token=mine, scopes=["things.read"], roles=["admin"])
    claims = await verifier(token_issuer, actsFor="callers").verify(token)
    assert (claims.sub, claims.client_id, claims.act) == ("ada", "reports", "reports")
    assert (claims.roles, claims.tenant, claims.scopes) == (_set("cook"), "north", _set("things.read"))
    assert claims.expires_at <= token_issuer.now() + 20, "it ends with the person's own token"


async def test_a_service_that_may_act_for_anyone_gives_them_its_own_roles_alone(token_issuer: TokenIssuer) -> None:
    token = service("mailer", OTHER).token(AUDIENCE, sub="ada", tenant="north", roles=["sender", "cook"])
    claims = await verifier(token_issuer).verify(token)
    assert (claims.sub, claims.act, claims.roles, claims.tenant) == ("ada", "mailer", _set("sender"), "north")


async def test_what_rows_are_reached_by_comes_from_the_person_alone(token_issuer: TokenIssuer) -> None:
    receiver = verifier(token_issuer, actsFor="callers")
    own = await receiver.verify(signed(good(token_issuer, shops=["east"])))
    mine = of_person(token_issuer, shops=["south"])
    acting = await receiver.verify(signed(good(token_issuer, sub="ada", act=ACT, subject_token=mine, shops=["east"])))
    named = service_issuer("mailer")
    claims = good(token_issuer, iss=named, client_id="mailer", sub="ada", act={"sub": named}, shops=["east"])
    for_anyone = await receiver.verify(signed(claims, OTHER))
    assert own.held == for_anyone.held == {}
    assert acting.held["shops"] == _set("south")
    assert not any(set(values) & {"east"} for values in acting.held.values())


async def test_people_are_verified_as_without_services(token_issuer: TokenIssuer) -> None:
    both = verifier(token_issuer)
    token = token_issuer.token("ada", roles=("cook",))
    first, again = await both.verify(token), await both.verify(token)
    assert first is again
    assert (first.sub, first.act, first.roles) == ("ada", None, _set("cook"))
    for bad in (
        "",
        ".",
        "a.b.c",
        "a.bm90anNvbg.c",
        "x" * 100_000,
        token[:-8] + "AAAAAAAA",
        "a." + "W1tb" * 3000 + ".c",
    ):
        with pytest.raises(TokenRefused):
            await both.verify(bad)


def signed(claims: Mapping[str, Any], key: ECKey = REPORTS, **header: Any) -> str:
    """Whatever claims, well signed by a service."""
    head = {"typ": "at+jwt", "alg": "ES256", "kid": key.thumbprint(), **header}
    return jws.serialize_compact(head, json.dumps(claims).encode(), key, registry=jws.JWSRegistry(algorithms=["ES256"]))


def good(issuer: TokenIssuer, **changes: Any) -> dict[str, Any]:
    now, name = int(issuer.now()), service_issuer("reports")
    claims: dict[str, Any] = {
        "iss": name,
        "sub": name,
        "aud": AUDIENCE,
        "client_id": "reports",
        "iat": now,
        "exp": now + 60,
    }
    return {member: value for member, value in (claims | changes).items() if value is not None}


ACT = {"sub": service_issuer("reports")}
Forge = Callable[[TokenIssuer], str]

FORGERIES: dict[str, Forge] = {
    "a service as a person, without saying that it acts": lambda i: signed(good(i, sub="ada")),
    "a service as another service": lambda i: signed(good(i, sub=service_issuer("mailer"))),
    "a service for another service": lambda i: signed(good(i, sub=service_issuer("mailer"), act=ACT)),
    "a service for itself": lambda i: signed(good(i, act=ACT)),
    "another client": lambda i: signed(good(i, client_id="mailer")),
    "the host's client": lambda i: signed(good(i, client_id="portico-host")),
    "another service as the one that acts": lambda i: signed(
        good(i, sub="ada", act={"sub": service_issuer("mailer")}, subject_token=of_person(i))
    ),
    "a chain of services": lambda i: signed(good(i, sub="ada", act={**ACT, "act": ACT}, subject_token=of_person(i))),
    "no proof that the person is there": lambda i: signed(good(i, sub="ada", act=ACT)),
    "another person's proof": lambda i: signed(good(i, sub="ada", act=ACT, subject_token=of_person(i, "bob"))),
    "a proof for another service": lambda i: signed(
        good(i, sub="ada", act=ACT, subject_token=of_person(i, aud="urn:portico:bff:mailer"))
    ),
    "a proof for the receiver itself": lambda i: signed(good(i, sub="ada", act=ACT, subject_token=i.token("ada"))),
    "a proof that is over": lambda i: signed(
        good(i, sub="ada", act=ACT, subject_token=of_person(i, exp=int(i.now()) - 60))
    ),
    "a proof by the service itself": lambda i: signed(
        good(i, sub="ada", act=ACT, subject_token=signed(good(i, sub="ada", aud="urn:portico:bff:reports")))
    ),
    "a proof signed by nobody known": lambda i: signed(
        good(
            i, sub="ada", act=ACT, subject_token=i.sign(i.header(), i.claims(aud="urn:portico:bff:reports"), key=OTHER)
        )
    ),
    "a proof without act": lambda i: signed(good(i, subject_token=of_person(i))),
    "act that is no object": lambda i: signed(good(i, sub="ada", act="reports", subject_token=of_person(i))),
    "a proof that is no text": lambda i: signed(good(i, sub="ada", act=ACT, subject_token=[of_person(i)])),
    "the issuer's name with a service's key": lambda i: signed(good(i, iss=i.issuer)),
    "a service's name with the issuer's key": lambda i: i.sign(i.header(), good(i)),
    "another service's key": lambda i: signed(good(i), OTHER),
    "a service nobody trusts": lambda i: signed(
        good(i, iss=service_issuer("stranger"), sub=service_issuer("stranger"))
    ),
    "for another BFF": lambda i: signed(good(i, aud="urn:portico:bff:other")),
    "for no time at all": lambda i: signed(good(i, exp=None)),
    "for ever": lambda i: signed(good(i, exp=int(i.now()) + 3600)),
    "over": lambda i: signed(good(i, iat=int(i.now()) - 200, exp=int(i.now()) - 60)),
    "not an access token": lambda i: signed(good(i), typ="JWT"),
    "a key in the header": lambda i: signed(good(i), OTHER, jwk=OTHER.as_dict(private=False)),
}


@pytest.mark.parametrize("name", FORGERIES)
async def test_forged_assertions_are_refused(token_issuer: TokenIssuer, name: str) -> None:
    receiver = verifier(token_issuer, actsFor="callers")
    await receiver.verify(signed(good(token_issuer)))
    await receiver.verify(signed(good(token_issuer, sub="ada", act=ACT, subject_token=of_person(token_issuer))))
    with pytest.raises(TokenRefused):
        await receiver.verify(FORGERIES[name](token_issuer))


async def test_a_service_acts_for_nobody_unless_it_is_said(token_issuer: TokenIssuer) -> None:
    token = service().token(AUDIENCE, sub="ada", subject_token=of_person(token_issuer))
    with pytest.raises(TokenRefused, match="may not act for people"):
        await verifier(token_issuer).verify(token)


@pytest.mark.parametrize(
    ("setting", "fault"),
    [
        ("[]", "object"),
        ('{"reports": {}}', "either keysUrl or keys"),
        ('{"reports": {"keysUrl": "https://a.test", "keys": {"keys": []}}}', "either keysUrl or keys"),
        ('{"Reports": {"keysUrl": "https://a.test"}}', "no name of a service"),
        ('{"a:b": {"keysUrl": "https://a.test"}}', "no name of a service"),
        ('{"reports": {"keysUrl": "https://a.test", "actsFor": "everyone"}}', "actsFor"),
        ('{"reports": {"keysUrl": "https://a.test", "scope": ["x"]}}', "scope"),
        ('{"reports": {"keysUrl": "https://a.test", "actsFor": "callers", "roles": ["x"]}}', "take roles out"),
        ('{"reports": {"keysUrl": "http://a.test"}}', "https"),
        ('{"reports": {"keys": {"keys": []}}}', "none for ES256"),
        (json.dumps({"reports": {"keys": {"keys": [REPORTS.as_dict(private=True)]}}}), "private"),
    ],
)
def test_settings_that_trust_wrongly_stop_the_start(bff_settings: dict[str, str], setting: str, fault: str) -> None:
    with pytest.raises(SettingsError, match=fault):
        notes_bff.create_app({**bff_settings, "PORTICO_SERVICES": setting})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "secret-of-mine",
        "{}",
        '{"keys": []}',
        json.dumps({"kty": "oct", "k": "c2VjcmV0"}),
        json.dumps(ECKey.generate_key("P-384").as_dict(private=True)),
        json.dumps(REPORTS.as_dict(private=False)),
        RSAKey.generate_key(2048).as_pem(private=True).decode(),
        json.dumps({"keys": [REPORTS.as_dict(private=True), REPORTS.as_dict(private=True)]}),
    ],
)  # fmt: skip
def test_a_key_that_cannot_be_used_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        Service.from_text("reports", text)
    assert "PORTICO_SERVICE_KEY" in str(refusal.value)
    assert "secret-of-mine" not in str(refusal.value)


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(REPORTS.as_dict(private=True)),
        REPORTS.as_pem(private=True).decode(),
        json.dumps({"keys": [REPORTS.as_dict(private=True), NAMED.as_dict(private=True)]}),
    ],
)
async def test_keys_come_as_jwk_set_or_pem_and_their_private_part_stays(token_issuer: TokenIssuer, text: str) -> None:
    made = Service.from_text("reports", text)
    assert '"d"' not in json.dumps(made.public_keys())
    receiver = verifier(token_issuer, keys=made.public_keys())
    assert (await receiver.verify(made.token(AUDIENCE))).client_id == "reports"


async def test_a_new_key_is_published_before_it_signs_and_the_old_one_after(token_issuer: TokenIssuer) -> None:
    before, during = Service("reports", [REPORTS]), Service("reports", [REPORTS, NAMED])
    after = Service("reports", [NAMED, REPORTS])
    receiver = verifier(token_issuer, keys=during.public_keys())
    for sender in (before, during, after):
        assert (await receiver.verify(sender.token(AUDIENCE))).client_id == "reports"


async def test_the_command_makes_a_key_and_then_another_before_it(token_issuer: TokenIssuer, tmp_path: Path) -> None:
    file = tmp_path / "service.json"
    first = CliRunner().invoke(main, ["service-key", str(file)])
    before = Service.from_text("reports", file.read_text())
    second = CliRunner().invoke(main, ["service-key", str(file)])
    after = Service.from_text("reports", file.read_text())
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert file.stat().st_mode & 0o777 == 0o600
    assert [one["kid"] for one in json.loads(second.output)["keys"]][1:] == [
        one["kid"] for one in json.loads(first.output)["keys"]
    ]
    assert '"d"' not in first.output + second.output
    receiver = verifier(token_issuer, keys=json.loads(second.output))
    for sender in (before, after):
        assert (await receiver.verify(sender.token(AUDIENCE))).client_id == "reports"


def test_the_command_touches_no_file_that_is_something_else(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("mine")
    refused = CliRunner().invoke(main, ["service-key", str(file)])
    assert (refused.exit_code, file.read_text(), list(tmp_path.iterdir())) == (2, "mine", [file])
    assert "nothing was changed" in refused.output


def test_a_service_passes_no_requirement_it_has_no_scope_for() -> None:
    own = Claims(service_issuer("reports"), "reports", service_issuer("reports"), AUDIENCE, 0, 2**40)
    for asked in (require(scope="things.read"), require(role="cook")):
        with pytest.raises(Problem) as refusal:
            asked.check(Identity(claims=own))
        assert refusal.value.status == 403


@pytest.fixture
def keys_url(token_issuer: TokenIssuer) -> Any:
    with published_keys(token_issuer) as url:
        yield url


async def test_two_processes(
    bff_settings: dict[str, str], token_issuer: TokenIssuer, keys_url: str, tmp_path: Path
) -> None:
    """A service in one process calls a BFF in another: for a person, on its own behalf, and no further."""
    basic = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    basic |= {**bff_settings, "PORTICO_JWKS_URL": keys_url}
    secret = tmp_path / "service.jwk"
    secret.write_text(json.dumps(REPORTS.as_dict(private=True)))
    secret.chmod(0o600)
    port = bff_process.free_port()
    trust = {"keysUrl": f"http://127.0.0.1:{port}/.well-known/jwks.json", "scopes": ["special"], "actsFor": "callers"}
    notes_environment = {**basic, "PORTICO_SERVICES": json.dumps({"reports": trust})}
    async with bff_process.serving(notes_environment) as (_, notes_url):
        reports_environment = {
            **basic,
            "PORTICO_APP": "reports",
            "PORTICO_AUDIENCE": "urn:portico:bff:reports",
            "PORTICO_SERVICE_KEY_FILE": str(secret),
            "NOTES_URL": notes_url,
        }
        target = "bffs.kit.tests.reports_bff:create_app"
        async with (
            bff_process.serving(reports_environment, target, port=port) as (_, reports_url),
            httpx.AsyncClient(trust_env=False) as client,
        ):
            ada = {"Authorization": f"Bearer {of_person(token_issuer, roles=[])}"}
            cook = {"Authorization": f"Bearer {of_person(token_issuer, 'carl')}"}

            async def through_reports(method: str, path: str, headers: dict[str, str]) -> tuple[int, Any]:
                answer = await client.request(method, reports_url + path, headers=headers)
                assert answer.status_code == 200, answer.text
                said = answer.json()
                return said["status"], said["body"]

            status, note = await through_reports("POST", "/notes", ada)
            assert (status, note["text"]) == (201, "from reports")
            assert (await through_reports("GET", "/cooks", cook)) == (200, {"secret": "salt"})
            assert (await through_reports("GET", "/cooks", ada))[0] == 403, "hers are not the service's roles"
            assert (await through_reports("GET", "/scoped", ada)) == (200, {"secret": "pepper"})

            mine = await client.get(f"{notes_url}/notes", headers=token_issuer.headers("ada", tenant="north"))
            assert [one["id"] for one in mine.json()["items"]] == [note["id"]]
            otto = token_issuer.headers("otto", roles=("auditor",))
            [did] = (await client.get(f"{notes_url}/audit?kind=note", headers=otto)).json()["items"]
            assert (did["actor"], did["client"], did["key"]) == ("ada", "reports", note["id"])
            passed_on = await client.get(f"{notes_url}/notes", headers=ada)
            assert passed_on.status_code == 401, "the person's token for the one is no token for the other"


async def test_nobody_is_passed_on_twice(bff_settings: dict[str, str], token_issuer: TokenIssuer) -> None:
    trust = json.dumps({"mailer": {"keys": service("mailer", OTHER).public_keys(), "actsFor": "anyone"}})
    key = json.dumps(REPORTS.as_dict(private=True))
    settings = {**bff_settings, "PORTICO_SERVICES": trust, "PORTICO_SERVICE_KEY": key}
    app = reports_bff.create_app(settings, keys=token_issuer.keys())
    async with running(app, token_issuer):
        for sub in ("ada", None):
            token = service("mailer", OTHER).token(AUDIENCE, sub=sub)
            answer = await BffClient(app, token_issuer, {"Authorization": f"Bearer {token}"}).post("/notes")
            assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (403, "not-passed-on")


async def test_in_process_the_audit_names_the_service_as_well(
    bff_settings: dict[str, str], token_issuer: TokenIssuer
) -> None:
    trust = json.dumps({"mailer": {"keys": service("mailer", OTHER).public_keys(), "actsFor": "anyone"}})
    app = notes_bff.create_app({**bff_settings, "PORTICO_SERVICES": trust}, keys=token_issuer.keys())
    async with running(app, token_issuer) as client:
        token = service("mailer", OTHER).token(AUDIENCE, sub="ada")
        acting = BffClient(app, token_issuer, {"Authorization": f"Bearer {token}"})
        assert (await acting.post("/notes", json={"text": "for ada"})).status_code == 201
        mine = await client.signed_in("ada").get("/notes")
        assert [one["text"] for one in mine.json()["items"]] == ["for ada"]
        audit = await client.signed_in("otto", roles=("auditor",)).get("/audit?actor=ada")
        assert [one["client"] for one in audit.json()["items"]] == ["mailer"]
