"""Services without an app run beside the BFFs of apps: found by entry point, reached and stopped as those are."""

from __future__ import annotations

import json
from importlib.metadata import EntryPoint
from pathlib import Path

import httpx2
import pytest

from host.tests.real_servers import free_ports, serving
from host.tests.token_site import TokenSite, _app, install_whoami
from portico.host.app import create_app
from portico.host.bffs import bff_settings
from portico.host.config import HostConfig, ProviderConfig
from portico.host.errors import ConfigurationError
from portico.host.prepare import prepare
from portico.host.services import own_settings, services_of

PROVIDER = ProviderConfig(issuer="https://id.example", client_id="portico")
INSTALLED = {
    path: EntryPoint(name, path, "portico.bffs")
    for name, path in (("thing", "thing_bff:create_app"), ("thing-maker", "maker:create_app"))
}


def test_services_are_those_that_the_operator_names() -> None:
    assert services_of((), INSTALLED) == {}
    assert services_of(("thing",), INSTALLED) == {"thing": "thing_bff:create_app"}
    assert services_of(("*",), INSTALLED).keys() == {"thing", "thing-maker"}


def test_one_that_is_not_installed_is_told_at_the_start() -> None:
    with pytest.raises(ConfigurationError, match=r"PORTICO_SERVICES names other, which is not .*thing, thing-maker"):
        services_of(("thing", "other"), INSTALLED)


def test_a_services_own_settings_begin_with_its_name() -> None:
    environment = {"THING_MAKER_SPEED": "2", "THING_SIZE": "1", "THINGS": "3", "NATS_URL": "nats://elsewhere"}
    assert own_settings(environment, "thing-maker") == {"THING_MAKER_SPEED": "2"}
    assert own_settings(environment, "thing") == {"THING_MAKER_SPEED": "2", "THING_SIZE": "1"}


def test_the_hosts_settings_reach_services_and_the_platforms_own_come_first(tmp_path: Path) -> None:
    environment = {
        "PORTICO_BASE_URL": "http://127.0.0.1:8000", "PORTICO_DATA_DIR": str(tmp_path), "PORTICO_DEVELOPMENT": "1",
        "PORTICO_SERVICES": "thing nats", "NATS_URL": "nats://127.0.0.1:1", "THING_KEY": "hush", "NATS_SIZE": "2",
    }  # fmt: skip
    config = HostConfig.from_environment(environment)
    assert config.services == ("thing", "nats")
    assert bff_settings(config, PROVIDER, "thing")["THING_KEY"] == "hush"
    assert "THING_KEY" not in bff_settings(config, PROVIDER, "nats")
    assert bff_settings(config, PROVIDER, "nats")["NATS_URL"] == "nats://127.0.0.1:1"
    assert "PORTICO_SERVICES" not in bff_settings(config, PROVIDER, "portico")
    assert "hush" not in repr(config)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the import path, where a BFF named `whoami` is installed."""
    monkeypatch.syspath_prepend(tmp_path)
    install_whoami(tmp_path)
    return tmp_path


@pytest.mark.parametrize("services", [(), ("whoami",)], ids=["without", "with"])
async def test_a_service_is_reached_through_the_gateway_as_a_bff_is(folder: Path, services: tuple[str, ...]) -> None:
    [port] = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    people = folder / "people.json"
    people.write_text('[{"sub": "ada", "name": "Ada"}]')
    config = HostConfig(base_url=url, data_dir=folder / "data", development=True, people_file=people, services=services)
    await prepare(config, [_app(folder / "near", "near")])
    async with (
        serving(create_app(config), port),
        httpx2.AsyncClient(headers={"sec-fetch-site": "same-origin"}, trust_env=False, timeout=20) as person,
    ):
        site = TokenSite(url, config.data_dir, person, f"{url}/dev-idp")
        await site.sign_in()
        assert (await site.who("near"))["sub"] == "ada"
        if services:
            found = await site.who("whoami")
            assert (found["sub"], found["audience"]) == ("ada", "urn:portico:bff:whoami")
        else:
            assert (await site.call("whoami")).status_code == 404


@pytest.mark.parametrize("brought", [False, True], ids=["alone", "with a release"])
async def test_the_doctor_is_told_how_a_service_without_an_app_is(folder: Path, brought: bool) -> None:
    """Its release, which may bring no page, is named with its version; that of a service alone is not known."""
    [port] = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    config = HostConfig(base_url=url, data_dir=folder / "data", development=True, services=("whoami",))
    release = folder / "release"
    release.mkdir()
    manifest = {"name": "@team/whoami", "version": "1.2.3", "bff": {"app": "host.tests.whoami_bff:create_app"}}
    (release / "app.json").write_text(json.dumps(manifest))
    await prepare(config, [release] if brought else [])
    token = (config.data_dir / "deploy-token").read_text().strip()
    async with serving(create_app(config), port), httpx2.AsyncClient(trust_env=False, timeout=20) as client:
        answer = await client.get(f"{url}/deploy/status", headers={"Authorization": f"Bearer {token}"})
    checks = {
        one["name"]: one["state"] for one in answer.json()["checks"] if one["name"].startswith(("bff", "service"))
    }
    assert checks == ({"bff whoami 1.2.3": "ok"} if brought else {"service whoami": "ok"})
