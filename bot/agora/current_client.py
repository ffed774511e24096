"""Today's endpoints for one account."""

from collections.abc import Collection, Sequence
from typing import NoReturn, Unpack

from bot.agora import current, current_calls, insights, realtime
from bot.agora.answers import CallsAnswer, FreezeBucket, Share, TimedValue, UserValue
from bot.agora.asking import Asker
from bot.agora.call_rows import calls_answer
from bot.agora.client import USAGE_METRICS, checked_usage
from bot.agora.current_details import read_details
from bot.agora.errors import EndpointGone
from bot.agora.exchange import Exchange, Opening
from bot.agora.minutes import Audience
from bot.agora.pages import newest_calls
from bot.agora.profile import asked_metrics, profile
from bot.agora.retry import NEXT_POLL_READS_AGAIN
from bot.agora.wire import Envelope
from bot.model.call import Call, CallDetails, CallSearch, Series, Session
from bot.model.catalog import Feed
from bot.model.observation import MetricPoint
from bot.model.project import Dialect, Project
from bot.model.time import Window
from bot.model.usage import UsageDay

SPARE_REQUESTS = 20


class CurrentClient:
    """Agora's Analytics API of today as one account sees it. Safe to use from several threads.

    All methods raise AgoraError; PlanLacksEndpoint for what ``plan`` does not include, without a request.
    Windows are cut to what is readable, as those of AgoraClient are. Metrics of projects bear the model's
    names, and all rates are percent, 0 to 100.
    """

    def __init__(self, plan: str, **keywords: Unpack[Opening]) -> None:
        exchange = Exchange.opened(**keywords)
        self._asker = Asker(exchange=exchange, profile=profile(Dialect.CURRENT, plan))
        self._audience = Audience()

    def calls(
        self, project: Project, window: Window, cname: str | None = None, *, at_most: int = 30
    ) -> CallSearch:
        """Return the newest calls that ran within ``window``, in pages of 100 until there are enough.

        ``complete`` speaks of as many days as the plan keeps. When a later request fails, the calls found
        until then are returned as not complete.
        """
        endpoint = self._asker.endpoint("call/lists")

        def read(part: Window, page_no: int) -> current.Page[Call]:
            page, _ = self._asker.ask(
                endpoint,
                project,
                part,
                lambda answer: current.call_page(answer, page_no),
                {"cname": cname, "page_no": page_no, "page_size": current.PAGE_SIZE},
            )
            return page

        return newest_calls(read, self._asker.pieces(endpoint, window), window, cname, at_most)

    def all_calls(self, project: Project, window: Window, *, requests: int) -> CallsAnswer:
        """Return every call that ran within ``window``, the newest where more ``requests`` were needed.

        Raise AgoraError when any of them fails: a poll must know what it read.
        """
        endpoint = self._asker.endpoint("call/lists")

        def read(part: Window, page_no: int) -> current.Page[Call]:
            extra = {"page_no": page_no, "page_size": current.PAGE_SIZE}

            def parse(answer: Envelope) -> current.Page[Call]:
                return current.call_page(answer, page_no)

            return self._asker.ask(endpoint, project, part, parse, extra, NEXT_POLL_READS_AGAIN)[0]

        at_most = current.PAGE_SIZE * requests
        pieces = self._asker.pieces(endpoint, window)
        return calls_answer(newest_calls(read, pieces, window, None, at_most, answers=requests), window)

    def details(
        self, project: Project, call: Call, *, spare: int = SPARE_REQUESTS, for_people: bool = True
    ) -> CallDetails:
        """Return the users of a call with their series, of its newest eight windows of the plan's span.

        ``spare`` requests may be spent on further users beyond one page of sessions and twenty sessions'
        metrics in each window. Raise TooFresh while the call is younger than the plan's delay.
        """
        asker = self._asker if for_people else self._asker.for_nobody()

        def pages(part: Window, page_no: int) -> current.Page[Session]:
            return current_calls.ask_page(asker, project, call, part, page_no, ())

        def metrics(part: Window, sids: Sequence[str]) -> tuple[Series, ...]:
            return current_calls.ask_series(asker, project, call, part, sids)

        windows = current_calls.windows_of(self._asker, call)
        return read_details(call, windows, pages, metrics, spare=spare)

    def sessions(self, project: Project, call: Call, uids: Sequence[str] = ()) -> tuple[Session, ...]:
        """Return the sessions of a call, or those of some users, newest join first, without their series."""
        return current_calls.all_sessions(self._asker, project, call, uids)

    def statistics(self, project: Project, call: Call, metric: str, dimension: str) -> tuple[Share, ...]:
        """Return a freeze rate of the newest part of a call for each country, network, device and the like.

        ``metric`` is audio_freeze_rate or video_freeze_rate.
        """
        return current_calls.ask_statistics(self._asker, project, call, metric, dimension)

    def freeze_buckets(self, project: Project, call: Call, metric: str) -> tuple[FreezeBucket, ...]:
        """Return how many users had which freeze rate in the newest part of a call, lowest rates first."""
        return current_calls.ask_buckets(self._asker, project, call, metric)

    def statistics_over_time(self, project: Project, call: Call, metric: str) -> tuple[TimedValue, ...]:
        """Return a rate or a count of the newest part of a call per minute, in order of time, with gaps."""
        return current_calls.ask_over_time(self._asker, project, call, metric)

    def usage(
        self, project: Project, window: Window, metrics: Sequence[str] = USAGE_METRICS
    ) -> tuple[UsageDay, ...]:
        """Return what was used in the days of ``window`` that are complete, oldest first."""
        return insights.read_usage(self._asker, project, window, checked_usage(metrics))

    def usage_series(
        self, project: Project, window: Window, metric: str, granularity: str = "1d"
    ) -> tuple[TimedValue, ...]:
        """Return one usage metric, by Agora's name, per day ("1d") or hour ("1h"), oldest first."""
        return insights.read_series(self._asker, project, window, metric, granularity, None)

    def quality(
        self, project: Project, window: Window, metric: str, product: str, granularity: str = "1d"
    ) -> tuple[TimedValue, ...]:
        """Return one rate of one product per day ("1d") or hour ("1h"), oldest first."""
        realtime.rate_name(metric)
        return insights.read_series(self._asker, project, window, metric, granularity, product)

    def aggregation(
        self,
        project: Project,
        window: Window,
        metric: str,
        dimension: str | None = None,
        *,
        values: Sequence[str] = (),
        country: str | None = None,
    ) -> tuple[Share, ...]:
        """Return a usage metric or a rate over the newest days of ``window``: as a whole, or in parts."""
        return insights.read_aggregation(self._asker, project, window, metric, dimension, values, country)

    def live(
        self, project: Project, feed: Feed, window: Window, metrics: Collection[str] | None = None
    ) -> tuple[MetricPoint, ...]:
        """Return metrics of SCALE, EXPERIENCE or NET (all, or those named) per minute, sorted by both.

        Each metric takes a request for each product of the project. A minute that Agora left out is absent,
        as is one that was not over when the answer ends.
        """
        names = asked_metrics(Dialect.CURRENT, feed, metrics)
        return tuple(
            point
            for name in sorted(names)
            for point in realtime.read_minutes(self._asker, self._audience, project, name, window)
        )

    def people(
        self,
        project: Project,
        window: Window,
        cname: str,
        uids: Sequence[str],
        *,
        metric: str,
        product: str,
    ) -> tuple[UserValue, ...]:
        """Return a rate of single users of a channel per 20 s, sorted by user and time."""
        return realtime.read_people(self._asker, project, window, cname, uids, metric, product)

    def top20(
        self, project: Project, window: Window, metric: str, product: str, dimension: str
    ) -> tuple[Share, ...]:
        """Return the top parts of the project by ``dimension``, in the newest 20 s of ``window``."""
        return realtime.read_top(self._asker, project, window, metric, product, dimension)

    def diagnosis(self, project: Project, window: Window) -> NoReturn:
        """Raise EndpointGone: today's API tells nobody who suffered and why."""
        account = self._asker.exchange.credentials.account
        raise EndpointGone(
            account=account, endpoint="live/diagnosis", detail="today's API has no live diagnosis"
        )

    def close(self) -> None:
        """Close all connections."""
        self._asker.exchange.transport.close()
