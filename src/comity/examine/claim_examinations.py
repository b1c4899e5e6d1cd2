"""Tests of claims that ask other examinations: what is needed, whose supply, what it would cost.

Each answers with the examination's own words. Where the examination says "not known", the claim
is undecidable from open data, and what it misses is what would decide it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from math import inf, sqrt

from comity.charters import names
from comity.core.charter import Charter
from comity.errors import UsageError
from comity.evidence import Figure
from comity.evidence.places import memberships
from comity.examine.burden import need_of
from comity.examine.claim_set import Case, Record, Result, Verdict, charter_of, decide, ends_of
from comity.examine.cohesion import MEASURES
from comity.examine.dependence import dependence, supply
from comity.examine.finding import Source
from comity.examine.guarantee import Guarantee
from comity.examine.guarantee_report import report
from comity.examine.mustering import Standing, assumed, ready
from comity.examine.needs import published
from comity.examine.potential import quantity
from comity.examine.rounding import words as rounded
from comity.examine.services import Services
from comity.examine.setting import Setting, Trial, together
from comity.examine.suppliers import code

OPEN: Verdict = "undecidable from open data"
_STANDS: Mapping[Standing, Verdict] = {
    "holds": "supported",
    "fails": "not supported",
    "not known": OPEN,
}
_Z = 1.645
"""Half the width of a range from the 5th to the 95th percentile, in standard deviations."""


def _cited(charter: Charter, *keys: str) -> tuple[Source, ...]:
    found = (charter.sources[key] for key in keys if key in charter.sources)
    return tuple(Source(s.id, s.title, s.publisher, s.where, s.date) for s in found)


def _too_early(case: Case, words: str) -> Result | None:
    """Answer where the charter that a test asks is later than the day."""
    if case.known_on >= case.charter.dated:
        return None
    day = case.charter.dated.isoformat()
    return Result(
        OPEN, words, f"the charter it asks is of {day}, later than that day",
        decides=("a charter as it stood on that day",),
    )  # fmt: skip


# Adequacy


def _needs_met(case: Case) -> Result:
    """Ask whether members bring what a published set says is needed, money left out."""
    asked = case.test["requirement"]
    words = f"members bring what {asked} counts, line by line, money left out"
    early = _too_early(case, words)
    if early:
        return early
    needs = published(case.evidence, asked)
    rows = [r.figure for r in case.evidence.requirements(asked)]
    late = {f.id for f in rows if f.known_from > case.known_on}
    lines = tuple(x for x in needs.lines if x.basis != "money" and x.id not in late)
    if not lines:
        why = f"{asked} was not yet published then"
        return Result(OPEN, words, why, decides=("a published need, line by line",))
    who = tuple(m for m, each in case.charter.members.items() if each.belongs(case.known_on))
    given = assumed(case.charter, who, lines, case.evidence)
    found = ready(case.charter, replace(needs, lines=lines), who, given).muster()
    counts = {
        "hold": sum(x.answer == "holds" for x in found.lines),
        "fail": sum(x.answer == "fails" for x in found.lines),
        "are not comparable: the need is for more than there is, and only plain holdings stand "
        "against it": sum(x.answer == "not comparable" for x in found.lines),
        "have nothing known that counts": sum(x.answer == "not known" for x in found.lines),
    }
    why = f"of {len(lines)} lines " + "; ".join(f"{n} {what}" for what, n in counts.items() if n)
    undecided = [x.line.name.replace("_", " ") for x in found.lines if x.standing == "not known"]
    return Result(
        _STANDS[found.standing],
        words,
        why,
        aside=tuple(case.evidence.show(x.id) for x in lines),
        decides=(
            "pledges, or holdings declared uncommitted, for " + ", ".join(undecided),
        ) if undecided else (),
    )  # fmt: skip


def _replacing(case: Case) -> Result:
    """Ask whether equipment of an older origin is named, and what replacing it would need."""
    member, origin = case.test["member"], case.test["origin"]
    words = "equipment of that origin is named, and a published need counts its replacement"
    text = case.evidence.military_text(member).get("equipment", "")
    one = code(member, text)
    if origin not in one.legacy:
        why = f"the words on {case.evidence.name(member)}'s equipment name none of it"
        wanted = () if text else ("words on its equipment",)
        return Result("not supported" if text else OPEN, words, why, decides=wanted)
    asked = [
        r.figure for r in case.evidence.requirements()
        if case.test["need"] in r.item and r.figure.known_from <= case.known_on
    ]  # fmt: skip
    if asked:
        said = "; ".join(f"{f.subject}: {quantity(f)}" for f in asked)
        return Result("supported", words, said, tuple(asked))
    beside = len(one.suppliers) + len(one.groups) + one.domestic
    why = f"it is named, beside {beside} other sources, without numbers; "
    why += "no published set in the evidence counts what would replace it"
    return Result(OPEN, words, why, decides=tuple(case.test["decides"]))


# Dependence


def _supply_without(case: Case) -> Result:
    """Ask what is known of supply if one supplier stops, by the words on equipment."""
    supplier = case.test["supplier"]
    who = case.evidence.name(supplier)
    words = (
        f"all members whose equipment is described name no source but {who} (then supply fails); "
        "none names it (then it holds); in between, shares decide"
    )
    early = _too_early(case, words)
    if early:
        return early
    charter, day = case.charter, case.known_on
    none = Services("none", "declared", {})
    found = dependence(
        charter, evidence=case.evidence, supplier=supplier, services=none, on=day
    )  # fmt: skip
    stop, read = found.stop(supplier), sum(c.known for c in found.coded)
    count = {kind: len(members) for kind, members in stop.by.items()}
    bare, unclear = count.get("no other named", 0), count.get("may be meant", 0)
    verdict: Verdict = OPEN
    if read and bare == read:
        verdict = "supported"
    elif read == len(found.members) and not stop.naming and not unclear:
        verdict = "not supported"
    why = (
        f"{len(stop.naming)} of {read} name {who}; {bare or 'none'} of them no other source, "
        f"{count.get('only unnamed or home', 0)} only unnamed ones or their own making beside it"
    )
    for name, duty in charter.obligations.items():
        told = supply(
            charter, name, evidence=case.evidence, lost_suppliers=frozenset({supplier}), on=day
        )
        if told.standing == "fails":
            why += f". Beside equipment, {duty.title}: {told.why}"
    return Result(
        verdict,
        words,
        why,
        decides=tuple(case.test["decides"]) if verdict == OPEN else (),
        sources=found.finding().sources,
    )


# Burden


def _cost(case: Case) -> Result:
    """Ask whether a year of a published cost is more than a stated part of a year's effort."""
    asked, measure = case.test["need"], case.test["effort"]
    above, years = case.test["above"], case.test.get("years", 1)
    effort = case.total(measure, case.members)
    title = case.evidence.measure(measure).title.lower()
    over = f", spread over {years} years," if years > 1 else ""
    words = f"a year of it{over} costs more than {above} % of the members' {title} in a year"
    if asked not in {r.figure.subject for r in case.evidence.requirements()}:
        why = f"the evidence has no published total of {asked.replace('_', ' ')}"
        return Result(OPEN, words, why, decides=tuple(case.test["decides"]))
    try:
        need = need_of(asked, case.evidence, known_on=case.known_on)
    except UsageError as error:
        return Result(OPEN, words, error.what, decides=("the total, once it is published",))
    bounds = ends_of(effort)
    if bounds is None or need.currency != "US$" or effort.unit != "US$" or need.figure is None:
        why = f"{need.amount} cannot be set against {quantity(effort)}"
        return Result(OPEN, words, why, decides=("both in one currency",))
    partial = "excludes" in need.basis
    low, _, high = (float(end) * 1e9 / years for end in need.ends)
    least = 0.0 if bounds[1] == inf else 100 * low / bounds[1]
    most = inf if partial else 100 * high / bounds[0]
    verdict = decide(least > above, most > above)
    why = f"{need.amount}{over} against {quantity(effort)} a year"
    why += f"; the source's figure is {need.basis}" if partial else ""
    if effort.missing:
        why += f"; no figure for {case.names(effort.missing)}"
    return Result(
        verdict,
        words,
        why,
        (need.figure,),
        (effort,),
        decides=tuple(case.test["decides"]) if verdict == OPEN else (),
    )


