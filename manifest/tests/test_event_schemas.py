"""Schemas of messages: what is not taken is refused with its place, and what is said to fit does fit."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from portico.manifest.contracts.containment import unfit
from portico.manifest.contracts.event_schema import EventSchema, read_event_schema

THING: dict[str, Any] = {
    "type": "object",
    "required": ["id", "count"],
    "properties": {"id": {"type": "string"}, "count": {"type": "integer", "minimum": 1}},
    "additionalProperties": False,
}


def schema(document: Any) -> EventSchema:
    return read_event_schema(json.dumps(document))


def compared(sent: Any, taken: Any) -> list[str]:
    return unfit(schema(sent), schema(taken))


def thing(**changes: Any) -> dict[str, Any]:
    return THING | changes


PROPERTIES: dict[str, Any] = THING["properties"]
TREE = {"type": "object", "properties": {"below": {"type": "array", "items": {"$ref": "#/$defs/tree"}}}}


@pytest.mark.parametrize(
    ("sent", "taken"),
    [
        (THING, THING),
        (THING, {}),
        (thing(properties=PROPERTIES | {"note": {"type": "string"}}), {**THING, "additionalProperties": True}),
        (THING, thing(required=["id"], properties=PROPERTIES | {"note": {"type": "string"}})),
        ({"type": "integer"}, {"type": "number"}),
        ({"enum": ["a", "b"]}, {"type": "string", "maxLength": 1}),
        ({"type": "boolean"}, {"enum": [True, False, None]}),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, {"type": ["null", "string", "number"]}),
        ({"type": ["string", "null"]}, {"anyOf": [{"type": "null"}, {"type": "string"}]}),
        ({"type": "string", "pattern": "^a"}, {"pattern": "^a"}),
        ({"exclusiveMinimum": 1, "type": "number"}, {"minimum": 1}),
        ({"$ref": "#/$defs/tree", "$defs": {"tree": TREE}}, {"$ref": "#/$defs/tree", "$defs": {"tree": TREE}}),
    ],
)
def test_what_fits_is_let_through(sent: Any, taken: Any) -> None:
    assert compared(sent, taken) == []


@pytest.mark.parametrize(
    ("sent", "taken", "why"),
    [
        (thing(required=["id"]), THING, "the data may be without 'count', which is required"),
        (thing(properties=PROPERTIES | {"id": {"type": "integer"}}), THING, "'id' of the data may be integer"),
        (thing(properties=PROPERTIES | {"count": {"type": "number", "minimum": 1}}), THING, "may be number"),
        (thing(properties=PROPERTIES | {"count": {"type": "integer"}}), THING, "may be smaller"),
        (thing(properties=PROPERTIES | {"note": {}}), THING, "'note' of the data must not be there"),
        (thing(additionalProperties=True), THING, "any other member of the data must not be there"),
        (
            thing(additionalProperties=True),
            {"type": "object", "properties": {"note": {"type": "string"}}},
            "does not name it, and lets others through",
        ),
        ({"enum": ["a", "bb"]}, {"enum": ["a"]}, "may be 'bb', which is not taken"),
        ({"type": "string"}, {"enum": ["a"]}, "only certain values are taken"),
        ({"type": "string"}, {"pattern": "^a"}, "must match '^a'"),
        ({"const": "aaa"}, {"pattern": "^a"}, "may be 'aaa'"),
        ({"type": ["string", "null"]}, {"type": "string"}, "the data may be null"),
        ({"type": "array", "items": {}}, {"type": "array", "items": {"type": "string"}}, "each item of the data"),
        ({"type": "array"}, {"type": "array", "maxItems": 3}, "longer than maxItems 3"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, {"type": "string"}, "may be null"),
        ({}, {"anyOf": [{"type": "string"}, {"type": "null"}]}, "fits no schema of anyOf"),
        (
            {"$ref": "#/$defs/tree", "$defs": {"tree": TREE}},
            {"type": "object", "properties": {"below": {"items": {"properties": {"below": False}}}}},
            "must not be there",
        ),
    ],
)
def test_what_does_not_fit_is_said(sent: Any, taken: Any, why: str) -> None:
    assert any(why in reason for reason in compared(sent, taken)), compared(sent, taken)


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ([], "must be an object"),
        ({"oneOf": [{}]}, "/oneOf: the keyword 'oneOf' cannot be compared"),
        ({"properties": {"a": {"not": {}}}}, "/properties/a/not: the keyword 'not'"),
        ({"type": "text"}, "/type: 'text' is not valid"),
        ({"$ref": "https://shop.test/x.json"}, "is not #/$defs/<name>"),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}}, "leads back to itself"),
        ({"$ref": "#/$defs/a", "type": "object", "$defs": {"a": {}}}, "'type' stands beside $ref"),
        ({"properties": {"a": {"$id": "https://shop.test/a"}}}, "/properties/a/$id: $id stands at the top"),
    ],
)
def test_a_schema_that_cannot_be_compared_is_refused_with_its_place(document: Any, why: str) -> None:
    with pytest.raises(ValueError, match=r".") as refusal:
        schema(document)
    assert why in str(refusal.value)


def test_numbers_that_are_none_and_deep_nesting_are_refused() -> None:
    deep: Any = {}
    for _ in range(200):
        deep = {"items": deep}
    for text, why in (('{"minimum": NaN}', "NaN"), (json.dumps(deep), "levels"), ("[" * 60_000, "too deep")):
        with pytest.raises(ValueError, match=why):
            read_event_schema(text)


def test_an_endless_choice_ends_in_a_refusal() -> None:
    endless = {"$ref": "#/$defs/a", "$defs": {"a": {"anyOf": [{"$ref": "#/$defs/a"}]}}}
    with pytest.raises(ValueError, match="too long to compare"):
        compared(endless, {"type": "string"})


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.5, 1.0, "", "a", "bb", "ccc"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)
TYPES = st.sampled_from(["array", "boolean", "integer", "null", "number", "object", "string"])


def objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    names = st.lists(st.sampled_from("abc"), unique=True, max_size=2)
    return st.fixed_dictionaries(
        {"type": st.just("object")},
        optional={
            "properties": st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
            "required": names,
            "additionalProperties": inner,
            "minProperties": st.integers(0, 2),
        },
    )


SIMPLE: st.SearchStrategy[Any] = (
    st.booleans()
    | st.fixed_dictionaries({"enum": st.lists(VALUES, min_size=1, max_size=3)})
    | st.fixed_dictionaries(
        {"type": TYPES | st.lists(TYPES, unique=True, min_size=1, max_size=3)},
        optional={
            "minimum": st.integers(-2, 2),
            "exclusiveMaximum": st.integers(-2, 2),
            "minLength": st.integers(0, 2),
            "maxLength": st.integers(0, 2),
            "maxItems": st.integers(0, 2),
        },
    )
)
SCHEMAS: st.SearchStrategy[Any] = st.recursive(
    SIMPLE,
    lambda inner: (
        objects(inner)
        | st.fixed_dictionaries({"type": st.just("array"), "items": inner})
        | st.fixed_dictionaries(
            {"anyOf": st.lists(inner, min_size=1, max_size=3)}, optional={"type": TYPES, "maxLength": st.just(1)}
        )
    ),
    max_leaves=6,
).map(lambda part: part if isinstance(part, dict) else {"anyOf": [part]})


LOOSE = SIMPLE.map(lambda part: {"anyOf": [part, {"type": ["null", "string"]}]})


@settings(max_examples=400, deadline=None)
@given(
    sent=SCHEMAS,
    taken=SCHEMAS | SIMPLE.map(lambda part: {"anyOf": [part, {"type": ["null", "string"]}]}),
    values=st.lists(VALUES, min_size=20, max_size=20),
)
def test_when_nothing_is_found_every_value_that_is_sent_is_taken(sent: Any, taken: Any, values: list[Any]) -> None:
    """Soundness, by jsonschema as the oracle."""
    if not compared(sent, taken):
        for value in values:
            if Draft202012Validator(sent).is_valid(value):
                assert Draft202012Validator(taken).is_valid(value), (sent, taken, value)


def doubling(levels: int, last: Any) -> dict[str, Any]:
    """Alternatives within alternatives: a value is held against ``last`` twice as often with each level."""
    twice = {f"d{level}": {"anyOf": [{"$ref": f"#/$defs/d{level + 1}"}] * 2} for level in range(levels)}
    return {"$defs": {**twice, f"d{levels}": last}}


def deep(levels: int) -> Any:
    return {"a": deep(levels - 1)} if levels else "x"


NESTING = {"type": "object", "properties": {"a": {"anyOf": [{"$ref": "#/$defs/a"}] * 2}, "b": False}, "required": ["b"]}


@pytest.mark.parametrize(
    ("sent", "taken"),
    [
        ({"const": "x"}, {"$ref": "#/$defs/d0", **doubling(60, {"type": "number"})}),
        ({"enum": ["x"], "anyOf": [{"$ref": "#/$defs/d0"}], **doubling(60, {"type": "number"})}, {"type": "null"}),
        ({"const": deep(40)}, {"$ref": "#/$defs/a", "$defs": {"a": NESTING}}),
        ({"type": "string"}, {"$ref": "#/$defs/d0", **doubling(60, {"type": "number"})}),
    ],
)
def test_a_small_schema_cannot_ask_for_years_of_work(sent: Any, taken: Any) -> None:
    with pytest.raises(ValueError, match="takes too long to compare"):
        compared(sent, taken)


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ({"description": "x" * 65_536}, "longer than 65536 characters"),
        ({"required": [f"r{number}" for number in range(1_001)]}, "more than 1000 values"),
        ({"pattern": "a{99999999999999999999}"}, "a pattern that cannot be read"),
    ],
)
def test_a_schema_that_is_too_much_is_refused_when_it_is_read(document: Any, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        schema(document)
