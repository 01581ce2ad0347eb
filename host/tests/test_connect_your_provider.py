"""docs/how-to/connect-your-provider.md, as it stands there: the whole host signs in with what it says."""

from __future__ import annotations

import json
import re
from pathlib import Path

from host.tests.provider_worlds import IndependentProvider, browsing, follow
from host.tests.real_servers import free_ports, serving
from host.tests.runtime_site import ROOT
from host.tests.session_world import onward
from portico.host.app import create_app
from portico.host.config import HostConfig
from tools.oidc_provider import OidcProvider

JSON = {"accept": "application/json", "x-portico": "1"}
PAGE = (ROOT / "docs/how-to/connect-your-provider.md").read_text()


def block(language: str) -> str:
    """The one block of the page in this language."""
    [text] = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return str(text)


async def test_the_client_of_the_page_and_its_three_settings_are_enough(
    tmp_path: Path, oidc_provider: OidcProvider
) -> None:
    [port] = free_ports(1)
    url, secret = f"http://127.0.0.1:{port}", tmp_path / "oidc"
    client = oidc_provider.register(url, **json.loads(block("json").replace("https://portico.example", url)))
    secret.write_text(client["client_secret"])
    secret.chmod(0o600)
    said = (
        block("sh")
        .replace("https://id.example", oidc_provider.issuer)
        .replace("CLIENT_ID=portico", f"CLIENT_ID={client['client_id']}")
        .replace("/run/secrets/oidc", str(secret))
    )
    settings = dict(line.split("=", 1) for line in said.split())
    environment = {"PORTICO_BASE_URL": url, "PORTICO_DATA_DIR": str(tmp_path / "data"), **settings}
    provider = IndependentProvider(oidc_provider)
    headers = {"sec-fetch-site": "same-origin"}
    host = create_app(HostConfig.from_environment(environment))
    async with serving(host, port), browsing(headers) as person:
        page = await follow(person, f"{url}/auth/sign-in?return_to=/auth/sessions")
        chosen = await follow(person, await provider.choose(person, page, "ada"))
        assert onward(chosen) == "/auth/sessions"
        mine = await person.get(f"{url}/auth/sessions", headers=JSON)
        assert mine.status_code == 200
        left = onward(await person.post(f"{url}/auth/sign-out"))
        assert left.startswith(f"{oidc_provider.issuer}/session/end?id_token_hint=")
        assert (await person.get(f"{url}/auth/sessions", headers=JSON)).status_code == 401
