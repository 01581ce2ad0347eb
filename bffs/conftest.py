"""Fixtures of the tests of all BFFs."""

from __future__ import annotations

import pytest

from portico.bff.testing.contracts import EventContracts


@pytest.fixture(autouse=True)
def _contracts_are_kept(event_contracts: EventContracts) -> None:
    """What a service says of itself in any test is as its schemas promise. Services without schemas are not asked."""
