"""import-map-deployer's API on the assembled host: what its clients put in is on the next page."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from host.tests.test_host_app import BASE_URL, HELLO, build, import_map
from portico.host.app import create_app
from portico.host.config import HostConfig
from portico.host.errors import ConfigurationError
from portico.host.prepare import prepare


def config(folder: Path, **settings: object) -> HostConfig:
    (folder / "imd.json").write_text(json.dumps({"username": "ci", "password": "secret", **settings}))
    environment = {"PORTICO_BASE_URL": BASE_URL, "PORTICO_DATA_DIR": str(folder / "data")}
    return HostConfig.from_environment(environment | {"PORTICO_IMD": str(folder / "imd.json")})


async def test_a_service_is_on_the_next_page(tmp_path: Path) -> None:
    """Beside what is released; the host's own origin is known as one of pages; nothing else is below /imd."""
    settings = config(tmp_path)
    await prepare(settings, [build(tmp_path / "hello", HELLO)])
    app = create_app(settings)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE_URL, auth=("ci", "secret")) as http,
    ):
        body = {"service": "widget", "url": "https://cdn.test/1/widget.js"}
        answer = await http.patch("/imd/services", params={"skip_url_check": ""}, json=body)
        assert answer.status_code == 200, answer.text
        assert import_map((await http.get("/")).text)["imports"]["widget"] == "https://cdn.test/1/widget.js"
        own = {"scopes": {f"{BASE_URL}/a/hello/": {"widget": "/evil.js"}}}
        assert (await http.patch("/imd/import-map.json", params={"skip_url_check": ""}, json=own)).status_code == 400
        assert (await http.get("/imd/nothing")).status_code == 404


def test_settings_with_faults_do_not_start(tmp_path: Path) -> None:
    """The host says the file and every fault."""
    with pytest.raises(ConfigurationError, match=r"imd\.json: region has no meaning here.*; locations"):
        config(tmp_path, region="eu", locations=[])
