"""Answer ``/agora-rules``: what is judged and how it stands, why it fired or not, pause and resume."""

from bot.flows.answer import Desk
from bot.flows.explain_stored import Unexplained, explained
from bot.flows.question import Unclear
from bot.flows.rule_words import condition_words
from bot.flows.typed import as_typed, first_word, nearest
from bot.model.audit import Asker, AuditEntry
from bot.model.message import Message
from bot.model.pause import Pause
from bot.model.rule_state import RuleState
from bot.model.time import DAY_S, MINUTE_S
from bot.rules import Rule, RuleSet
from bot.rules.duration import seconds
from bot.store import alerts, audit, rule_pauses

USAGE = (
    "Usage: `/agora-rules`, `/agora-rules explain VideoFreezeHigh`, "
    "`/agora-rules pause VideoFreezeHigh 2h why`, `/agora-rules resume VideoFreezeHigh`"
)
PAUSE_MOST_S = 30 * DAY_S
REASON_MAX = 300


def answer(desk: Desk, text: str, asker: Asker) -> Message:
    """Do what ``text`` asks and return what was done; raise Unclear or Forbidden."""
    verb, rest = first_word(as_typed(text))
    match verb.lower():
        case "" | "list":
            return _listing(desk)
        case "explain":
            return _explanation(desk, rest)
        case "pause":
            return _paused(desk, rest, asker)
        case "resume":
            return _resumed(desk, rest, asker)
        case other:
            meant = nearest(other, ("list", "explain", "pause", "resume"))
            raise Unclear(f"I do not know how to “{verb[:40]}” rules.{meant}", USAGE)


def _listing(desk: Desk) -> Message:
    rules, now = _rules(desk), desk.now()
    with desk.database.reading() as tx:
        pauses = rule_pauses.lasting(tx, now)
        judged = alerts.judged(tx, [project.name for project in desk.projects])
        firing = alerts.firing_by_name(tx)
    blind = desk.blind(rules)
    states = [
        RuleState(
            name=rule.name,
            severity=rule.severity,
            asks=condition_words(rule),
            enabled=rule.enabled,
            pause=pauses.get(rule.name),
            blind=blind.get(rule.name, ""),
            judged_until=judged.get(rule.name),
            firing=firing.get(rule.name, 0),
        )
        for rule in rules.rules
    ]
    return desk.renderer.rules(states, now=int(now))


def _explanation(desk: Desk, words: str) -> Message:
    name, rest = first_word(words)
    rules = _rules(desk)
    rule = _rule(rules, name)
    labels = _labels(rest)
    project = labels.pop("project", None)
    try:
        found = explained(desk.database, rules, rule.name, project=project, labels=labels, at=None)
    except Unexplained as why:
        hint = f"For example `/agora-rules explain {rule.name} project=school-eu cname=lesson-7b`."
        raise Unclear(f"I cannot explain that: {why}.", hint) from None
    return desk.renderer.explanation(found)


def _paused(desk: Desk, words: str, asker: Asker) -> Message:
    name, rest = first_word(words)
    span, reason = first_word(rest)
    rule = _rule(_rules(desk), name)
    try:
        lasting = seconds(span)
    except ValueError as wrong:
        raise Unclear(f"{wrong}.", USAGE) from None
    if not MINUTE_S <= lasting <= PAUSE_MOST_S:
        raise Unclear("A rule can be paused for a minute to 30 days.", "For good: `enabled: false`.")
    if not reason or len(reason) > REASON_MAX:
        raise Unclear("Why? Whoever misses the alert will want to know: write a sentence.", USAGE)
    desk.access.may_act(asker)
    now = int(desk.now())
    pause = Pause(alert=rule.name, starts_at=now, ends_at=now + lasting, author=asker.user, reason=reason)
    with desk.database.transaction() as tx:
        rule_pauses.save(tx, pause)
        audit.add(
            tx, AuditEntry(at=now, asker=asker, deed="pause rule", about=f"{rule.name} {span}: {reason}")
        )
    return desk.renderer.notice(
        f"{rule.name} is paused; what fires of it is closed at the next look.",
        f"This time is not judged later. `/agora-rules resume {rule.name}` ends the pause early.",
    )


def _resumed(desk: Desk, words: str, asker: Asker) -> Message:
    name, rest = first_word(words)
    rule = _rule(_rules(desk), name)
    if rest:
        raise Unclear(f"“{rest[:80]}” is more than `resume` needs.", USAGE)
    desk.access.may_act(asker)
    now = int(desk.now())
    with desk.database.transaction() as tx:
        if not rule_pauses.end(tx, rule.name, now):
            raise Unclear(f"{rule.name} is not paused.", "`/agora-rules` shows what is.")
        audit.add(tx, AuditEntry(at=now, asker=asker, deed="resume rule", about=rule.name))
    return desk.renderer.notice(f"{rule.name} is judged again from now on.")


def _rules(desk: Desk) -> RuleSet:
    book = desk.book()
    if book is None:
        raise Unclear("I have no good rules to show.", "`agora-bot rules check` says what is wrong.")
    return book.rules


def _rule(rules: RuleSet, name: str) -> Rule:
    by_name = {rule.name.lower(): rule for rule in rules.rules}
    rule = by_name.get(name.lower())
    if rule is not None:
        return rule
    if not name:
        raise Unclear("Which rule? Its name is missing.", USAGE)
    meant = nearest(name, (rule.name for rule in rules.rules))
    raise Unclear(f"There is no rule “{name[:80]}”.{meant}", "`/agora-rules` lists them.")


def _labels(words: str) -> dict[str, str]:
    found = dict[str, str]()
    for word in words.split():
        name, equals, value = word.partition("=")
        if not name or not equals:
            raise Unclear(f"“{word[:80]}” is no label.", "Write it like `cname=lesson-7b`.")
        found[name] = value.strip('"')
    return found
