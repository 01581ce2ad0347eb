"""Releases signed by their team: what counts, what is refused, and where it is shown."""

import json
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from manifest.tests.manifest_world import ManifestWorld, app_files, release_of, tar_gz
from manifest.tests.test_deployer_releases import problem
from portico.manifest import Signature
from portico.manifest.access.keys import key_id, private_pem, public_bytes, public_pem
from portico.manifest.access.signatures import sign
from portico.manifest.schemas import validator

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
KEYS = "/deploy/teams/sales/keys"


def id_of(key: Ed25519PrivateKey) -> str:
    return key_id(public_bytes(key.public_key()))


def pem(key: Ed25519PrivateKey) -> str:
    return public_pem(key.public_key()).decode()


async def add_key(world: ManifestWorld, key: Ed25519PrivateKey = KEY, team: str = "sales") -> str:
    body = {"publicKey": pem(key), "label": "release key"}
    response = await world.call("POST", f"/deploy/teams/{team}/keys", json=body)
    assert response.status_code == 201, response.text
    assert response.json()["id"] == id_of(key)
    return id_of(key)


async def publish(
    world: ManifestWorld,
    files: Mapping[str, bytes],
    signature: Signature | str | None = None,
    *,
    team: str = "sales",
) -> httpx.Response:
    headers = {"Content-Type": "application/gzip"}
    if signature is not None:
        headers["Portico-Signature"] = signature if isinstance(signature, str) else signature.to_header()
    app = json.loads(files["app.json"])["name"].partition("/")[2]
    path = f"/deploy/apps/{app}/releases"
    return await world.call("POST", path, team=team, content=tar_gz(files), headers=headers)


def signed(files: Mapping[str, bytes], key: Ed25519PrivateKey = KEY) -> Signature:
    return sign(release_of(files).digest, key)


async def require(world: ManifestWorld, *, required: bool = True) -> None:
    response = await world.call("PUT", "/deploy/teams/sales/signatures", json={"required": required})
    assert response.json() == {"required": required}


async def test_a_signature_is_kept_and_shown_with_the_release_in_lists_and_in_the_history(world: ManifestWorld) -> None:
    await add_key(world)
    response = await publish(world, app_files(), signed(app_files()))
    assert response.status_code == 201, response.text
    document = response.json()
    validator("release").validate(document)
    expected = [
        {
            "key": id_of(KEY),
            "label": "release key",
            "signature": signed(app_files()).text,
            "at": "2026-03-01T12:00:00.000+00:00",
            "revoked": False,
        }
    ]
    assert document["signedBy"] == expected
    digest = document["digest"]
    assert (await world.call("GET", f"/deploy/apps/shop/releases/{digest}")).json()["signedBy"] == expected
    assert (await world.call("GET", "/deploy/releases")).json()["releases"][0]["signedBy"] == expected
    await world.promote("shop", digest, base=0)
    (revision,) = (await world.call("GET", "/deploy/channels/live/history")).json()["revisions"]
    assert revision["changes"][0]["after"] == [{"release": digest, "weight": 100, "signedBy": expected}]


async def test_an_unsigned_release_says_so(world: ManifestWorld) -> None:
    assert (await publish(world, app_files())).json()["signedBy"] == []


async def test_a_signature_of_other_content_changes_nothing(world: ManifestWorld) -> None:
    await add_key(world)
    before = await world.everything()
    response = await publish(world, app_files(), signed(app_files(source="export const other = 1;")))
    document = problem(response, 422, "signature-invalid")
    assert document["errors"][0]["pointer"] == "header:Portico-Signature"
    assert release_of(app_files()).digest in document["errors"][0]["detail"]
    assert await world.everything() == before


@pytest.mark.parametrize(
    "header",
    [
        "",
        "keyid=; sig=",
        f"keyid={id_of(KEY)}",
        f"keyid={id_of(KEY)}; sig={'A' * 88}",
        f"keyid={id_of(KEY)}; sig={'A' * 86}==; more=1",
        f"keyid={id_of(KEY)}; sig={'-' * 86}==",
        f"sig={'A' * 86}==; keyid={id_of(KEY)}",
        "x" * 5000,
    ],
)
async def test_a_header_that_is_no_signature_is_refused(header: str, world: ManifestWorld) -> None:
    await add_key(world)
    before = await world.everything()
    problem(await publish(world, app_files(), header), 422, "signature-invalid")
    assert await world.everything() == before


