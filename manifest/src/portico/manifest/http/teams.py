"""What requests about who may deploy have in common: teams, apps, labels."""

import re
from typing import Annotated

import msgspec
from starlette.requests import Request

from portico.problem import Problem

TEAM = r"^[a-z0-9][a-z0-9-]{0,62}$(?!\n)"
"""What stands after ``@`` in an app's name. Python's ``$`` alone lets a line feed follow."""
APP = r"^[a-z][a-z0-9-]{0,62}$(?!\n)"

Label = Annotated[str, msgspec.Meta(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$(?!\n)")]
"""A text that lists and the history show."""
TeamName = Annotated[str, msgspec.Meta(pattern=TEAM)]
TeamOrEvery = Annotated[str, msgspec.Meta(pattern=rf"{TEAM}|^\*$")]
"""A team, or ``*`` for every team."""
AppName = Annotated[str, msgspec.Meta(pattern=APP)]


def team_of(request: Request) -> str:
    """Return the team in the path; raises a 404 problem for what cannot be one."""
    team: str = request.path_params["team"]
    if not re.fullmatch(TEAM, team):
        raise Problem.not_found(f"{team[:80]!r} cannot be a team's name.")
    return team
