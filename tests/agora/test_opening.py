"""One door to both dialects."""

import pytest

from bot.agora import AgoraClient, CurrentClient, open_client

from .conftest import opening


@pytest.mark.parametrize(
    ("spoken", "kind"),
    [
        (("beta",), AgoraClient),
        (("beta", "premium"), AgoraClient),
        (("current", "standard"), CurrentClient),
        (("current", "enterprise"), CurrentClient),
    ],
)
def test_the_dialect_decides_on_the_client(agora, clock, ledger, outcomes, spoken, kind):
    client = open_client(*spoken, **opening(agora, clock, ledger, outcomes))
    assert type(client) is kind
    client.close()


@pytest.mark.parametrize("spoken", [("2019",), ("current",), ("current", "starter")])
def test_other_names_are_refused(agora, clock, ledger, outcomes, spoken):
    with pytest.raises(ValueError, match=r"valid|needs a plan"):
        open_client(*spoken, **opening(agora, clock, ledger, outcomes))
