"""A diagnosis as text for terminals: what, who, when, whose side, how sure, on what evidence, what to do."""

from collections.abc import Iterator

from bot.model.diagnosis import Band, Cause, CauseKind, Diagnosis, Trouble
from bot.render import words

SHOWN = 5
_BANDS = {
    Band.CONFIRMED: "confirmed",
    Band.LIKELY: "likely",
    Band.POSSIBLE: "possible",
    Band.UNDETERMINED: "undetermined",
}


def as_text(name: str, found: Diagnosis) -> str:
    """Return the diagnosis of the call ``name`` in lines; times are UTC."""
    return "\n".join(_lines(name, found)) + "\n"


def _lines(name: str, found: Diagnosis) -> Iterator[str]:
    verdict = found.verdict.value.replace("_", " ").upper()
    span = f", {words.utc(found.start)} to {words.utc(found.end, '%H:%M:%S')} UTC" if found.end else ""
    users = f", {words.count(len(found.users), 'user')}" if found.users else ""
    yield f"{verdict} {words.clean(name, 200)}{span}{users}"
    yield f"  {words.clean(found.headline)}"
    for trouble in found.incidents[:SHOWN]:
        yield from _trouble(trouble)
    if len(found.incidents) > SHOWN:
        yield f"  and {len(found.incidents) - SHOWN} more"
    if found.events:
        kinds = dict.fromkeys(one.kind.value.replace("_", " ") for one in found.events)
        yield f"  No faults: {len(found.events)} events ({', '.join(kinds)})"
    yield f"  Read so: {'; '.join(words.clean(line) for line in found.assumptions)}"


def _trouble(one: Trouble) -> Iterator[str]:
    start, end = words.utc(one.start, "%H:%M:%S"), words.utc(one.end, "%H:%M:%S")
    worst = f", worst 20 s {one.worst:.0f} % bad" if one.worst is not None else ""
    pairs = f", {words.count(len(one.pairs), 'stream')}" if one.pairs else ""
    yield f"  {start} to {end}: {one.media.value}, {one.scope.value}{pairs}{worst}"
    first, *others = one.causes
    yield f"    {_cause(first)}"
    for evidence in first.evidence:
        yield f"      for: {words.clean(evidence.text)}"
    for line in first.against:
        yield f"      against: {words.clean(line)}"
    if first.missing:
        yield f"      missing: {'; '.join(words.clean(line) for line in first.missing)}"
    if first.agora_agrees is not None:
        yield f"      Agora's own diagnosis {'agrees' if first.agora_agrees else 'says otherwise'}"
    if others:
        yield f"    else: {', '.join(map(_cause, others))}"
    yield f"    do: {words.clean(one.next_step)}"


def _cause(one: Cause) -> str:
    who = f" at {words.clean(one.uid, 40)}" if one.uid else ""
    kind = one.kind.value.replace("_", " ")
    if one.kind is CauseKind.UNDETERMINED:
        return f"cause {kind}"
    return f"{kind}{who}, {100 * one.confidence:.0f} %, {_BANDS[one.band]}"
