"""A million diagnosis events through twenty rules on causes, from columns and from the database."""

from benchmarks.rules.causes import BEGINS, Stream, cause_rules
from benchmarks.rules.measure import Cost, Stopwatch
from bot.flows.replay import Needs, Replay
from bot.model.observation import Observations
from bot.model.time import HOUR_S


def from_columns(events: int) -> tuple[Cost, int]:
    """Return the cost of judging so many events, without that of making them, and how often it fired."""
    stream, judging, making = Stream(events=events), Stopwatch(), Stopwatch()

    def read(needs: Needs) -> Observations:
        with making:
            return stream.read(needs)

    replay = Replay(cause_rules(), read, piece_s=6 * HOUR_S)
    with judging:
        replay.advance(BEGINS, stream.end)
    cost = judging.cost()
    own = Cost(cpu_s=cost.cpu_s - making.cpu_s, wall_s=cost.wall_s - making.wall_s, peak_mib=cost.peak_mib)
    return own, len(replay.episodes())
