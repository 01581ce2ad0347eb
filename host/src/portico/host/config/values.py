"""Numbers and files in settings. Each is refused with a sentence that says what to write."""

from __future__ import annotations

from collections.abc import Mapping

from portico.host.config.limits import Rates
from portico.host.errors import ConfigurationError
from portico.manifest.imd import ImdSettings, InvalidImdSettings


def entry_budget(environment: Mapping[str, str]) -> int | None:
    """Return the size budget of apps without one of their own; raises ConfigurationError for what is none."""
    text = environment.get("PORTICO_ENTRY_BUDGET_KB", "")
    if text and not (text.isascii() and text.isdigit() and len(text) <= 6 and 0 < int(text) <= 100_000):
        raise ConfigurationError(f"PORTICO_ENTRY_BUDGET_KB must be 1 to 100000 (kilobytes), not {text!r}")
    return int(text) if text else None


def imd_settings(environment: Mapping[str, str]) -> ImdSettings | None:
    """Return the settings of the file that PORTICO_IMD names; raises ConfigurationError with every fault."""
    try:
        return ImdSettings.from_environment(environment)
    except InvalidImdSettings as error:
        raise ConfigurationError(f"PORTICO_IMD: {error}") from error


def whole_number(environment: Mapping[str, str], key: str, *, default: int, unit: str) -> int:
    """Return a positive whole number of some unit; raises ConfigurationError for what is none."""
    text = environment.get(key, "") or str(default)
    if not (text.isascii() and text.isdigit() and len(text) <= 12) or int(text) == 0:
        raise ConfigurationError(f"{key} is {text!r}; write a number of {unit}, for example {default}")
    return int(text)


def audit_days(environment: Mapping[str, str]) -> int:
    """For how many days the audit is kept, 0 for ever; raises ConfigurationError for less than a month."""
    text = environment.get("PORTICO_AUDIT_DAYS", "") or "0"
    if not (text.isascii() and text.isdigit() and len(text) <= 6) or 0 < int(text) < 30:
        raise ConfigurationError(f"PORTICO_AUDIT_DAYS is {text!r}; write a number of days, 30 or more, or 0 for ever")
    return int(text)


def rates(environment: Mapping[str, str]) -> Rates:
    """How often may be called; raises ConfigurationError."""
    usual = Rates()
    return Rates(
        person=_rate(environment, "PORTICO_RATE_PERSON", usual.person),
        address=_rate(environment, "PORTICO_RATE_ADDRESS", usual.address),
        sign_in=_rate(environment, "PORTICO_RATE_SIGN_IN", usual.sign_in),
    )


def _rate(environment: Mapping[str, str], key: str, default: int) -> int:
    text = environment.get(key, "") or str(default)
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise ConfigurationError(f"{key} is {text!r}; write calls per minute, for example {default}, or 0 for no limit")
    return int(text)
