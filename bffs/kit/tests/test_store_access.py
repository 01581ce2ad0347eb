"""Claims as predicates: a forgotten check shows nothing, and nobody writes what is another's."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bffs.kit.tests.store_world import (
    ADA,
    ARTICLE,
    BOB,
    CYD,
    EDITOR,
    NOTE,
    PLAN,
    RULE,
    Article,
    Note,
    Plan,
    TestClock,
    person,
)
from portico.bff.access import Access, Parameters
from portico.bff.claims import Claims
from portico.bff.entity import EntityType, Reach, Whose
from portico.bff.errors import AccessRefused, ConflictError, DeclarationError
from portico.bff.store import EntityStore
from portico.sql import Statement

STRAY = person("stray")  # has no tenant


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[EntityStore]:
    store = await EntityStore.open(store_url, service="notes", clock=TestClock())
    async with store.system_unit_of_work("seed") as uow:
        await uow.put(NOTE, "ada-note", Note("ada's"), owner="ada", tenant="north")
        await uow.put(NOTE, "bob-note", Note("bob's"), owner="bob", tenant="north")
        await uow.put(PLAN, "north-plan", Plan("north's"), tenant="north")
        await uow.put(PLAN, "south-plan", Plan("south's"), tenant="south")
        await uow.put(RULE, "north-rule", Plan("north's"), tenant="north")
        await uow.put(ARTICLE, "article", Article("for all"))
        await uow.commit()
    yield store
    await store.close()


async def visible(store: EntityStore, claims: Claims | None) -> set[str]:
    """Everything these claims reach, by every way of reading, none of which says whose rows it wants."""
    found: list[set[str]] = []
    keys = ["ada-note", "bob-note", "north-plan", "south-plan", "north-rule", "article"]
    kinds: tuple[EntityType[Any], ...] = (NOTE, PLAN, RULE, ARTICLE)
    async with store.unit_of_work(claims) as uow:
        found.append({item.key.pk for kind in kinds for item in (await uow.query(kind)).items})
        found.append({pk for kind in kinds for pk in await uow.get_many(kind, keys)})
        found.append({pk for kind in kinds for pk in keys if await uow.get(kind, pk)})
    assert found[0] == found[1] == found[2]
    return found[0]


async def test_each_sees_their_own_and_what_is_everyones(store: EntityStore) -> None:
    assert await visible(store, ADA) == {"ada-note", "north-plan", "north-rule", "article"}
    assert await visible(store, BOB) == {"bob-note", "north-plan", "north-rule", "article"}
    assert await visible(store, CYD) == {"south-plan", "article"}
    assert await visible(store, STRAY) == {"article"}
    assert await visible(store, None) == {"article"}


async def test_rows_without_owner_or_tenant_are_not_those_of_people_without_them(store: EntityStore) -> None:
    async with store.system_unit_of_work("test") as uow:
        with pytest.raises(ValueError, match="whose"):
            await uow.put(NOTE, "nobody", Note("x"))
        with pytest.raises(ValueError, match="whose"):
            await uow.put(PLAN, "nobody", Plan("x"), owner="ada")


async def test_the_system_sees_everything_for_a_reason(store: EntityStore) -> None:
    async with store.system_unit_of_work("report") as uow:
        assert {item.key.pk for item in (await uow.query(NOTE)).items} == {"ada-note", "bob-note"}
    with pytest.raises(ValueError, match="reason"):
        store.system_unit_of_work(" ")


async def test_anothers_row_cannot_be_changed_or_deleted_or_told_apart(store: EntityStore) -> None:
    async with store.unit_of_work(ADA) as uow:
        for version in (None, 0, 1, 2):
            with pytest.raises(ConflictError) as put:
                await uow.put(NOTE, "bob-note", Note("mine now"), version=version)
            with pytest.raises(ConflictError) as delete:
                await uow.delete(NOTE, "bob-note", version=version)
            assert put.value.current is None
            assert delete.value.current is None
    async with store.unit_of_work(BOB) as uow:
        stored = await uow.get(NOTE, "bob-note")
    assert stored is not None
    assert (stored.entity, stored.version) == (Note("bob's"), 1)


async def test_anothers_tombstone_cannot_be_taken_over(store: EntityStore) -> None:
    async with store.unit_of_work(BOB) as uow:
        await uow.delete(NOTE, "bob-note")
        await uow.commit()
    async with store.unit_of_work(ADA) as uow:
        with pytest.raises(ConflictError):
            await uow.put(NOTE, "bob-note", Note("mine now"))


async def test_the_statement_itself_refuses_anothers_row(store: EntityStore) -> None:
    # Behind the check in put stands the predicate in the UPDATE: a row that changed hands is not overwritten, whatever
    # its version says.
    async with store.unit_of_work(ADA) as uow:
        await uow.get(NOTE, "ada-note")
        await uow.put(NOTE, "ada-note", Note("new"))
        await store.system_database("test").write(
            [Statement("UPDATE entities SET owner = 'bob' WHERE pk = 'ada-note'", expect=1)]
        )
        with pytest.raises(ConflictError) as caught:
            await uow.commit()
    assert caught.value.current is None


async def test_a_person_cannot_say_whose_a_row_is(store: EntityStore) -> None:
    async with store.unit_of_work(ADA) as uow:
        with pytest.raises(ValueError, match="follow from the claims"):
            await uow.put(NOTE, "n1", Note("forged"), owner="bob")
        with pytest.raises(ValueError, match="follow from the claims"):
            await uow.put(NOTE, "n1", Note("forged"), tenant="south")


async def test_last_modified_by_and_owner_follow_from_the_claims(store: EntityStore) -> None:
    async with store.unit_of_work(BOB) as uow:
        await uow.get(PLAN, "north-plan")
        await uow.put(PLAN, "north-plan", Plan("changed"))
        await uow.put(PLAN, "bobs-plan", Plan("new"))
        await uow.commit()
    async with store.unit_of_work(ADA) as uow:
        await uow.get(PLAN, "bobs-plan")
        await uow.put(PLAN, "bobs-plan", Plan("ada was here"))
        await uow.commit()
    async with store.unit_of_work(BOB) as uow:
        north, bobs = await uow.get(PLAN, "north-plan"), await uow.get(PLAN, "bobs-plan")
    assert north is not None
    assert bobs is not None
    assert (north.last_modified_by, north.owner, north.tenant) == ("bob", None, "north")
    assert (bobs.last_modified_by, bobs.owner, bobs.tenant) == ("ada", "bob", "north")


async def test_a_row_the_system_changes_keeps_its_owner_and_says_who_it_was(store: EntityStore) -> None:
    async with store.system_unit_of_work("repair") as uow:
        await uow.get(NOTE, "ada-note")
        await uow.put(NOTE, "ada-note", Note("repaired"))
        await uow.commit()
    async with store.unit_of_work(ADA) as uow:
        stored = await uow.get(NOTE, "ada-note")
    assert stored is not None
    assert (stored.owner, stored.tenant, stored.last_modified_by) == ("ada", "north", "system:repair")


@pytest.mark.parametrize("claims", [ADA, STRAY, None])
async def test_writing_what_is_everyones_takes_the_role_and_a_refusal_is_on_record(
    store: EntityStore, claims: Claims | None
) -> None:
    async with store.unit_of_work(claims) as uow:
        with pytest.raises(AccessRefused):
            await uow.put(ARTICLE, "article", Article("defaced"), version=1)
        with pytest.raises(AccessRefused):
            await uow.delete(ARTICLE, "article")
    rows = await store.database.read("SELECT actor, action, outcome, version FROM audit ORDER BY seq DESC LIMIT 2")
    actor = claims.sub if claims else "anonymous"
    assert rows == [(actor, "delete", "refused", None), (actor, "put", "refused", None)]


async def test_a_writer_may(store: EntityStore) -> None:
    async with store.unit_of_work(EDITOR) as uow:
        await uow.put(ARTICLE, "article", Article("edited"), version=1)
        await uow.commit()


async def test_a_tenants_rows_with_writers_take_the_role_within_the_tenant(store: EntityStore) -> None:
    async with store.unit_of_work(ADA) as uow:
        with pytest.raises(AccessRefused):
            await uow.put(RULE, "north-rule", Plan("x"), version=1)
    async with store.unit_of_work(person("max", "manager", tenant="south")) as uow:
        with pytest.raises(ConflictError):
            await uow.put(RULE, "north-rule", Plan("x"), version=1)
    async with store.unit_of_work(person("mia", "manager", tenant="north")) as uow:
        await uow.put(RULE, "north-rule", Plan("x"), version=1)
        await uow.commit()


async def test_who_has_no_tenant_writes_no_tenants_rows(store: EntityStore) -> None:
    async with store.unit_of_work(STRAY) as uow:
        with pytest.raises(AccessRefused):
            await uow.put(PLAN, "p", Plan("x"))


async def test_nobody_writes_anything_without_signing_in(store: EntityStore) -> None:
    async with store.unit_of_work(None) as uow:
        with pytest.raises(AccessRefused):
            await uow.put(NOTE, "n", Note("x"))


@pytest.mark.parametrize("reach", [Reach.OWNER, Reach.TENANT])
def test_who_is_nobody_reaches_nobodys_rows_neither_by_statement_nor_by_hand(reach: Reach) -> None:
    nobody, parameters = Access.of(None), Parameters()
    assert not nobody.reaches(reach, Whose())
    assert (nobody.predicate(reach, parameters), parameters.values) == ("FALSE", [])


async def test_the_system_may_hand_a_row_over(store: EntityStore) -> None:
    async with store.system_unit_of_work("hand over") as uow:
        await uow.put(NOTE, "ada-note", Note("a gift"), version=1, owner="bob")
        await uow.commit()
    async with store.unit_of_work(ADA) as uow:
        assert await uow.get(NOTE, "ada-note") is None
    async with store.unit_of_work(BOB) as uow:
        assert await uow.get(NOTE, "ada-note") is not None


@pytest.mark.parametrize("name", ["", "Note", "a b", "no'te", "1a"])
def test_an_unfit_discriminator_does_not_start(name: str) -> None:
    with pytest.raises(DeclarationError):
        EntityType(name, Note)


def test_writers_of_owned_rows_do_not_start() -> None:
    with pytest.raises(DeclarationError):
        EntityType("note", Note, reach=Reach.OWNER, writers=frozenset({"x"}))
