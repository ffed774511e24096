"""What was said in the local Slack, compared with what had to be told."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks.delivery.story import Told

Said = Mapping[str, Any]
"""A message as ``SlackSimulator.messages`` shows it."""
_KINDS = {
    "Fires again": "reopening",
    "Severity rose": "rose",
    "Resolved after": "resolved",
}


def differences(channel: str, said: Sequence[Said], to_tell: Told) -> list[str]:
    """Return what is missing, doubled, out of order or not up to date in a channel, in words."""
    by_key: dict[str, list[Said]] = defaultdict(list)
    for message in said:
        metadata = message["metadata"] or {}
        if metadata.get("event_type") == "agora_bot_incident":
            by_key[metadata["event_payload"]["incident"]].append(message)
    found = []
    told: Told = {project: [] for project in to_tell}
    for key, messages in sorted(by_key.items(), key=_number):
        roots = [m for m in messages if m["text"].startswith("[") or key.startswith("storm-")]
        if len(roots) != 1:
            found.append(f"{channel}: {key} has {len(roots)} first messages")
        elif not key.startswith("storm-"):
            place = re.search(r" in (p\d+)", roots[0]["text"])
            kinds = list(_kinds(messages))
            told[place[1] if place else "?"].append(kinds)
            if not roots[0]["text"].startswith("[RESOLVED]"):
                found.append(f"{channel}: the first message of {key} still says {roots[0]['text']!r}")
    for project, incidents in to_tell.items():
        if told[project] != incidents:
            found.append(f"{channel}: {project} was told {told[project]} instead of {incidents}")
    return found


def _number(conversation: tuple[str, list[Said]]) -> int:
    """Return the number of an incident: a later one may be told first, where the first try of an earlier
    one failed."""
    number = conversation[0].partition("-")[0]
    return int(number) if number.isdigit() else 0


def _kinds(messages: Sequence[Said]) -> Iterator[str]:
    for message in sorted(messages, key=lambda m: float(m["ts"])):
        text = message["text"]
        words = text.partition(": ")[2]
        known = [kind for start, kind in _KINDS.items() if words.startswith(start)]
        yield "opening" if text.startswith("[") else known[0] if known else text
