import pytest

from fulfilment_bff.app import accept_minutes
from portico.bff import SettingsError


def test_a_restaurant_has_a_quarter_of_an_hour_unless_the_settings_say_otherwise() -> None:
    assert accept_minutes({}) == 15
    assert accept_minutes({"FULFILMENT_ACCEPT_MINUTES": " 3 "}) == 3
    assert accept_minutes({"FULFILMENT_ACCEPT_MINUTES": "0.05"}) == 0.05


@pytest.mark.parametrize("value", ["0", "0.00", "-1", ".5", "1e2", "inf", "soon", "1440.01", "99999999999", "٣"])
def test_what_is_no_number_of_minutes_is_refused_with_its_name(value: str) -> None:
    with pytest.raises(SettingsError, match=r"FULFILMENT_ACCEPT_MINUTES is .* from 0\.01 to 1440"):
        accept_minutes({"FULFILMENT_ACCEPT_MINUTES": value})