# Charters, rules, and the record


def _no_other_body(case: Case) -> Result:
    """Ask whether some other shipped charter already seats all members."""
    words = "none of the other charters shipped seats all members, so none could decide for all"
    early = _too_early(case, words)
    if early:
        return early
    charter, day = case.charter, case.known_on
    here = {m.code for m in charter.members.values() if m.belongs(day)}
    seated = []
    for name in names():
        other = charter_of(name)
        if name != charter.id:
            there = {m.code for m in other.members.values() if m.belongs(day)}
            seated.append((len(here & there), other.name))
    seated.sort(reverse=True)
    full = any(count == len(here) for count, _ in seated)
    organ = charter.organ(case.test["organ"])
    rules = [charter.rules[r] for r in (*organ.rules, *organ.candidates)]
    written = sum(rule.grounds == "text" for rule in rules)
    why = f"of {len(here)}: " + ", ".join(f"{name} {count}" for count, name in seated)
    why += f". For {organ.name} the charter has {len(organ.rules)} rules and "
    why += f"{len(organ.candidates)} candidates, "
    why += f"{written} from a public text" if written else "all models: no text of a rule is public"
    return Result(
        decide(not full, not full), words, why, sources=_cited(charter, *charter.cites)
    )  # fmt: skip


def _lines_of_money(case: Case) -> Result:
    """Ask whether anything that members owe each other says who pays what."""
    words = "what members owe each other, as the charter records it, has a line of money"
    early = _too_early(case, words)
    if early:
        return early
    duties = case.charter.obligations.values()
    lines = [need.line for duty in duties for need in duty.needs if need.basis == "money"]
    sources = _cited(case.charter, *(duty.source for duty in duties))
    if lines:
        why = f"settled in part: {', '.join(lines)}"
        return Result("not supported", f"not: {words}", why, sources=sources)
    why = f"{len(duties)} obligations, none with a line of money; their full texts were not seen"
    return Result(
        OPEN, f"not: {words}", why, decides=tuple(case.test["decides"]), sources=sources
    )  # fmt: skip


