"""What an incident says of its alerts."""

from dataclasses import replace

import pytest

from bot.render.alert_words import began_at
from tests.store.test_alerts import ALERT


@pytest.mark.parametrize(
    ("lives", "expected"),
    [
        pytest.param([(0, 60, None)], 0, id="one that fires"),
        pytest.param([(0, 60, 300)], 0, id="one that is over"),
        pytest.param([(0, 60, 300), (240, 300, None)], 0, id="one that fires as the other ends"),
        pytest.param([(0, 60, 300), (900, 960, None)], 900, id="a second episode"),
        pytest.param([(900, 960, None), (0, 60, 300)], 900, id="in any order"),
        pytest.param([(0, 60, 300), (900, 960, 1200), (840, 1000, None)], 840, id="the earlier of two"),
        pytest.param([(0, 60, 3000), (100, 160, 200), (1000, 1060, None)], 0, id="one lasts through"),
    ],
)
def test_the_present_episode_begins_with_its_first_alert(
    lives: list[tuple[int, int, int | None]], expected: int
) -> None:
    held = [replace(ALERT, active_at=at, fired_at=fired, resolved_at=over) for at, fired, over in lives]
    assert began_at(held) == expected
