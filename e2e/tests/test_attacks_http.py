"""Every line of the attack suite that needs no browser, against one running platform."""

from __future__ import annotations

import pytest

from e2e.attacks.__main__ import REFERENCE, written
from e2e.attacks.attack import Attack
from e2e.attacks.table import ATTACKS
from e2e.attacks.world import AttackWorld


def test_what_is_refused_below_is_allowed_to_its_owner(attack_platform: AttackWorld) -> None:
    """The control: a person's own calls reach both services. Without it, refusals would show nothing."""
    assert attack_platform.mounted().status_code == 200
    assert attack_platform.remote().json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize("attack", ATTACKS, ids=[attack.name for attack in ATTACKS])
def test_attack(attack_platform: AttackWorld, attack: Attack) -> None:
    """It is refused as its line says, has done nothing, and the platform is as ready as before."""
    attack.run(attack_platform)


def test_the_reference_lists_every_line() -> None:
    """`python -m e2e.attacks` writes it."""
    current = REFERENCE.read_text()
    assert current == written(current)


def test_no_two_lines_have_one_name() -> None:
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS)
