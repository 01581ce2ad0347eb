"""Who may change a map through the façade, and which settings it takes."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from manifest.tests.imd_world import facade
from manifest.tests.manifest_world import ManifestWorld
from portico.manifest.imd import ImdSettings, InvalidImdSettings

CHANGE = {"service": "a", "url": "/a.js"}


async def change(http: httpx.AsyncClient, **options: Any) -> int:
    return (await http.patch("/services", params={"skip_url_check": ""}, json=CHANGE, **options)).status_code


async def test_without_credentials_changes_want_an_operators_token(world: ManifestWorld) -> None:
    """A team's token is for its apps, not for a map that is everyone's; reading is for everyone."""
    operator, team = await world.token("*"), await world.token("team")
    async with facade(world.manifest, ImdSettings()) as http:
        assert await change(http) == 401
        assert await change(http, headers={"Authorization": f"Bearer {team}"}) == 403
        assert await change(http, headers={"Authorization": "Bearer nonsense"}) == 401
        assert await change(http, headers={"Authorization": f"Bearer {operator}"}) == 200
        assert (await http.get("/import-map.json")).status_code == 200


async def test_configured_credentials_do_not_shut_operators_out(world: ManifestWorld) -> None:
    """Both ways in work; anything else is told how."""
    operator = await world.token("*")
    async with facade(world.manifest, ImdSettings(username="ci", password="geheim-ü")) as http:
        assert await change(http, auth=("ci", "geheim-ü")) == 200
        assert await change(http, headers={"Authorization": f"Bearer {operator}"}) == 200
        for header in ("Basic", "Basic !!!", "Basic Y2k=", "Digest x", "Basic " + "A" * 10_000):
            answer = await http.get("/import-map.json", headers={"Authorization": header})
            assert (answer.status_code, answer.headers["www-authenticate"][:5]) == (401, "Basic")


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([], "not a JSON object"),
        ({"locations": {}}, "locations"),
        ({"locations": {"default": "s3://bucket/map.json"}}, "cannot be a channel's name"),
        ({"username": "ci"}, "both missing"),
        ({"username": "", "password": ""}, "both missing"),
        ({"username": "a:b", "password": "c"}, "both missing"),
        ({"manifestFormat": "sofe"}, "importmap alone"),
        ({"alphabetical": "yes"}, "alphabetical is not true or false"),
        ({"urlSafeList": "https://c.test/"}, "urlSafeList is not a list"),
        ({"urlSafeList": ["/here/"]}, "write a prefix"),
        ({"pageOrigins": ["https://shop.test/path"]}, "write an origin"),
        ({"s3Endpoint": "x"}, "s3Endpoint has no meaning here"),
        ({"usrename": "x"}, "usrename is not a setting"),
    ],
)
def test_settings_that_cannot_be_used_are_refused_with_the_reason(document: Any, said: str) -> None:
    with pytest.raises(InvalidImdSettings, match=said):
        ImdSettings.from_document(document)


def test_settings_are_read_from_a_file(tmp_path: Path) -> None:
    """As the original reads them, with its two variables of the environment on top."""
    path = tmp_path / "imd.json"
    path.write_text(
        json.dumps({"locations": {"prod": "live"}, "urlSafeList": ["https://c.test"], "alphabetical": True})
    )
    environment = {"PORTICO_IMD": str(path), "IMD_USERNAME": "ci", "IMD_PASSWORD": "secret"}
    settings = ImdSettings.from_environment(environment)
    assert settings is not None
    assert (settings.credentials, settings.channel(None), settings.alphabetical) == (("ci", "secret"), "live", True)
    assert "secret" not in repr(settings)
    assert ImdSettings.from_environment({}) is None
    with pytest.raises(InvalidImdSettings, match="cannot be read"):
        ImdSettings.from_environment({"PORTICO_IMD": str(tmp_path / "nowhere.json")})
