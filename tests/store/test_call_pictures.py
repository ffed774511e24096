"""Pictures of calls in the database: the last one of a call, for a day."""

from bot.store import Database, call_pictures
from tests.conftest import T0


def test_the_last_picture_of_a_call_is_kept_until_it_is_forgotten(database: Database) -> None:
    with database.transaction() as tx:
        for png in (b"\x00first", b"\x00second"):
            call_pictures.save(tx, "p", "c1", png, T0)
        call_pictures.save(tx, "p", "c2", b"new", T0 + 60)
        assert call_pictures.get(tx, "p", "c1") == b"\x00second"
        assert call_pictures.get(tx, "q", "c1") is None
        call_pictures.forget_before(tx, T0 + 1)
        assert [call_pictures.get(tx, "p", call) for call in ("c1", "c2")] == [None, b"new"]
