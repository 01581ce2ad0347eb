"""The contract that the micro-app is built against, and deployed with, is what this BFF serves."""

from pathlib import Path

from menu_bff.contract import contract

KEPT = Path(__file__).parents[3] / "microapps/menu/schemas/openapi.json"


def test_the_contract_is_what_is_served() -> None:
    """Write it anew: `python -m menu_bff.contract > microapps/menu/schemas/openapi.json`, then `portico types`."""
    assert KEPT.read_text() == contract()
