"""Fetching what is put into a map: what is there is checked, and nothing else in the network can be reached by it."""

import ipaddress
from collections.abc import Iterator

import httpx
import pytest

from manifest.tests.imd_world import Files, client, facade, files
from manifest.tests.manifest_world import ManifestWorld
from portico.manifest.imd import FetchLimits, HttpLinkCheck, ImdSettings
from portico.manifest.imd.addresses import parse_address
from portico.manifest.imd.errors import UrlNotReachable
from portico.manifest.imd.link_check import is_public
from portico.manifest.release import integrity_of

CODE = b"export default 1"


@pytest.fixture
def served() -> Iterator[Files]:
    with files() as found:
        yield found


async def service(http: httpx.AsyncClient, url: str, **body: str) -> httpx.Response:
    return await http.patch("/services", json={"service": "a", "url": url, **body})


async def test_urls_in_a_patch_of_the_map_are_fetched_too(world: ManifestWorld, served: Files) -> None:
    """All remote ones, of imports and scopes; one that is not there refuses them all."""
    there, missing = served.put("/there.js", CODE), f"{served.url}/missing.js"
    async with client(world, allowPrivateAddresses=True) as http:
        for body in (
            {"imports": {"a": there, "b": missing}},
            {"scopes": {"https://c.test/": {"a": there, "b": missing}}},
        ):
            answer = await http.patch("/import-map.json", json=body)
            assert answer.status_code == 400
            assert f"not reachable: {missing} (404" in answer.json()["error"]
        assert (await http.patch("/import-map.json", json={"imports": {"a": there, "b": "/b.js"}})).status_code == 200
    assert await world.manifest.store.head("live") == 1


async def test_integrity_is_compared_with_the_bytes(world: ManifestWorld, served: Files) -> None:
    """That which is given, and that which is kept from before; the strongest of several counts."""
    url = served.put("/a.js", CODE)
    right, wrong = integrity_of(CODE), integrity_of(b"other")
    async with client(world, allowPrivateAddresses=True) as http:
        refused = await service(http, url, integrity=wrong)
        assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (400, "integrity-mismatch")
        assert right in refused.json()["error"]
        assert (await service(http, url, integrity=f"sha256-{'A' * 43}= {right}")).status_code == 200
        served.put("/a.js", b"changed in place")
        kept = await http.patch("/import-map.json", json={"imports": {"a": url}})
        assert kept.json()["type"].endswith("/integrity-mismatch")
        renewed = await service(http, url, integrity=integrity_of(b"changed in place"))
        assert renewed.json()["integrity"][url] == integrity_of(b"changed in place")


PRIVATE = ("127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "10.0.0.1", "169.254.169.254", "0.0.0.0")
ODDLY_WRITTEN = ("2130706433", "0x7f.1", "127.1", "127.0.0.1.", "017700000001", "%31%32%37.0.0.1", "localhos%74")


@pytest.mark.parametrize("host", [*PRIVATE, *ODDLY_WRITTEN])
async def test_nothing_private_is_reached(world: ManifestWorld, served: Files, host: str) -> None:
    """Written as a number in any way, or as a name: it is refused before anything is sent."""
    port = served.url.rpartition(":")[2]
    served.put("/a.js", CODE)
    async with client(world) as http:
        answer = await service(http, f"http://{host}:{port}/a.js")
        assert answer.status_code == 400
        kind = "imd-request-invalid" if host in ODDLY_WRITTEN else "url-not-reachable"
        assert answer.json()["type"].endswith(f"/{kind}")
    assert served.asked == []


@pytest.mark.parametrize(
    ("number", "public"),
    [
        ("8.8.8.8", True), ("192.168.1.1", False), ("100.64.0.1", False), ("224.0.0.1", False), ("2606:4700::1", True),
        ("fe80::1", False), ("fd00::1", False), ("::ffff:10.0.0.1", False), ("64:ff9b::10.0.0.1", False),
        ("2002:0a00:0001::1", False), ("::", False),
        ("::127.0.0.1", False), ("64:ff9b:1::7f00:1", False), ("::ffff:0:127.0.0.1", False), ("fec0::1", False),
        ("5f00::1", False), ("64:ff9b::808:808", True),
    ],
)  # fmt: skip
def test_which_addresses_are_public(number: str, public: bool) -> None:
    assert is_public(ipaddress.ip_address(number)) is public


async def test_redirects_stay_on_the_origin_and_in_the_list(world: ManifestWorld, served: Files) -> None:
    """Elsewhere is refused without being asked, and so is a circle."""
    served.put("/ours/there.js", CODE)
    with files() as elsewhere:
        elsewhere.put("/a.js", CODE)
        near = served.put("/ours/near.js", status=302, Location="there.js")
        out = served.put("/ours/out.js", status=302, Location="../theirs/a.js")
        far = served.put("/ours/far.js", status=307, Location=f"{elsewhere.url}/a.js")
        odd = served.put("/ours/odd.js", status=301, Location="file:///etc/passwd")
        circle = served.put("/ours/circle.js", status=302, Location="/ours/circle.js")
        async with client(world, allowPrivateAddresses=True, urlSafeList=[f"{served.url}/ours/"]) as http:
            assert (await service(http, near)).status_code == 200
            for url in (out, far, odd, circle):
                assert (await service(http, url)).json()["type"].endswith("/url-not-reachable"), url
        assert elsewhere.asked == []
    assert "/theirs/a.js" not in served.asked


async def test_a_prefix_is_of_one_origin(world: ManifestWorld) -> None:
    """https://c.test does not stand for https://c.test.evil.test, nor for another port or scheme."""
    async with client(world, urlSafeList=["https://c.test"]) as http:
        for url in (
            "https://c.test.evil.test/a.js",
            "https://c.test:444/a.js",
            "http://c.test/a.js",
            "https://c.test@evil.test/",
        ):
            answer = await http.patch("/services", params={"skip_url_check": ""}, json={"service": "a", "url": url})
            assert answer.status_code == 400, url
        answer = await http.patch(
            "/services", params={"skip_url_check": ""}, json={"service": "a", "url": "https://C.test:443/a.js"}
        )
        assert answer.status_code == 200


async def test_a_slow_or_endless_answer_is_given_up(world: ManifestWorld, served: Files) -> None:
    """There is a limit of time, one of size, and one of how many; nothing is changed."""
    settings = ImdSettings(anyone_may_change=True, allow_private_addresses=True)
    for path, limits, said in (
        ("/held", FetchLimits(seconds=0.1), "within 0.1 seconds"),
        ("/endless", FetchLimits(size=1 << 20), "more than 1048576 bytes"),
    ):
        check = HttpLinkCheck(trusts=settings.trusts, private=True, limits=limits)
        with pytest.raises(UrlNotReachable, match=said):
            await check([parse_address(served.url + path, "")])
    async with facade(world.manifest, settings) as http:
        too_many = {"imports": {f"a{number}": f"{served.url}/{number}.js" for number in range(201)}}
        answer = await http.patch("/import-map.json", json=too_many)
        assert (answer.status_code, "at most 200" in answer.json()["error"]) == (400, True)
    assert await world.manifest.store.head("live") == 0
