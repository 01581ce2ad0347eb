from pathlib import Path

from courier_bff.schema import create_schema

COMMITTED = Path(__file__).parents[1] / "schema.graphql"


def test_the_committed_schema_is_the_one_that_is_served() -> None:
    assert COMMITTED.read_text() == create_schema().as_str() + "\n", "write it anew: python -m tools.schemas"
