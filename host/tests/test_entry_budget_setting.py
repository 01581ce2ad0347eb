"""The operator's size budget is a setting, and one that is none is refused by its name."""

import pytest

from portico.host.config import entry_budget
from portico.host.errors import ConfigurationError


@pytest.mark.parametrize(("text", "budget"), [(None, None), ("", None), ("1", 1), ("120", 120), ("100000", 100_000)])
def test_a_budget_is_kilobytes_or_none(text: str | None, budget: int | None) -> None:
    assert entry_budget({} if text is None else {"PORTICO_ENTRY_BUDGET_KB": text}) == budget


@pytest.mark.parametrize("text", ["0", "-1", "100001", "1.5", "120kB", "1" * 20, "\u0661"])
def test_what_is_no_budget_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="PORTICO_ENTRY_BUDGET_KB"):
        entry_budget({"PORTICO_ENTRY_BUDGET_KB": text})