def _not_on_record(case: Case) -> Result:
    """Ask whether the public record already has a step towards what is said to be open."""
    topic = case.test["topic"]
    words = f"nothing on record settles {topic} for a joint force of the members"
    held = [r for r in case.records if r.topic == topic and r.day <= case.known_on]
    if not held:
        why, wanted = f"nothing on record about {topic}", f"a record of {topic}, or its absence"
        return Result(OPEN, words, why, decides=(wanted,))
    return Result("not supported", words, "; ".join(map(_recorded, held)))


def _recorded(record: Record) -> str:
    return f"{record.day.isoformat()}: {record.what}. {record.where}"


# Cohesion


def _drawn_apart(case: Case) -> Result:
    """Ask whether two groups stand further apart in UN votes than years before."""
    first, last = case.test["first"], case.test["last"]
    one, other = _joined(case, case.test["group"], case.test["joined_by"])
    words = (
        f"in UN votes those who joined the {case.test['group']} by {case.test['joined_by']} and "
        f"those who joined later are surely further apart in {last} than in {first}"
    )
    seen = (m for m in MEASURES if case.evidence.newest(m, known_on=case.known_on) is not None)
    measure = next(seen, MEASURES[0])
    earlier, later = (_gap(case, measure, one, other, year) for year in (first, last))
    if earlier is None or later is None:
        return Result(OPEN, words, "places of all of them in these years were not public then",
                      decides=("places in UN votes of both years",))  # fmt: skip
    (then, then_error, _), (now, now_error, used) = earlier, later
    apart = _Z * sqrt(then_error**2 + now_error**2)
    verdict = decide(now - then > apart, now - then > -apart)
    ranges = [
        f"{rounded(gap, max(0.0, gap - _Z * error), gap + _Z * error, 'points')} in {year}"
        for gap, error, year in ((then, then_error, first), (now, now_error, last))
    ]
    why = (
        f"means of {len(one)} and {len(other)} members lie {' and '.join(ranges)} apart. Distance "
        "in UN votes is that, and no proof of politics"
    )
    wanted = ("votes of more years, or less uncertain places",) if verdict == OPEN else ()
    return Result(verdict, words, why, aside=used, decides=wanted)


