"""The page of `make bench-diagnosis`."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.diagnosis import figures as f
from benchmarks.diagnosis.score import Outcome
from benchmarks.diagnosis.trial import Result, flat
from benchmarks.diagnosis.world import CLASSES, LENGTHS_S, SEVERITIES, SIZES


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """All that was run: the held-out calls with baselines, and the others."""

    heldout: Sequence[Result]
    calibration: Sequence[Result]
    doubted: Sequence[Result]
    swapped: Sequence[Result]
    variants: Mapping[str, Sequence[Result]]
    starts: Mapping[str, int]
    speed: Sequence[tuple[str, str]]


def page(ran: Ran) -> str:
    """Return the page."""
    ours = flat(ran.heldout)
    return TEXT.format(
        starts=", ".join(f"{name} {start}" for name, start in ran.starts.items()),
        calls=len(ran.heldout),
        targets=_targets(ours),
        baselines=_baselines(ran.heldout, ours),
        classes=_classes(ours),
        strata=_strata(ours),
        reliability=_reliability(ours),
        ece=f.calibration_error(ours),
        ece_calibration=f.calibration_error(flat(ran.calibration)),
        events=_changed(ran.heldout, ours),
        variants=_variants(ran.variants),
        doubts=_doubts(ran.doubted, ran.swapped),
        mistakes=_mistakes(ours),
        speed=_table(("What", "Measured"), ran.speed),
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(cells) + " |" for cells in (head, ["---"] * len(head), *rows)]
    return "\n".join(lines)


def _targets(ours: Sequence[Outcome]) -> str:
    right = [one for one in ours if f.faulty(one) and one.top1]
    onset, end = ([one.onset_s for one in right], [one.end_s for one in right])
    onset_50, onset_90 = f.quantiles(onset, (0.5, 0.9))
    (end_90,) = f.quantiles(end, (0.9,))
    iou = sum(one.iou for one in right) / max(len(right), 1)
    clean = [one for one in ours if one.fault is None]
    rows = [
        ("Cause and person, 3 users or more, medium and severe", f.of(ours, f.many, f.top1), "0.90"),
        ("the same among the first three", f.of(ours, f.many, f.top3), "0.97"),
        ("Person or side only, same calls", f.of(ours, f.many, f.person), "0.96"),
        ("Cause and person, 2 users", f.of(ours, f.two, f.top1), "0.70"),
        ("Wrong person, 2 users", f.of(ours, f.two, f.wrong), "at most 0.10"),
        ("Cause and person, 3 users or more, mild", f.of(ours, f.mild, f.top1), "0.75"),
        ("Clean calls with any incident", f.share(one.found for one in clean), "at most 0.02"),
        ("Clean calls in which somebody is accused", f.share(map(f.wrong, clean)), "at most 0.02"),
        ("Wrong person, all calls", f.of(ours, f.faulty, f.wrong), "at most 0.08"),
        ("Wrong person where Confirmed", f.of(ours, f.confirmed, f.wrong), "at most 0.03"),
        ("Confirmed and right", f.of(ours, lambda o: f.confirmed(o) and o.fault is not None, f.top1), "0.95"),
        ("Onset error, median and 90 %", f"{onset_50:.1f} s, {onset_90:.1f} s", "4 s, 10 s"),
        ("End error, 90 %", f"{end_90:.1f} s", "20 s"),
        ("Overlap of interval and truth (IoU), mean", f"{iou:.2f}", "0.7"),
    ]
    return _table(("What", "Measured (95 % interval)", "Target"), rows)


def _baselines(results: Sequence[Result], ours: Sequence[Outcome]) -> str:
    rows = [("**agora-bot**", *_row(ours))]
    for name in results[0].theirs:
        rows.append((name, *_row([one for result in results for one in result.theirs[name]])))
    head = ("Who", "Cause and person, N >= 3", "Person, N >= 3", "N = 2", "Clean calls without an incident")
    return _table(head, rows)


def _row(found: Sequence[Outcome]) -> tuple[str, str, str, str]:
    return (
        f.of(found, f.many, f.top1),
        f.of(found, f.many, f.person),
        f.of(found, f.two, f.top1),
        f.share(not one.found for one in found if one.fault is None),
    )


def _classes(ours: Sequence[Outcome]) -> str:
    rows = []
    for label in (one for one in CLASSES if one != "clean"):
        mine = [one for one in ours if one.scene.label == label]
        more = [one for one in mine if one.scene.users > 2]
        rows.append(
            (
                f"`{label}`",
                f.share(one.top1 for one in more if one.scene.severity != "mild"),
                f.share(one.top1 for one in more if one.scene.severity == "mild"),
                f.share(one.top1 for one in mine if one.scene.users == 2),
                f.share(one.found for one in mine),
            )
        )
    return _table(("Class", "N >= 3, medium and severe", "N >= 3, mild", "N = 2", "Found at all"), rows)


def _strata(ours: Sequence[Outcome]) -> str:
    single = [one for one in ours if f.faulty(one)]
    strata: list[tuple[str, list[Outcome]]] = [
        *((f"{n} users", [one for one in single if one.scene.users == n]) for n in SIZES),
        *((name, [one for one in single if one.scene.severity == name]) for name in SEVERITIES),
        *((f"{length} s", [one for one in single if one.scene.length_s == length]) for length in LENGTHS_S),
        ("audio only", [one for one in single if one.scene.audio_only]),
        ("with video", [one for one in single if not one.scene.audio_only]),
    ]
    rows = [(name, f.share(map(f.top1, found))) for name, found in strata]
    return _table(("Stratum", "Cause and person, one fault"), rows)


def _reliability(ours: Sequence[Outcome]) -> str:
    rows = []
    for low, high, name in (
        (0.0, 0.35, "Undetermined"),
        (0.35, 0.6, "Possible"),
        (0.6, 0.85, "Likely"),
        (0.85, 1.01, "Confirmed"),
    ):
        mine = [o for o in ours if o.found and o.fault is not None and low <= o.confidence < high]
        said = f"{sum(o.confidence for o in mine) / len(mine):.2f}" if mine else "-"
        rows.append((name, said, f.share(map(f.top1, mine)), f.share(map(f.wrong, mine))))
    return _table(("Band", "Confidence said", "Right", "Wrong person"), rows)


def _changed(results: Sequence[Result], ours: Sequence[Outcome]) -> str:
    rows = [("withheld (all figures above)", f.of(ours, f.many, f.top1), f.of(ours, f.two, f.top1))]
    for name in results[0].changed:
        found = [one for result in results for one in result.changed[name]]
        rows.append((name, f.of(found, f.many, f.top1), f.of(found, f.two, f.top1)))
    return _table(("Events", "N >= 3, medium and severe", "N = 2"), rows)


def _variants(variants: Mapping[str, Sequence[Result]]) -> str:
    rows = []
    for name, results in variants.items():
        found = flat(results)
        rows.append((name, f.of(found, f.many, f.top1), f.of(found, f.many, f.person)))
    return _table(("Told", "Cause and person, N >= 3", "Person"), rows)


def _doubts(doubted: Sequence[Result], swapped: Sequence[Result]) -> str:
    ours = flat(doubted)
    rows = []
    for name in ("uids permuted", "all times shifted", "a healthy user more"):
        held = [result.held[name] for result in doubted if name in result.held]
        rows.append((name, "the answer stays the same", f.share(held)))
    rows.append(
        ("side swapped", "cause and person right on the other side", f.of(flat(swapped), f.many, f.top1))
    )
    rows.append(("nothing", "cause and person right", f.of(ours, f.many, f.top1)))
    for name in doubted[0].changed:
        found = [one for result in doubted for one in result.changed[name]]
        rows.append((name, "cause and person right", f.of(found, f.many, f.top1)))
    return _table(("Change", "What must hold", "Share"), rows)


def _mistakes(ours: Sequence[Outcome]) -> str:
    wrong = Counter(
        (one.scene.label, one.said or "nothing") for one in ours if f.faulty(one) and not one.top1
    )
    rows = [(f"`{truth}`", f"`{said}`", str(count)) for (truth, said), count in wrong.most_common(12)]
    return _table(("Truth", "Said", "Calls"), rows)


TEXT = """# How well causes are found

Written by `make bench-diagnosis`; do not edit. This is the development benchmark: its calls come from a
simulator of our own (`benchmarks/diagnosis/`: links with queues, lost packets and their repair, rate control,
frames, screens), which shares no number with the doctor. It finds regressions and blind spots; it does not
prove quality, because the same people wrote both. Real calls have not been measured.

The {calls} calls below are held out: their losses and capacities come from another family of processes than
those of the calls on which confidences were calibrated. Diagnosis events are withheld but where a table says
otherwise. Start values of the generators: {starts}. Figures are shares with 95 % intervals.

## Against the targets

{targets}

## Beside other ways, on the same calls

{baselines}

## By cause

{classes}

## By stratum

{strata}

## Does a confidence mean what it says?

Mean gap between confidence and truth (ECE, ten bins): {ece:.3f} here, {ece_calibration:.3f} on the
calibration calls. The target is 0.05.

{reliability}

## With Agora's events

{events}

## What the reference leaves open

The same held-out scenes, told in one way each. The worst line counts.

{variants}

## Tests against self-deception

{doubts}

## Most frequent mistakes

{mistakes}

## Speed

{speed}
"""
