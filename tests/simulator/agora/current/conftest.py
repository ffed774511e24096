"""Today's API under the largest plan."""

from typing import Any

import pytest


@pytest.fixture
def today(simulated: Any) -> Any:
    """Return the simulator and its client."""
    return simulated(plan="enterprise")
