"""What people are told of calls, where Agora answers for some projects only."""

from bot.agora import AgoraError, QuotaExhausted
from bot.config import default_folder
from bot.flows.access import Access
from bot.flows.answer import Desk, list_calls
from bot.flows.question import CallQuestion
from bot.model.call import Call, CallDetails, CallSearch
from bot.model.project import Project
from bot.model.time import DAY_S, Window
from bot.render import Renderer
from bot.store import Database
from tests.conftest import T0

SPENT = QuotaExhausted(account="us", endpoint="call/lists", resets_at=T0)
LESSON = Call(call_id="call0001", cname="lesson", started_at=T0 - 600, ended_at=T0 - 60)


class Agora:
    """Answers every search alike: with calls, or not at all."""

    def __init__(self, answer: tuple[Call, ...] | AgoraError) -> None:
        self._answer = answer

    def calls(
        self, project: Project, window: Window, cname: str | None = None, *, at_most: int = 30
    ) -> CallSearch:
        if isinstance(self._answer, AgoraError):
            raise self._answer
        return CallSearch(calls=self._answer, complete=True)

    def details(self, project: Project, call: Call) -> CallDetails:
        raise NotImplementedError


def told(database: Database, **answers: tuple[Call, ...] | AgoraError) -> str:
    """Return the answer to a search in two projects of each account."""
    desk = Desk(
        database=database,
        clients={account: Agora(answer) for account, answer in answers.items()},
        projects=tuple(
            Project(name=f"{account}{n}", app_id=f"{account}{n}", account=account)
            for account in answers
            for n in (1, 2)
        ),
        kept_s=7 * DAY_S,
        events_kept_s=30 * 86_400,
        renderer=Renderer(default_folder("templates")),
        now=lambda: T0,
        wall=lambda: T0,
        access=Access(members=lambda _group: frozenset()),
        blind=lambda _rules: {},
        book=lambda: None,
        say=lambda channel, message, ts: None,
        whisper=lambda channel, user, message, ts: None,
    )
    window = Window(start=T0 - DAY_S, end=T0)
    return str(list_calls(desk, CallQuestion(cname="lesson", window=window)))


def test_a_failing_account_is_named_where_another_has_calls(sqlite: Database) -> None:
    answer = told(sqlite, eu=(LESSON,), us=SPENT)
    assert "call0001" in answer
    assert answer.count("Not searched: us1, us2: ") == 1
    assert "At least" in answer


def test_nothing_is_named_where_every_account_answers(sqlite: Database) -> None:
    assert "Not searched" not in told(sqlite, eu=(LESSON,), us=())


def test_an_empty_answer_says_how_long_the_plan_keeps_calls(sqlite: Database) -> None:
    assert "keeps calls for 7 days" in told(sqlite, eu=())
