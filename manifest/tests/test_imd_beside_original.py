"""The same calls to npm's import-map-deployer and to ours: where they should agree, they do, call by call.

npm has 4.6; what 7 changed (integrity, and that URLs in a patch of the map are checked at all) is in test_imd_map.py.
"""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from manifest.tests.imd_scenarios import SCENARIOS, Call, delete, patch, service
from manifest.tests.imd_world import Files, facade, files, original
from manifest.tests.manifest_world import manifest_world
from portico.manifest.imd import ImdSettings

ENVIRONMENTS = 120
LOCATIONS = {f"e{number}": f"memory://e{number}" for number in range(ENVIRONMENTS)}


@pytest.fixture(scope="module")
def served() -> Iterator[Files]:
    with files() as found:
        found.put("/there.js", b"export default 1")
        found.put("/moved.js", status=302, Location="/there.js")
        found.put("/broken.js", status=500)
        yield found


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with original(tmp_path_factory.mktemp("original"), {"locations": LOCATIONS}) as url:
        yield url


async def send(http: httpx.AsyncClient, call: Call, environment: str, served: Files) -> httpx.Response:
    body = call.body if isinstance(call.body, bytes) else json.dumps(_with_files(call.body, served)).encode()
    params: list[tuple[str, str | int | float | bool | None]] = [("env", environment), *call.params]
    return await http.request(
        call.method, call.path, params=params, content=body, headers={"Content-Type": "text/plain"}
    )


def _with_files(value: Any, served: Files) -> Any:
    match value:
        case dict():
            return {name: _with_files(member, served) for name, member in value.items()}
        case str():
            return served.url + value.removeprefix("files") if value.startswith("files/") else value
        case _:
            return value


async def shown(http: httpx.AsyncClient, environment: str) -> Any:
    return (await http.get("/import-map.json", params={"env": environment})).json()


async def compare(mine: httpx.AsyncClient, its: httpx.AsyncClient, call: Call, env: str, served: Files) -> None:
    answer, wanted = await send(mine, call, env, served), await send(its, call, env, served)
    assert answer.status_code == wanted.status_code, (call, answer.text, wanted.text)
    if wanted.status_code == 200:
        assert answer.json() == wanted.json(), call
    assert await shown(mine, env) == await shown(its, env), call


@pytest.mark.parametrize("name", SCENARIOS)
async def test_both_answer_alike(name: str, peer: str, served: Files, tmp_path: Path) -> None:
    """Status, answer and the map afterwards are the same after every call."""
    environment = f"e{list(SCENARIOS).index(name)}"
    async with manifest_world(tmp_path, platform={}) as world:
        imd = ImdSettings(locations={environment: "live"}, anyone_may_change=True, allow_private_addresses=True)
        async with facade(world.manifest, imd) as mine, httpx.AsyncClient(base_url=peer, timeout=60) as its:
            for call in SCENARIOS[name]:
                await compare(mine, its, call, environment, served)


