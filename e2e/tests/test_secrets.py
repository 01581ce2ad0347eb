"""No secret leaves the process: not in a log, not in an answer, whatever goes wrong meanwhile."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from e2e.attacks.person import API
from e2e.attacks.world import IMD, AttackWorld

SHORTEST = 16


def secrets(world: AttackWorld, cookies: list[str]) -> dict[str, str]:
    """Every secret of a running platform, by what it is."""
    data = world.stack.data_dir
    found = {f"cookie {number}": cookie for number, cookie in enumerate(cookies)}
    found["deploy token"] = world.stack.deploy_token
    found["imd password"] = IMD["password"]
    found |= {f"nats {part}": part for part in _credentials(world.stack.nats_url)}
    for path in sorted((data / "keys").glob("*.json")):
        found |= {f"{path.name} {number}": text for number, text in enumerate(_private(json.loads(path.read_text())))}
    return found


def _credentials(url: str) -> list[str]:
    parts = urlsplit(url)
    return [text for text in (parts.password or parts.username,) if text]


def _private(document: object, name: str = "") -> list[str]:
    """The private parts of keys: what is long and is no public member of a JWK."""
    match document:
        case dict():
            return [text for member, value in document.items() for text in _private(value, member)]
        case list():
            return [text for value in document for text in _private(value)]
        case str() if len(document) >= SHORTEST and name not in {"x", "y", "n", "kid", "current"}:
            return [document]
    return []


@pytest.fixture(scope="module")
def run(attack_platform: AttackWorld) -> tuple[list[str], list[httpx.Response]]:
    """People come, use everything, and much goes wrong: the cookies that there were, and what was answered."""
    world = attack_platform
    person = world.person("alan")
    wrong = {"Authorization": f"Bearer {world.stack.deploy_token}x"}
    signed_in, stranger = person.client, world.stranger().client
    answers = [
        signed_in.get("/"),
        person.api("/menu/restaurants?limit=1"),
        person.api("/checkout/graphql?query=%7B"),
        person.api("/menu/restaurants?limit=x"),
        person.api("/none/x"),
        signed_in.post("/api/checkout/graphql", content=b"{", headers=API),
        signed_in.put("/_portico/push", content=b"{}", headers=API),
        stranger.get("/deploy/releases", headers=wrong),
        stranger.patch("/imd/services", json={}, auth=(IMD["username"], IMD["password"] + "x")),
        stranger.patch("/imd/services", json={}, auth=(IMD["username"], IMD["password"])),
        stranger.get("/auth/callback?code=x&state=y&error=z"),
        stranger.get("/.well-known/jwks.json"),
        stranger.post(f"{world.bff_url}/graphql", headers={"Authorization": "Bearer a.b.c"}, json={"query": "{ x }"}),
    ]
    cookies = [str(person.cookie), str(world.ada.cookie)]
    answers.append(person.client.post("/auth/sign-out"))
    return cookies, answers


def test_there_are_secrets_to_look_for(
    attack_platform: AttackWorld, run: tuple[list[str], list[httpx.Response]]
) -> None:
    """The control: keys of every kind, cookies, tokens and passwords, each long enough to be found by chance never."""
    found = secrets(attack_platform, run[0])
    kinds = {name.partition(" ")[0] for name in found}
    assert {"cookie", "deploy", "imd", "nats", "tokens.json", "sessions.json", "dev-idp.json", "push.json"} <= kinds
    assert all(len(text) >= SHORTEST for text in found.values())


def test_no_log_has_a_secret(attack_platform: AttackWorld, run: tuple[list[str], list[httpx.Response]]) -> None:
    logs = [attack_platform.stack.log_file, *attack_platform.stack.data_dir.parent.rglob("*.log")]
    texts = {str(path): path.read_bytes().decode("utf-8", "replace") for path in map(Path, logs)}
    assert any(texts.values()), "nothing was logged at all"
    leaks = [
        f"{name} in {path}"
        for path, text in texts.items()
        for name, secret in secrets(attack_platform, run[0]).items()
        if secret in text
    ]
    assert leaks == []


def test_no_answer_has_a_secret(attack_platform: AttackWorld, run: tuple[list[str], list[httpx.Response]]) -> None:
    """A session's cookie is set in the answer to the callback, and nowhere else."""
    leaks = [
        f"{name} in the answer to {answer.request.method} {answer.request.url.path}"
        for answer in run[1]
        for name, secret in secrets(attack_platform, run[0]).items()
        if secret in answer.text or secret in str(answer.headers.multi_items())
    ]
    assert leaks == []


def test_no_command_line_has_a_secret(attack_platform: AttackWorld) -> None:
    """A command line is everybody's to read."""
    lines = [line for path in Path("/proc").glob("[0-9]*/cmdline") if (line := _read(path))]
    assert any(str(attack_platform.port).encode() in line for line in lines)
    found = secrets(attack_platform, [])
    assert [name for name, secret in found.items() if any(secret.encode() in line for line in lines)] == []


def _read(path: Path) -> bytes:
    """A process's command line; nothing, when it has ended meanwhile."""
    try:
        return path.read_bytes()
    except OSError:
        return b""
