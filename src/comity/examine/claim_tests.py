"""Tests of claims on figures and on the record: one function a kind of test."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from comity.evidence import Figure, derived
from comity.examine.claim_set import Case, Result, Verdict, decide, ends_of, not_known
from comity.examine.potential import quantity


def _roster_size(case: Case) -> Result:
    about, within = case.test["about"], case.test["within"]
    have = len(case.members)
    verdict = decide(*(abs(have - about) <= within,) * 2)
    return Result(
        verdict,
        f"the roster has {about} states, give or take {within}",
        f"{have} states were at the Paris meeting; no official list was published",
    )


def _inside_and_outside(case: Case) -> Result:
    group = case.test["group"]
    inside = [m for m in case.members if m in case.evidence.group(group, on=case.known_on)]
    outside = [m for m in case.members if m not in inside]
    named = all(n in outside for n in case.test["named"])
    verdict = decide(*(bool(inside and outside and named),) * 2)
    words = f"some members are in the {group} and some are not"
    if case.test["named"]:
        words += f", {case.names(case.test['named'])} among these"
    return Result(
        verdict, words, f"{len(inside)} are in it, {len(outside)} are not: {case.names(outside)}"
    )


def _place(case: Case) -> Result:
    members = case.who(case.test["members"])
    at_most, measure = case.test["at_most"], case.test["measure"]
    figure = derived.rank(case.evidence, measure, members, known_on=case.known_on)
    words = f"place {at_most} or better by {_title(case, measure)} among single other states"
    if figure.value is None or figure.low is None or figure.high is None:
        return not_known(words, (figure,))
    total = case.total(measure, members)
    verdict = decide(figure.low <= at_most, figure.high <= at_most)
    low, high = int(figure.low), int(figure.high)
    place = f"place {low}" if low == high else f"place {low} to {high}"
    return Result(verdict, words, f"{place} {figure.unit}, with {quantity(total)}", (total, figure))


def _not_place(case: Case) -> Result:
    found = _place(case)
    turned: dict[Verdict, Verdict] = {"supported": "not supported", "not supported": "supported"}
    return Result(
        turned.get(found.verdict, found.verdict),
        f"not {found.test}",
        found.why,
        found.figures,
    )


def _place_among_groups(case: Case) -> Result:
    members, measure = case.who(case.test["members"]), case.test["measure"]
    own = case.total(measure, members)
    others = {g: case.total(measure, case.who(g)) for g in case.test["groups"]}
    at_most = case.test["at_most"]
    words = (
        f"place {at_most} or better by {_title(case, measure)} "
        f"beside {', '.join(case.test['groups'])}"
    )
    ends = ends_of(own)
    against = {g: ends_of(f) for g, f in others.items()}
    known = {g: e for g, e in against.items() if e is not None}
    if ends is None or len(known) < len(others):
        return not_known(words, (own, *others.values()))
    best = 1 + sum(e[0] > ends[1] for e in known.values())
    worst = 1 + sum(e[1] > ends[0] for e in known.values())
    beside = "; ".join(f"{g} {quantity(f)}" for g, f in others.items())
    place = f"place {best}" if best == worst else f"place {best} to {worst}"
    return Result(
        decide(best <= at_most, worst <= at_most),
        words,
        f"{place}: {quantity(own)}; {beside}. Alliances overlap; of CSTO and SCO only "
        "some members are listed",
        (own, *others.values()),
    )


_WAYS: Mapping[str, Callable[..., Figure]] = {
    "per_head": derived.per_head,
    "per_gdp": derived.per_gdp,
}


def _first_of_members(case: Case) -> Result:
    way, measure, member = case.test["way"], case.test["measure"], case.test["member"]
    base = "GDP" if way == "per_gdp" else "head"
    words = f"the most {_title(case, measure)} per {base} of all members"
    own = _WAYS[way](case.evidence, measure, (member,), known_on=case.known_on)
    ends = ends_of(own)
    if own.value is None or ends is None:
        return not_known(words, (own,))
    others = [
        _WAYS[way](case.evidence, measure, (m,), known_on=case.known_on)
        for m in case.members
        if m != member
    ]
    known = [f for f in others if f.value is not None]
    unknown = [f.subject for f in others if f.value is None]
    top = max(known, key=lambda f: f.high or 0)
    low = all((f.high or 0) < (own.low or 0) for f in known)
    high = all((f.low or 0) < (own.high or 0) for f in known)
    why = f"{case.evidence.name(member)} {quantity(own)}; next {case.evidence.name(top.subject)} "
    why += f"{quantity(top)}"
    if unknown:
        why += f"; no value for {case.names(unknown)}"
    return Result(decide(low, high), words, why, (own, top))


def _place_in_region(case: Case) -> Result:
    measure, member, at_most = case.test["measure"], case.test["member"], case.test["at_most"]
    own = case.get(measure, member)
    states = [
        c.iso3
        for c in case.evidence.countries.values()
        if c.iso3 != member
        and c.is_state
        and (c.region == case.test["region"] or c.iso3 in case.test["also"])
    ]
    words = (
        f"place {at_most} or better by {_title(case, measure)} in {case.test['region']} "
        f"({case.names(case.test['also'])} counted in)"
    )
    ends = ends_of(own)
    if ends is None:
        return not_known(words, (own,))
    others = [(f, e) for f in (case.get(measure, s) for s in states) if (e := ends_of(f))]
    best = 1 + sum(e[0] > ends[1] for _, e in others)
    worst = 1 + sum(e[1] > ends[0] for _, e in others)
    ahead = [f for f, e in others if e[1] > ends[0]]
    place = f"place {best}" if best == worst else f"place {best} to {worst}"
    why = f"{place}: {quantity(own)}; ahead or level: "
    why += ", ".join(f"{case.evidence.name(f.subject)} {quantity(f)}" for f in ahead) or "none"
    return Result(decide(best <= at_most, worst <= at_most), words, why, (own, *ahead))


def _both_kinds(case: Case) -> Result:
    members = case.who(case.test["members"])
    figures = [case.get("warheads_inventory", m) for m in members]
    total = case.total("warheads_inventory", members)
    words = "some have nuclear warheads, and some have none"
    if any(f.value is None for f in figures):
        return not_known(words, figures)
    have = [f for f in figures if f.value]
    verdict = decide(*(0 < len(have) < len(figures),) * 2)
    with_them = ", ".join(f"{case.evidence.name(f.subject)} {quantity(f)}" for f in have)
    none = case.names([f.subject for f in figures if not f.value])
    why = f"{with_them}, together {quantity(total)}; none: {none}"
    return Result(verdict, words, why, (total, *figures))


def _ratio(case: Case) -> Figure:
    measure = case.test["measure"]
    top = case.total(measure, case.who(case.test["members"]))
    bottom = case.total(measure, case.who(case.test["to"]))
    return derived.ratio(case.evidence, top.id, bottom.id)


def _ratio_words(case: Case, figure: Figure) -> str:
    top, bottom = (case.evidence.show(i) for i in figure.inputs)
    year = f" ({figure.year})" if figure.year else ""
    return f"{quantity(figure)}: {quantity(top)} against {quantity(bottom)}{year}"


def _ratio_below(case: Case) -> Result:
    figure, below = _ratio(case), case.test["below"]
    words = f"less than {below} % of {case.names(case.who(case.test['to']))}'s"
    ends = ends_of(figure)
    if ends is None:
        return not_known(words, (figure,))
    parts = tuple(case.evidence.show(i) for i in figure.inputs)
    return Result(
        decide(ends[0] < below, ends[1] < below),
        words,
        _ratio_words(case, figure),
        (figure, *parts),
    )


def _covers(case: Case) -> Result:
    own = case.evidence.show(case.test["figure"])
    needs = [case.evidence.show(n) for n in case.test["needs"]]
    words = "as large as each published estimate of what would have to be replaced"
    if any(f.known_from > case.known_on for f in (own, *needs)):
        late = [f.id for f in (own, *needs) if f.known_from > case.known_on]
        return Result(
            "undecidable from open data",
            words,
            f"not yet published then: {', '.join(late)}",
            decides=("the estimates, once they are published",),
        )
    ends = [ends_of(f) for f in needs]
    have = ends_of(own)
    if have is None or None in ends:
        return not_known(words, (own, *needs))
    met_low = all(e is not None and have[0] >= e[1] for e in ends)
    met_high = all(e is not None and have[1] >= e[0] for e in ends)
    beside = "; ".join(f"{case.evidence.sources[f.source].publisher}: {quantity(f)}" for f in needs)
    return Result(
        decide(met_low, met_high), words, f"{quantity(own)} against {beside}", (own, *needs)
    )


def _above(case: Case) -> Result:
    figure, above = case.evidence.show(case.test["figure"]), case.test["above"]
    words = f"more than {above} {figure.unit}"
    ends = ends_of(figure)
    if ends is None or figure.known_from > case.known_on:
        return not_known(words, (figure,))
    why = f"{quantity(figure)} ({figure.caveats[0]})" if figure.caveats else f"{quantity(figure)}"
    return Result(decide(ends[0] > above, ends[1] > above), words, why, (figure,))


def _texts_name(case: Case) -> Result:
    members = case.who(case.test["members"])
    pattern = re.compile(r"\b(" + "|".join(map(re.escape, case.test["words"])) + r")\b")
    texts = {m: case.evidence.military_text(m).get("equipment", "") for m in members}
    have = [m for m, t in texts.items() if t]
    named = [m for m in have if pattern.search(texts[m])]
    more_than = case.test["more_than"]
    quoted = " or ".join(f'"{w}"' for w in case.test["words"])
    words = f"more than {more_than} % of the World Factbook's texts on equipment name {quoted}"
    if not have:
        gone = ("a text on the equipment of " + case.names(members),)
        return Result("undecidable from open data", words, "no text is held", decides=gone)
    met = 100 * len(named) > more_than * len(have)
    lack = [m for m in members if not texts[m]]
    why = f"{len(named)} of {len(have)} texts do"
    if lack:
        why += f"; no text for {case.names(lack)}"
    return Result(decide(met, met), words, why)


def _on_record(case: Case) -> Result:
    record = case.record(case.test["record"])
    words = "the public record holds it, and it touches only members"
    met = record.day <= case.known_on and set(record.parties) <= set(case.members)
    return Result(
        decide(met, met),
        words,
        f"{record.day.isoformat()}: {record.what}; {case.names(record.parties)}. {record.where}",
    )


def _out_of_office(case: Case) -> Result:
    record = case.record(case.test["record"])
    words = "the term of office had ended on that day"
    sitting = record.day <= case.known_on and (record.until is None or case.known_on < record.until)
    until = f" to {record.until.isoformat()}" if record.until else ""
    return Result(
        "the report itself is wrong here" if sitting else "supported",
        words,
        f"{record.what}: {record.day.isoformat()}{until}. {record.where}",
    )


def _actor_is(case: Case) -> Result:
    said, topic = case.test["said"], case.test["topic"]
    held = [r for r in case.records if r.topic == topic and r.day <= case.known_on]
    words = f"the record on {topic} names {case.evidence.name(said)} as the one who acted"
    if not held:
        return Result(
            "undecidable from open data",
            words,
            f"nothing on record about {topic}",
            decides=(f"a record of who acted on {topic}",),
        )
    actors = {r.actor for r in held}
    verdict: Verdict = "supported" if said in actors else "the report itself is wrong here"
    return Result(
        verdict,
        words,
        "; ".join(f"{r.day.isoformat()}: {r.what}. {r.where}" for r in held),
    )


def _no_open_data(case: Case) -> Result:
    needs = tuple(case.test["needs"])
    return Result(
        "undecidable from open data",
        "none: nothing open measures it",
        "it would need " + "; ".join(needs),
        decides=needs,
    )


def _later(case: Case) -> Result:
    name = case.test["examination"]
    return Result("not yet tested", f"the examination: {name}", f"waits for: {name}")


def _title(case: Case, measure: str) -> str:
    return case.evidence.measure(measure).title.lower()


TESTS: Mapping[str, Callable[[Case], Result]] = {
    "roster_size": _roster_size,
    "inside_and_outside": _inside_and_outside,
    "place": _place,
    "not_place": _not_place,
    "place_among_groups": _place_among_groups,
    "first_of_members": _first_of_members,
    "place_in_region": _place_in_region,
    "both_kinds": _both_kinds,
    "ratio_below": _ratio_below,
    "covers": _covers,
    "above": _above,
    "texts_name": _texts_name,
    "on_record": _on_record,
    "out_of_office": _out_of_office,
    "actor_is": _actor_is,
    "no_open_data": _no_open_data,
    "later": _later,
}
