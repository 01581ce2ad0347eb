"""How rules are declared: their patterns, their names, and what they ask the hub for."""

import pytest

from bffs.kit.tests.listener_world import remembering
from portico.bff import Listener, ReceivedEvent, UnitOfWork
from portico.bff.errors import DeclarationError
from portico.bff.intake import consumers
from portico.bff.patterns import covering, matches


@pytest.mark.parametrize("pattern", ["thing", "Thing.changed", "", "thing.", "thing.>", "thing.ch*", "a b.c"])
def test_a_pattern_that_could_match_nothing_is_refused(pattern: str) -> None:
    with pytest.raises(DeclarationError):
        Listener().on(pattern, id="t1")


def test_ids_of_rules_are_names_and_used_once() -> None:
    listener = remembering()
    for id_ in ("t1", "", "T 1", "a.b"):
        with pytest.raises(DeclarationError):
            listener.on("thing.changed", id=id_)


def test_a_star_is_one_whole_part() -> None:
    assert matches("thing.*", "thing.changed")
    assert not matches("thing.*", "thing.changed.twice")
    assert not matches("thing.*", "things.changed")
    assert matches("*.changed", "thing.changed")


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["a.b", "a.c"], ("a.b", "a.c")),
        (["a.b", "a.*", "a.b"], ("a.*",)),
        (["a.*", "*.b"], ("*.*",)),
        (["a.b", "a.b.c"], ("a.b", "a.b.c")),
        (["a.*.c", "a.b.*", "x.y"], ("a.*.*", "x.y")),
        (["a.*", "*.b", "c.d", "c.d.e"], ("*.*", "c.d.e")),
    ],
)
def test_filters_never_overlap_for_the_hub_refuses_that(patterns: list[str], expected: tuple[str, ...]) -> None:
    assert covering(patterns) == expected


def test_other_rules_have_other_consumers() -> None:
    one, two = remembering(), remembering()

    @two.on("thing.*", id="t2")
    async def more(event: ReceivedEvent, uow: UnitOfWork) -> None: ...

    names = [{consumer.name for consumer in consumers(listener, "notes")} for listener in (one, remembering(), two)]
    assert names[0] == names[1]
    assert names[0].isdisjoint(names[2])
    assert len(names[0]) == 8
    assert consumers(two, "notes")[3].subjects == ("evt.*.*.thing.*.3",)
