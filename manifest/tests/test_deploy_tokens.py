"""Who may deploy, and who is told no."""

import pytest

from manifest.tests.manifest_world import OPERATOR, ManifestWorld, app_files
from manifest.tests.test_deployer_releases import problem
from portico.manifest import UnknownToken, new_token, revoke_token, token_hash


async def test_every_deploy_route_wants_a_token(world: ManifestWorld) -> None:
    await world.deploy(app_files())
    before = await world.everything()
    routes = [
        ("GET", "/deploy/releases"),
        ("GET", "/deploy/apps/shop/releases"),
        ("POST", "/deploy/apps/shop/releases"),
        ("GET", "/deploy/apps/shop/releases/x"),
        ("GET", "/deploy/channels/live"),
        ("PUT", "/deploy/channels/live/apps/shop"),
        ("DELETE", "/deploy/channels/live/apps/shop"),
        ("POST", "/deploy/channels/live/rollback"),
        ("GET", "/deploy/channels/live/history"),
    ]
    for method, path in routes:
        response = await world.http.request(method, path, headers={"If-Match": '"1"'})
        problem(response, 401, "invalid-token")
        assert response.headers["www-authenticate"].startswith("Bearer")
    assert await world.everything() == before


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic abc", "Bearer portico_unknown", "Bearer " + "x" * 10_000, "portico_x"]
)
async def test_what_is_no_token_is_refused(header: str, world: ManifestWorld) -> None:
    response = await world.http.get("/deploy/releases", headers={"Authorization": header})
    problem(response, 401, "invalid-token")


async def test_an_expired_token_is_refused_and_says_when(world: ManifestWorld) -> None:
    await world.token("sales", hours=1)
    assert (await world.call("GET", "/deploy/releases", team="sales")).status_code == 200
    world.clock.move(hours=1)
    document = problem(await world.call("GET", "/deploy/releases", team="sales"), 401, "invalid-token")
    assert "expired at 2026-03-01T13:00:00" in document["detail"]


async def test_a_revoked_token_is_refused_at_once(world: ManifestWorld) -> None:
    await world.token("sales")
    store = world.manifest.store.access
    (record,) = await store.tokens()
    assert await revoke_token(store, record.id, now=world.manifest.now(), by=OPERATOR) == record
    with pytest.raises(UnknownToken):
        await revoke_token(store, record.id, now=world.manifest.now(), by=OPERATOR)
    document = problem(await world.call("GET", "/deploy/releases", team="sales"), 401, "invalid-token")
    assert "revoked" in document["detail"]


async def test_a_team_changes_its_own_apps_alone(world: ManifestWorld) -> None:
    digest = await world.deploy(app_files())
    await world.deploy(app_files(version="2.0.0"))
    before = await world.everything()
    channel = "/deploy/channels/live"
    refused = [
        await world.publish(app_files(version="3.0.0"), team="crm"),
        await world.publish(app_files("@sales/new"), app="new", team="crm"),
        await world.promote("shop", digest, base=2, team="crm"),
        await world.call("DELETE", f"{channel}/apps/shop", base=2, team="crm"),
        await world.call("POST", f"{channel}/rollback", base=2, team="crm", json={"to": 1, "app": "shop"}),
        await world.call("POST", f"{channel}/rollback", base=2, team="crm", json={"to": 1}),
    ]
    for response in refused:
        problem(response, 403, "not-your-app")
    assert await world.everything() == before
    assert (await world.promote("shop", digest, base=2, team="sales")).status_code == 200


async def test_a_whole_rollback_needs_every_app_that_it_changes(world: ManifestWorld) -> None:
    await world.deploy(app_files("@crm/account"))
    await world.deploy(app_files())
    await world.deploy(app_files(version="2.0.0"))
    rollback = "/deploy/channels/live/rollback"
    assert (await world.call("POST", rollback, base=3, team="sales", json={"to": 2})).status_code == 200
    problem(await world.call("POST", rollback, base=4, team="sales", json={"to": 0}), 403, "not-your-app")


async def test_a_token_is_kept_as_its_hash_alone(world: ManifestWorld) -> None:
    secret = await world.token("sales")
    rows = await world.database.read("SELECT * FROM deploy_tokens")
    assert token_hash(secret) in rows[0]
    assert not [value for value in rows[0] if isinstance(value, str) and secret[8:] in value]
    for path in world.folder.glob("manifest.db*"):
        assert secret.encode() not in path.read_bytes()


def test_tokens_are_256_random_bits_behind_a_name_that_scanners_know(world: ManifestWorld) -> None:
    made = {
        new_token("sales", label="", now=world.clock.now, lifetime=world.clock.now - world.clock.now)[1]
        for _ in range(50)
    }
    assert len(made) == 50
    assert all(secret.startswith("portico_") and len(secret) == 8 + 43 for secret in made)
