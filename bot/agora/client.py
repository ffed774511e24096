"""The seven endpoints of 2019 for one account."""

from collections.abc import Collection, Sequence
from typing import Unpack

from bot.agora import beta
from bot.agora.answers import CallsAnswer, DiagnosisAnswer
from bot.agora.beta_details import read_details
from bot.agora.call_rows import calls_answer
from bot.agora.exchange import Exchange, Opening, Question
from bot.agora.merge import span_of
from bot.agora.pieces import pieces
from bot.agora.plan_beta import CALL_DETAILS, CALL_LISTS, ENDPOINTS, INSIGHT_USAGE, LIVE_DIAGNOSIS
from bot.agora.profile import asked_metrics
from bot.agora.retry import NEXT_POLL_READS_AGAIN, NOBODY_WAITS, PEOPLE_WAIT
from bot.agora.walk import walk_back
from bot.model.call import Call, CallDetails, CallSearch
from bot.model.catalog import Feed
from bot.model.observation import MetricPoint
from bot.model.project import Dialect, Project
from bot.model.time import Window
from bot.model.usage import UsageDay

SPARE_REQUESTS = 6
"""At a request a second, people wait that much longer for a call of more than ten users."""
USAGE_METRICS = ("userCount", "sessionCount", "channelCount")


def checked_usage(metrics: Sequence[str]) -> Sequence[str]:
    """Return ``metrics``; raise ValueError for none and for unknown ones."""
    unknown = set(metrics).difference(USAGE_METRICS)
    if unknown or not metrics:
        raise ValueError(f"usage metrics are {', '.join(USAGE_METRICS)}, not {sorted(unknown)}")
    return metrics


class AgoraClient:
    """Agora's Analytics API as one account sees it. Safe to use from several threads.

    All methods raise AgoraError. Nothing is sent for a window in which Agora has no data yet (TooFresh) or
    none any more (WindowRejected); a window that is readable in part is cut to that part.
    """

    def __init__(self, **keywords: Unpack[Opening]) -> None:
        self._exchange = Exchange.opened(**keywords)

    def calls(
        self, project: Project, window: Window, cname: str | None = None, *, at_most: int = 30
    ) -> CallSearch:
        """Return the newest calls that ran within ``window``, read in as many requests as it takes.

        ``complete`` speaks of the last three days: Agora keeps no more. When a later request fails, the
        calls found until then are returned as not complete.
        """
        extra = {"cname": cname} if cname is not None else {}

        def read(part: Window) -> beta.CallPage:
            return self._exchange.ask(
                Question(endpoint=CALL_LISTS, app_id=project.app_id, window=part, extra=extra),
                beta.call_page,
            )

        return walk_back(read, window, cname, at_most)

    def all_calls(self, project: Project, window: Window, *, requests: int) -> CallsAnswer:
        """Return every call that ran within ``window``, the newest where more ``requests`` were needed.

        Raise AgoraError when any of them fails: a poll must know what it read.
        """

        def read(part: Window) -> beta.CallPage:
            question = Question(
                endpoint=CALL_LISTS, app_id=project.app_id, window=part, patience=NEXT_POLL_READS_AGAIN
            )
            return self._exchange.ask(question, beta.call_page)

        return calls_answer(
            walk_back(read, window, None, beta.ROWS_AT_MOST * requests, answers=requests), window
        )

    def details(
        self, project: Project, call: Call, *, spare: int = SPARE_REQUESTS, for_people: bool = True
    ) -> CallDetails:
        """Return the users of a call with their series, of its newest 24 readable hours.

        An answer holds ten users of three hours: longer calls take a request for each three hours, and up to
        ``spare`` requests go to looking for users beyond ten. Raise TooFresh while the call is younger than
        about 150 s.
        """

        def read(part: Window) -> CallDetails:
            question = Question(
                endpoint=CALL_DETAILS,
                app_id=project.app_id,
                window=part,
                extra={"call_id": call.call_id},
                patience=PEOPLE_WAIT if for_people else NOBODY_WAITS,
            )
            return self._exchange.ask(question, lambda answer: beta.call_details(answer, call))

        now = self._exchange.now()
        windows = pieces(CALL_DETAILS, span_of(call, now), now)
        return read_details(call, windows, read, spare=spare)

    def usage(
        self, project: Project, window: Window, metrics: Sequence[str] = USAGE_METRICS
    ) -> tuple[UsageDay, ...]:
        """Return what was used in the UTC days of ``window`` that are complete, oldest first."""
        extra = {"metric": ",".join(checked_usage(metrics))}
        question = Question(endpoint=INSIGHT_USAGE, app_id=project.app_id, window=window, extra=extra)
        return self._exchange.ask(question, beta.usage_days)

    def live(
        self, project: Project, feed: Feed, window: Window, metrics: Collection[str] | None = None
    ) -> tuple[MetricPoint, ...]:
        """Return metrics of SCALE, EXPERIENCE or NET (all, or those named) per minute, sorted by both.

        Rates are percent. A minute that Agora left out is absent.
        """
        names = asked_metrics(Dialect.BETA, feed, metrics)
        if not names:
            return ()
        question = Question(
            endpoint=ENDPOINTS[f"live/{feed.value}"],
            app_id=project.app_id,
            window=window,
            extra={"metric": ",".join(names)},
            patience=NEXT_POLL_READS_AGAIN,
        )
        return self._exchange.ask(question, beta.metric_points)

    def diagnosis(self, project: Project, window: Window) -> DiagnosisAnswer:
        """Return who suffered and why, at most ten events; Agora does not say which ten it picks."""
        question = Question(
            endpoint=LIVE_DIAGNOSIS,
            app_id=project.app_id,
            window=window,
            patience=NEXT_POLL_READS_AGAIN,
        )
        return self._exchange.ask(question, beta.diagnosis_answer)

    def close(self) -> None:
        """Close all connections."""
        self._exchange.transport.close()
