from datetime import date
from fractions import Fraction

import pytest

from comity.charters import load, names
from comity.core.reading import read_charter
from comity.errors import UsageError
from comity.evidence import load as evidence
from comity.examine.contributions import Contribution, Contributions
from comity.examine.guarantee import Guarantee
from comity.examine.guarantee_report import report
from comity.examine.services import Service, Services
from comity.examine.setting import Lost, Part, Setting, Trial, together

from .league import FILE, changed, league

HELD = evidence()
DAY = date(2026, 1, 1)


def crews(**given):
    return Contributions(
        rows=tuple(
            Contribution(m, "crews", "pledge", Fraction(n), Fraction(n), Fraction(n), "crews")
            for m, n in given.items()
        )
    )


CREWS = crews(Arden=3, Brill=2, Corve=2, Dorn=1)
RADIO = Services(
    "radio",
    "declared",
    {
        "mast": Service("mast", "the mast", "radio", ("Arden", "Brill", "Corve", "Dorn", "Elsin"),
                        provider="Harbour", carries=True),
    },
)  # fmt: skip
ANYBODY_CALLS = changed('call = ["chair"]', 'call = ["seats"]')


def setting(charter=None, contributions=CREWS, services=RADIO, **options):
    return Setting(charter or ANYBODY_CALLS, HELD, DAY, contributions, services, **options)


def guarantee(*given, **options):
    return Guarantee(setting(*given, **options), "ambulance")


def failing(g, kind):
    return [c.lost.names[0] for c in g.cornerstones() if c.lost.kind == kind]


@pytest.mark.parametrize(
    ("standings", "whole"),
    [
        pytest.param(("holds", "holds", "holds"), "holds", id="all hold"),
        pytest.param(("holds", "not known"), "not known", id="one is not known"),
        pytest.param(("not known", "fails"), "fails", id="one fails, whatever is not known"),
    ],
)
def test_a_guarantee_holds_only_if_all_systems_do(standings, whole):
    assert together(tuple(Part("decide", standing) for standing in standings)) == whole


def test_it_holds_with_all_four_and_says_how_each_stands():
    g = guarantee()
    assert g.standing == "holds"
    assert [part.system for part in g.base] == ["communicate", "decide", "muster", "supply"]


def test_whoever_is_the_only_one_to_call_is_a_cornerstone_until_the_right_is_shared():
    g = guarantee(league())
    assert failing(g, "refusing") == ["Arden"]
    (cell,) = (c for c in g.cornerstones() if c.lost.kind == "refusing")
    remedy = g.remedies(cell)[0]
    assert remedy.words == ("let every seat of council propose and call",)
    assert remedy.then in ("holds", "not known")


def test_a_service_without_an_alternate_is_a_cornerstone_and_an_alternate_removes_it():
    g = guarantee()
    assert failing(g, "stopping") == ["mast"]
    (cell,) = (c for c in g.cornerstones() if c.lost.kind == "stopping")
    assert g.remedies(cell)[0].words[0].startswith("declare an alternate")
    assert g.remedies(cell)[0].makes == ()


def test_what_only_one_member_gives_makes_it_a_cornerstone_and_pledges_remove_it():
    g = guarantee(contributions=crews(Arden=4, Brill=1, Corve=1, Dorn=1))
    assert failing(g, "silent") == ["Arden"]
    cell = next(c for c in g.cornerstones() if c.lost == Lost(("Arden",), "member", "silent"))
    assert "muster" in {part.system for part in cell.failing}
    assert any("pledges of" in words for words in g.remedies(cell)[0].words)


def test_without_evidence_it_is_not_known_and_never_holds():
    g = guarantee(contributions=Contributions(), services=None)
    assert g.standing == "not known"
    assert all(cell.standing != "holds" for cell in g.cells)
    unknown = {p.system: p.why for p in g.base if p.standing == "not known"}
    assert "not declared" in unknown["communicate"]
    assert "crews" in unknown["muster"]


def test_a_refusal_under_consensus_is_told_as_a_property_of_the_rule():
    found = report(load("coalition-of-the-willing"), evidence=HELD, obligation="paris-guarantees")
    (g,) = found.guarantees
    refusing = [c for c in g.cornerstones() if c.lost.kind == "refusing"]
    assert len(refusing) == 35
    assert all(cell.by_nature for cell in refusing)
    who = found.finding().table("cornerstones")
    told = dict(zip(who.column("loss").values, who.column("fails").values))
    assert told["refuses"] == "any one member: a property of the rule"
    assert "if any one member refuses, by the nature of the rule" in found.sentence()


@pytest.mark.parametrize("n", [0, 1])
def test_whether_silence_stops_depends_on_how_many_may_be_missing(n):
    text = FILE.read_text(encoding="utf-8").replace('call = ["chair"]', "")
    g = guarantee(read_charter(text.replace("\nn = 1", f"\nn = {n}")))
    silent = [c for c in g.cornerstones() if c.lost.kind == "silent"]
    assert bool(silent) == (n == 0)
    if n == 0:
        assert "nobody may be missing" in silent[0].why()
        assert g.remedies(silent[0])[0].words[0].startswith("let 1 be missing")


def every_obligation():
    for name in names():
        charter = load(name)
        for obligation in charter.obligations:
            yield pytest.param(charter, obligation, id=f"{name}, {obligation}")