async def test_every_flipped_bit_of_a_signature_is_refused(world: ManifestWorld) -> None:
    await add_key(world)
    good = signed(app_files())
    for place in range(0, 512, 37):
        value = bytearray(good.value)
        value[place // 8] ^= 1 << place % 8
        problem(await publish(world, app_files(), Signature(good.key_id, bytes(value))), 422, "signature-invalid")
    assert (await publish(world, app_files(), good)).status_code == 201


async def test_a_key_counts_for_its_own_team_alone(world: ManifestWorld) -> None:
    await add_key(world, OTHER, team="crm")
    problem(await publish(world, app_files(), signed(app_files(), OTHER)), 422, "signature-invalid")
    await add_key(world, OTHER)  # the same key may be two teams'
    assert (await publish(world, app_files(), signed(app_files(), OTHER))).status_code == 201


async def test_what_was_signed_for_something_else_is_no_signature_of_a_release(world: ManifestWorld) -> None:
    """The digest alone, signed with the same key by another program, does not count."""
    await add_key(world)
    bare = Signature(id_of(KEY), KEY.sign(release_of(app_files()).digest.encode()))
    problem(await publish(world, app_files(), bare), 422, "signature-invalid")


async def test_a_team_that_wants_signatures_takes_nothing_else(world: ManifestWorld) -> None:
    await add_key(world)
    await require(world)
    before = await world.everything()
    problem(await publish(world, app_files()), 403, "signature-required")
    assert await world.everything() == before
    assert (await publish(world, app_files(), signed(app_files()))).status_code == 201
    assert (await publish(world, app_files())).status_code == 200  # it is there, signed
    assert (await publish(world, app_files("@crm/account"), team="crm")).status_code == 201


async def test_an_unsigned_release_of_before_cannot_go_live_until_it_is_signed(world: ManifestWorld) -> None:
    digest = (await publish(world, app_files())).json()["digest"]
    await add_key(world)
    await require(world)
    before = await world.everything()
    problem(await world.promote("shop", digest, base=0, team="sales"), 403, "signature-required")
    assert await world.everything() == before
    again = await publish(world, app_files(), signed(app_files()))
    assert again.status_code == 200
    assert [one["key"] for one in again.json()["signedBy"]] == [id_of(KEY)]
    assert (await world.promote("shop", digest, base=0, team="sales")).status_code == 200


async def test_what_a_revoked_key_signed_does_not_count_any_more(world: ManifestWorld) -> None:
    await add_key(world)
    await require(world)
    digest = (await publish(world, app_files(), signed(app_files()))).json()["digest"]
    assert (await world.call("DELETE", f"{KEYS}/{id_of(KEY)}")).status_code == 204
    problem(await world.call("DELETE", f"{KEYS}/{id_of(KEY)}"), 404, "unknown-key")
    new = app_files(version="2.0.0")
    problem(await publish(world, new, signed(new)), 403, "signature-key-revoked")
    problem(await world.promote("shop", digest, base=0), 403, "signature-key-revoked")
    body = {"publicKey": pem(KEY)}
    problem(await world.call("POST", KEYS, json=body), 403, "signature-key-revoked")
    await add_key(world, OTHER)
    world.clock.move(minutes=1)
    both = (await publish(world, app_files(), signed(app_files(), OTHER))).json()["signedBy"]
    assert [(one["key"], one["revoked"]) for one in both] == [(id_of(KEY), True), (id_of(OTHER), False)]
    assert (await world.promote("shop", digest, base=0)).status_code == 200


async def roll_back(world: ManifestWorld, to: int, base: int) -> httpx.Response:
    return await world.call("POST", "/deploy/channels/live/rollback", base=base, team="sales", json={"to": to})


async def test_a_rollback_brings_back_nothing_that_revoked_keys_alone_signed(world: ManifestWorld) -> None:
    await add_key(world)
    await add_key(world, OTHER)
    first, second = app_files(), app_files(version="2.0.0")
    old = (await publish(world, first, signed(first))).json()["digest"]
    new = (await publish(world, second, signed(second, OTHER))).json()["digest"]
    await world.promote("shop", old, base=0)
    await world.promote("shop", new, base=1)
    await require(world)
    assert (await world.call("DELETE", f"{KEYS}/{id_of(KEY)}")).status_code == 204
    before = await world.everything()
    problem(await roll_back(world, 1, 2), 403, "signature-key-revoked")
    assert await world.everything() == before
    assert (await publish(world, first, signed(first, OTHER))).status_code == 200
    assert (await roll_back(world, 1, 2)).status_code == 200


async def test_a_rollback_brings_back_what_was_live_before_the_team_wanted_signatures(world: ManifestWorld) -> None:
    old = (await publish(world, app_files())).json()["digest"]
    await world.promote("shop", old, base=0)
    await add_key(world)
    await require(world)
    new = app_files(version="2.0.0")
    await world.promote("shop", (await publish(world, new, signed(new))).json()["digest"], base=1)
    answer = await roll_back(world, 1, 2)
    assert answer.status_code == 200, answer.text
    assert answer.json()["apps"]["shop"] == [{"release": old, "weight": 100}]


async def test_a_rollout_of_what_a_revoked_key_signed_can_be_ended_but_not_widened(world: ManifestWorld) -> None:
    await add_key(world)
    digests = []
    for version in ("1.0.0", "2.0.0"):
        files = app_files(version=version)
        digests.append((await publish(world, files, signed(files))).json()["digest"])
    await world.promote("shop", digests[0], base=0)

    async def weigh(digest: str, weight: int, base: int) -> httpx.Response:
        body = {"release": digest, "weight": weight}
        return await world.call("PUT", "/deploy/channels/live/apps/shop", base=base, team="sales", json=body)

    assert (await weigh(digests[1], 10, 1)).status_code == 200
    await require(world)
    assert (await world.call("DELETE", f"{KEYS}/{id_of(KEY)}")).status_code == 204
    problem(await weigh(digests[1], 20, 2), 403, "signature-key-revoked")
    problem(await weigh(digests[1], 100, 2), 403, "signature-key-revoked")
    assert (await weigh(digests[1], 5, 2)).status_code == 200
    assert (await weigh(digests[1], 0, 3)).status_code == 200
    problem(await roll_back(world, 3, 4), 403, "signature-key-revoked")


async def test_adding_a_key_twice_is_one_key(world: ManifestWorld) -> None:
    await add_key(world)
    response = await world.call("POST", KEYS, json={"publicKey": pem(KEY), "label": "again"})
    assert (response.status_code, response.json()["label"]) == (200, "release key")
    assert len((await world.call("GET", KEYS, team="sales")).json()["keys"]) == 1


def _x25519() -> str:
    key = X25519PrivateKey.generate().public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.mark.parametrize(
    ("public", "told"),
    [
        ("", "not a public key"),
        ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "not a public key"),
        (private_pem(KEY).decode(), "private key"),
        (_x25519(), "not an Ed25519 key"),
    ],
)
async def test_what_is_no_public_key_is_refused_with_its_place(public: str, told: str, world: ManifestWorld) -> None:
    document = problem(await world.call("POST", KEYS, json={"publicKey": public}), 422, "invalid-request")
    (error,) = document["errors"]
    assert error["pointer"] == "/publicKey"
    assert told in error["detail"]
    assert (await world.call("GET", KEYS)).json() == {"keys": []}


async def test_two_keys_of_one_content_are_both_kept(world: ManifestWorld) -> None:
    await add_key(world)
    await add_key(world, OTHER)
    await publish(world, app_files(), signed(app_files()))
    world.clock.move(minutes=1)
    document: dict[str, Any] = (await publish(world, app_files(), signed(app_files(), OTHER))).json()
    assert [one["key"] for one in document["signedBy"]] == [id_of(KEY), id_of(OTHER)]