def _joined(case: Case, group: str, year: int) -> tuple[list[str], list[str]]:
    """Return members that joined a group by a year, and those that joined later."""
    now = case.evidence.group(group, on=case.known_on)
    since = {
        m.iso3: int(m.start[:4]) for m in memberships()
        if m.organisation == group and m.start and m.iso3 in now and m.iso3 in case.members
    }  # fmt: skip
    early = [m for m, joined in since.items() if joined <= year]
    return early, [m for m in since if m not in early]


def _gap(
    case: Case, measure: str, one: list[str], other: list[str], year: int
) -> tuple[float, float, tuple[Figure, ...]] | None:
    """Return the distance of two groups' means, its error, and the figures; errors independent."""
    means, squares, used = [], 0.0, []
    for group in (one, other):
        found = [case.evidence.get(measure, m, on=year, known_on=case.known_on) for m in group]
        values = [f.value for f in found if f.value is not None and f.year == year]
        if len(values) < len(found) or not values:
            return None
        means.append(sum(values) / len(values))
        for f in found:
            bounds = ends_of(f)
            if bounds is not None:
                squares += ((bounds[1] - bounds[0]) / (2 * _Z) / len(found)) ** 2
        used += found
    return abs(means[0] - means[1]), sqrt(squares), tuple(used)


# Cornerstones


def _terms(case: Case) -> Result:
    """Ask whether what members owe each other would fail under a term, and does not without it."""
    parameter = case.test["parameter"]
    words = f"with {parameter} an obligation of the charter fails that does not fail without it"
    early = _too_early(case, words)
    if early:
        return early
    charter = case.charter
    found = report(
        charter, evidence=case.evidence, parameters=(parameter,), on=case.known_on
    ).guarantees  # fmt: skip
    before = Setting(charter, case.evidence, case.known_on)
    broken: list[Guarantee] = []
    told: list[str] = []
    known: list[bool] = []
    for guarantee in found:
        trial = Trial(before, guarantee.obligation.id)
        then = together(trial.parts(None))
        title = guarantee.obligation.title.split(" (")[0]
        spared = "all that it touches is met even so" if _spared(guarantee, trial) else "as before"
        why = "; ".join(_reasons(guarantee)) or spared
        told.append(f"{title}: {then} without it, {guarantee.standing} with it ({why})")
        known.append(guarantee.standing == "holds" or _spared(guarantee, trial))
        if then != "fails" and guarantee.standing == "fails":
            broken.append(guarantee)
    verdict: Verdict = "supported" if broken else "not supported" if all(known) else OPEN
    keys = [g.obligation.source for g in found]
    keys += [need.source for g in broken for need in g.obligation.needs]
    return Result(
        verdict,
        words,
        ". ".join(told),
        decides=tuple(case.test.get("decides", ())) if verdict == OPEN else (),
        sources=_cited(charter, *keys),
    )


def _spared(guarantee: Guarantee, before: Trial) -> bool:
    """Tell whether a term surely breaks nothing: all that it touches is met even so."""
    lines = zip(guarantee.trial.mustered(None).lines, before.mustered(None).lines, strict=True)
    touched = [now for now, then in lines if (now.low, now.high) != (then.low, then.high)]
    others = [part for part in guarantee.base if part.system != "muster"]
    same = [part for part in before.parts(None) if part.system != "muster"]
    return others == same and all(line.answer == "holds" for line in touched)


def _reasons(guarantee: Guarantee) -> Iterator[str]:
    """Yield why a guarantee fails without any loss, line by line."""
    for part in guarantee.base:
        if part.standing != "fails":
            continue
        lines = guarantee.trial.mustered(None).lines if part.system == "muster" else ()
        failing = [f"{x.line.name}: {x.why}" for x in lines if x.answer == "fails"]
        yield "; ".join(failing) or part.why


TESTS: Mapping[str, Callable[[Case], Result]] = {
    "needs_met": _needs_met,
    "replacing": _replacing,
    "supply_without": _supply_without,
    "cost": _cost,
    "no_other_body": _no_other_body,
    "lines_of_money": _lines_of_money,
    "not_on_record": _not_on_record,
    "drawn_apart": _drawn_apart,
    "terms": _terms,
}
