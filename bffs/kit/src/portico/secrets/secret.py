"""A text that is to be used, and not to be shown."""

from __future__ import annotations


class Secret(str):
    """A secret as text: what uses it gets the text, what describes it gets a mask.

    A log line, an error's report with local variables, or a settings object in an assertion shows `repr`, so that says
    nothing here. Formatting with `str` or an f-string gives the text, because that is how a header or a URL is made.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        """Say that there is a secret, not which."""
        return "Secret('')" if not self else "Secret('***')"