NAMES = st.sampled_from(["a", "b", "@team/a", "@team/b", "a.b"])
URLS = st.one_of(
    st.sampled_from(["/a.js", "/x/a.js", "https://c.test/a.js", "https://c.test"]),
    st.lists(st.sampled_from(["x", "y", "..", "."]), max_size=4).map(
        lambda parts: "/".join(["https://c.test", *parts, "m.js"])
    ),
)
CALLS = st.one_of(
    st.builds(service, NAMES, URLS, st.tuples(st.just("packageDirLevel"), st.sampled_from(["", "1", "2", "3"]))),
    st.builds(lambda imports: patch({"imports": imports}), st.dictionaries(NAMES, URLS, max_size=3)),
    st.builds(
        lambda scopes: patch({"scopes": scopes}),
        st.dictionaries(
            st.sampled_from(["https://c.test/1/", "https://c.test/2/"]),
            st.dictionaries(NAMES, URLS, min_size=1, max_size=2),
            min_size=1,
        ),
    ),
    st.builds(lambda name: delete(name.replace("/", "%2F")), NAMES),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(calls=st.lists(CALLS, min_size=1, max_size=8))
def test_both_keep_the_same_map_whatever_is_called(
    calls: list[Call], peer: str, served: Files, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Any sequence of changes leaves the same map. (An empty patch of imports is taken away first.)"""

    async def play() -> None:
        environment = f"e{ENVIRONMENTS - 1}"
        async with manifest_world(tmp_path_factory.mktemp("world"), platform={}) as world:
            imd = ImdSettings(locations={environment: "live"}, anyone_may_change=True)
            async with facade(world.manifest, imd) as mine, httpx.AsyncClient(base_url=peer, timeout=60) as its:
                for name in (await shown(its, environment))["imports"]:
                    await its.delete(f"/services/{name.replace('/', '%2F')}", params={"env": environment})
                # The original cannot take a scope away: both begin with the same.
                scopes = {"scopes": {f"https://c.test/{number}/": {"a": "/a.js"} for number in (1, 2)}}
                for call in [patch(scopes), *calls]:
                    await compare(mine, its, call, environment, served)

    asyncio.run(play())


async def test_environments_are_told_alike(tmp_path: Path) -> None:
    """Which is the default one, and which are one map under two names."""
    named = {"default": "memory://live", "prod": "memory://live", "stage": "memory://next", "test": "memory://next"}
    channels = {name: location.removeprefix("memory://") for name, location in named.items()}
    with original(tmp_path, {"locations": named}) as url:
        async with httpx.AsyncClient(base_url=url, timeout=60) as its:
            wanted = (await its.get("/environments")).json()
            health = [(await its.get(path)).json() for path in ("/", "/health")]
    async with (
        manifest_world(tmp_path / "ours", platform={}) as world,
        facade(world.manifest, ImdSettings(locations=channels)) as mine,
    ):
        assert (await mine.get("/environments")).json() == wanted
        assert [(await mine.get(path)).json() for path in ("/", "/health")] == health


async def test_credentials_are_asked_for_alike(tmp_path: Path) -> None:
    """Everything but the health check wants user and password."""
    secret = {"username": "ada", "password": "pass:word"}
    calls = [
        ("GET", "/"),
        ("GET", "/health"),
        ("GET", "/environments"),
        ("GET", "/import-map.json"),
        ("DELETE", "/services/a"),
    ]
    auths = (None, ("ada", "pass:word"), ("ada", "wrong"), ("eve", "pass:word"))
    async with manifest_world(tmp_path / "ours", platform={}) as world:
        imd = ImdSettings.from_document(secret)
        with original(tmp_path, {**secret, "locations": {"default": "memory://default"}}) as url:
            async with facade(world.manifest, imd) as mine, httpx.AsyncClient(base_url=url, timeout=60) as its:
                for auth in auths:
                    for method, path in calls:
                        answer, wanted = (
                            await mine.request(method, path, auth=auth),
                            await its.request(method, path, auth=auth),
                        )
                        assert answer.status_code == wanted.status_code, (auth, path)
                        assert ("www-authenticate" in answer.headers) == ("www-authenticate" in wanted.headers)


async def test_the_allow_list_refuses_alike(tmp_path: Path) -> None:
    """400 with ``error``, and nothing is changed."""
    listed = {"urlSafeList": ["https://good.test/", "https://cdn.test/ours/"]}
    urls = ["https://good.test/a.js", "https://bad.test/a.js", "https://cdn.test/ours/a.js", "https://cdn.test/theirs/a.js",
            "https://cdn.test/ours/../theirs/a.js"]  # fmt: skip
    async with manifest_world(tmp_path / "ours", platform={}) as world:
        imd = ImdSettings.from_document({**listed, "anyoneMayChange": True})
        with original(tmp_path, {**listed, "locations": {"default": "memory://default"}}) as url:
            async with facade(world.manifest, imd) as mine, httpx.AsyncClient(base_url=url, timeout=60) as its:
                for call in [
                    *(service("a", one) for one in urls),
                    *(patch({"imports": {"b": one}}) for one in urls),
                    *(patch({"scopes": {"https://c.test/": {"b": one}}}) for one in urls[:-1]),
                ]:
                    answers = [
                        await http.request(call.method, call.path, params=call.params, json=call.body)
                        for http in (mine, its)
                    ]
                    assert answers[0].status_code == answers[1].status_code, call
                    if answers[1].status_code == 400:
                        assert answers[0].json()["error"] == answers[1].json()["error"]
                    assert (await mine.get("/import-map.json")).json() == (await its.get("/import-map.json")).json()


async def test_alphabetical_and_folders_are_switched_alike(tmp_path: Path) -> None:
    """Keys in order, and no entries for folders, when the settings say so."""
    switches = {"alphabetical": True, "packagesViaTrailingSlashes": False}
    async with manifest_world(tmp_path / "ours", platform={}) as world:
        imd = ImdSettings.from_document({**switches, "anyoneMayChange": True})
        with original(tmp_path, {**switches, "locations": {"default": "memory://default"}}) as url:
            async with facade(world.manifest, imd) as mine, httpx.AsyncClient(base_url=url, timeout=60) as its:
                for call in [service(name, f"https://c.test/x/{name}.js") for name in "cab"]:
                    answers = [
                        await http.request(call.method, call.path, params=call.params, json=call.body)
                        for http in (mine, its)
                    ]
                    assert answers[0].json() == answers[1].json()
                    assert list(answers[0].json()["imports"]) == list(answers[1].json()["imports"])