@pytest.mark.parametrize(("charter", "obligation"), [*every_obligation()])
def test_every_suggestion_does_remove_its_cornerstone_when_it_is_carried_out(charter, obligation):
    g = Guarantee(Setting(charter, HELD, charter.dated), obligation)
    tried = [*g.cornerstones()]
    if g.standing == "fails":
        tried = [g.cell(Lost((), "member", "silent"))]
    # Of those who fail for the same reason by the nature of the rule, the first and the last.
    alike = [cell for cell in tried if cell.by_nature]
    tried = [c for c in tried if not c.by_nature] + alike[:1] + alike[-1:]
    for cell in tried:
        for remedy in g.remedies(cell):
            taken = tuple(change for change in _offered(g, cell) if change.words in remedy.words)
            assert len(taken) == len(remedy.words)
            fresh = g.setting
            for change in taken:
                fresh = change.apply(fresh)
            after = together(Trial(fresh, obligation).parts(cell.lost))
            assert after == remedy.then != "fails"


def _offered(g, cell):
    from comity.examine.changes import changes

    return list(changes(g.trial, cell.lost))


def test_limits_and_bans_are_parameters():
    charter = load("coalition-of-the-willing")
    limited = report(charter, evidence=HELD, parameters=("limit.UKR.personnel=600000",))
    assert limited.guarantees[0].standing == "fails"
    assert "at most 600,000 people of 800,000 people" in limited.sentence()
    banned = report(charter, evidence=HELD, parameters=("ban.UKR=yes",))
    assert "nobody is left to whom it is owed" in banned.sentence()
    free = report(charter, evidence=HELD, parameters=("ban.UKR=no",))
    assert free.guarantees[0].standing == "not known"


@pytest.mark.parametrize(
    "told",
    ["limit.UKR=3", "limit.UKR.personnel=many", "ban.UKR=perhaps", "ban.ZZZ=yes", "x=1", "limit"
     ".UKR.personnel=9999999999999999", "limit.UKR.moonshots=3"],
)  # fmt: skip
def test_a_parameter_that_means_nothing_is_refused(told):
    with pytest.raises(UsageError) as refused:
        report(load("coalition-of-the-willing"), evidence=HELD, parameters=(told,))
    assert refused.value.hint


def test_every_cell_answers_why():
    found = report(load("coalition-of-the-willing"), evidence=HELD)
    for g in found.guarantees:
        for cell in g.cells:
            if cell.standing != "holds":
                assert cell.why()
    _, cell = found.cell("GBR", "silent", "paris-guarantees")
    assert cell.standing == "not known"
    with pytest.raises(UsageError, match="there is no cell for ZZZ"):
        found.cell("ZZZ", "silent", "paris-guarantees")


def test_pairs_are_those_that_fail_though_neither_does_alone():
    g = guarantee()
    pairs = g.pairs()
    alone = {(c.lost.names[0], c.lost.kind) for c in g.cornerstones()}
    assert pairs
    for cell in pairs:
        assert all((name, cell.lost.kind) not in alone for name in cell.lost.names)


def test_what_fails_without_any_loss_has_no_cornerstones_and_says_what_mends_it():
    found = report(load("european-security-council"), evidence=HELD)
    (g,) = found.guarantees
    assert g.cornerstones() == ()
    assert "fails without any loss" in found.sentence()
    told = found.to_json()["obligations"][0]
    assert told["mended_by"]


def test_a_charter_without_obligations_is_refused_with_what_to_ask_instead():
    text = FILE.read_text(encoding="utf-8")
    bare = text[: text.index("[obligations")] + text[text.index("[changes.amendment]") :]
    with pytest.raises(UsageError, match="declares no obligations"):
        report(read_charter(bare), evidence=HELD)


def test_an_unknown_obligation_is_refused_with_those_there_are():
    with pytest.raises(UsageError) as refused:
        report(league(), evidence=HELD, obligation="fire")
    assert refused.value.hint == "it has: ambulance"


@pytest.mark.parametrize("member", ["FRA", "GBR", "UKR"])
def test_an_instrument_of_its_parties_is_never_invoked_over_the_head_of_one(member):
    g = Guarantee(
        Setting(load("coalition-of-the-willing"), HELD, date(2026, 1, 6)), "multinational-force"
    )
    assert g.joined
    cell = g.cell(Lost((member,), "member", "refusing"))
    assert cell.standing == "fails"
    assert g.remedies(cell) == ()


def test_nobody_is_helped_against_its_will():
    g = Guarantee(
        Setting(load("coalition-of-the-willing"), HELD, date(2026, 1, 6)), "paris-guarantees"
    )
    assert g.remedies(g.cell(Lost(("FRA",), "member", "refusing")))
    assert g.remedies(g.cell(Lost(("UKR",), "member", "refusing"))) == ()


def test_the_rule_by_which_the_charter_is_amended_is_no_way_to_invoke_an_obligation():
    g = Guarantee(
        Setting(load("coalition-of-the-willing"), HELD, date(2026, 1, 6)), "paris-guarantees"
    )
    for remedy in g.remedies(g.cell(Lost(("FRA",), "member", "refusing"))):
        assert "'change'" not in remedy.words[0]


def test_what_is_a_model_and_what_the_user_gave_is_said():
    found = report(
        load("coalition-of-the-willing"), evidence=HELD, given=("services of ours.toml",)
    )
    told = " ".join(found.finding().assumptions)
    assert "Given by you: services of ours.toml." in told
    assert "our model; no text says so" in told
    assert "a scenario and no pledges" in told
    assert found.finding().caveats
    assert {"charter", "on", "assumptions", "sources", "given"} <= set(found.to_json())


def test_it_is_not_said_to_hold_otherwise_where_a_loss_leaves_it_not_known():
    g = guarantee()
    assert g.standing == "holds"
    assert any(cell.standing == "not known" for cell in g.cells)
    found = report(ANYBODY_CALLS, evidence=HELD, contributions=CREWS, services=RADIO)
    assert "otherwise it holds" not in found.sentence()
