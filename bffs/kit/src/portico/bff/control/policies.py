"""How many rules of a decision table may apply to one case (hit policies of DMN 1.5, section 8.2.8)."""

from enum import Enum


class Hit(Enum):
    """Which of the rules that hold counts."""

    UNIQUE = "unique"
    """There is exactly one; a table in which two could hold is refused."""
    FIRST = "first"
    """The first in the order of the table; a rule that could never be the first is refused."""
