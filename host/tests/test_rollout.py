"""A rollout as people meet it: everybody on one side, page and BFF alike, and nobody moved back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from host.tests.rollout_world import RolloutWorld, rollout_world
from portico.host.visitors import LIFETIME_S
from portico.manifest.cohort import chosen

PEOPLE = [f"person-{number}" for number in range(24)]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[RolloutWorld]:
    async with rollout_world(tmp_path) as world:
        yield world


async def test_a_browser_gets_an_id_only_while_there_is_a_rollout_and_keeps_its_side(world: RolloutWorld) -> None:
    await world.promote(await world.shop("1"))
    async with world.browser() as visitor:
        assert "set-cookie" not in (await visitor.page()).response.headers
        await world.promote(await world.shop("2"), 50)
        first = await visitor.page()
        given = first.response.headers["set-cookie"]
        assert given.startswith("portico-visitor=")
        assert all(part in given for part in ("HttpOnly", "SameSite=Lax", "Path=/", f"Max-Age={LIFETIME_S}"))
        for _ in range(5):
            again = await visitor.page()
            assert again.version == first.version
            assert "set-cookie" not in again.response.headers
        assert await visitor.kept() == first.version


async def test_browsers_are_on_both_sides_and_each_gets_an_id_of_its_own(world: RolloutWorld) -> None:
    await world.promote(await world.shop("1"))
    candidate = await world.shop("2")
    await world.promote(candidate, 50)
    ids, versions = set(), set()
    for _ in range(24):
        async with world.browser() as visitor:
            version = (await visitor.page()).version
            [one] = [value for name, value in visitor.client.cookies.items() if name == "portico-visitor"]
            assert (version == "2") == chosen("shop", candidate.digest, f"anon:{one}", 50)
            ids.add(one)
            versions.add(version)
    assert len(ids) == 24
    assert versions == {"1", "2"}


@pytest.mark.parametrize("cookie", ["x", "A" * 21, "A" * 23, "A" * 21 + "!", "../../etc", ""])
async def test_an_id_that_is_none_of_ours_is_replaced(world: RolloutWorld, cookie: str) -> None:
    await world.promote(await world.shop("1"))
    await world.promote(await world.shop("2"), 50)
    async with world.browser() as visitor:
        answer = await visitor.client.get("/", headers={"Cookie": f"portico-visitor={cookie}"})
    assert answer.headers["set-cookie"].startswith("portico-visitor=")


async def test_a_person_s_page_device_and_bff_are_of_one_side(world: RolloutWorld) -> None:
    await world.promote(await world.shop("1"))
    candidate = await world.shop("2")
    await world.promote(candidate, 50)
    seen = set()
    for sub in PEOPLE:
        secret = await world.cookie(sub)
        async with world.browser(secret) as visitor:
            page = await visitor.page()
            assert "set-cookie" not in page.response.headers
            sides = {page.version, await visitor.bff(), await visitor.kept()}
        assert sides == {"2" if chosen("shop", candidate.digest, f"sub:{sub}", 50) else "1"}
        seen |= sides
    assert seen == {"1", "2"}


async def test_raising_the_weight_moves_nobody_back_and_lowering_it_only_who_is_above(world: RolloutWorld) -> None:
    await world.promote(await world.shop("1"))
    candidate = await world.shop("2")
    on_the_candidate: list[set[str]] = []
    secrets = {sub: await world.cookie(sub) for sub in PEOPLE}
    for weight in (10, 40, 80, 100):
        await world.promote(candidate, weight)
        now = set()
        for sub, secret in secrets.items():
            async with world.browser(secret) as visitor:
                version = (await visitor.page()).version
                assert await visitor.bff() == version
                now |= {sub} if version == "2" else set()
        assert now == {sub for sub in PEOPLE if chosen("shop", candidate.digest, f"sub:{sub}", weight)}
        on_the_candidate.append(now)
    # The digest, and with it who is chosen, is another in each run: a step may bring nobody.
    first, second, third, last = on_the_candidate
    assert first <= second <= third <= last == set(PEOPLE)


async def test_an_open_page_keeps_the_bff_that_it_was_made_for_while_there_is_one(world: RolloutWorld) -> None:
    stable, candidate = await world.shop("1"), await world.shop("2")
    await world.promote(stable)
    who = next(sub for sub in PEOPLE if chosen("shop", candidate.digest, f"sub:{sub}", 99))
    async with world.browser(await world.cookie(who)) as visitor:
        [named] = [app["headers"]["Portico-Release"] for app in (await visitor.page()).boot["apps"]]
        assert named == stable.digest
        await world.promote(candidate, 99)
        assert ((await visitor.page()).version, await visitor.bff()) == ("2", "2")
        assert await visitor.bff(named) == "1"
        await world.promote(candidate)
        assert await visitor.bff(named) == "2"


@pytest.mark.parametrize("named", ["", "x", "0" * 64, "unpublished"])
async def test_a_release_that_nobody_is_shown_chooses_no_bff(world: RolloutWorld, named: str) -> None:
    await world.promote(await world.shop("1"))
    unpublished = (await world.shop("2")).digest
    async with world.browser(await world.cookie("ada")) as visitor:
        assert await visitor.bff(unpublished if named == "unpublished" else named) == "1"


async def test_the_candidate_goes_with_everybody_who_was_on_it(world: RolloutWorld) -> None:
    await world.promote(await world.shop("1"))
    candidate = await world.shop("2")
    await world.promote(candidate, 90)
    await world.promote(candidate, 0)
    async with world.browser() as visitor:
        page = await visitor.page()
    assert page.version == "1"
    assert "set-cookie" not in page.response.headers


async def test_the_operator_s_address_is_for_one_version_of_the_bff_else_of_the_app_else_for_the_app(
    tmp_path: Path,
) -> None:
    async with rollout_world(tmp_path) as world:
        one, two = world.bffs["1"], world.bffs["2"]
        urls = {"shop": one, "shop@3.0.0": two, "shop@7": two}
        async with rollout_world(tmp_path / "other", bff_urls=urls) as other:
            secret = await other.cookie("ada")
            for version, bff, answers in (("2", {}, "1"), ("3", {}, "2"), ("4", {"version": "7"}, "2")):
                await other.promote(await other.shop(version, bff={"url": other.bffs["1"], **bff}))
                async with other.browser(secret) as visitor:
                    assert await visitor.bff() == answers


async def test_a_candidate_may_bring_its_bff_s_address_itself(world: RolloutWorld) -> None:
    await world.promote(await world.shop("1"))
    await world.promote(await world.shop("3", bff={"url": world.bffs["2"]}), 50)
    seen = set()
    for sub in PEOPLE:
        async with world.browser(await world.cookie(sub)) as visitor:
            seen.add(((await visitor.page()).version, await visitor.bff()))
    assert seen == {("1", "1"), ("3", "2")}
