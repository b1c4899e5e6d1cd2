import json
from fractions import Fraction
from pathlib import Path

import pytest

from comity.charters import load as charter
from comity.charters import names
from comity.errors import UsageError
from comity.evidence import Evidence, load
from comity.examine.adequacy import adequacy, muster, prepare
from comity.examine.contributions import (
    MOST_BYTES,
    Contribution,
    Contributions,
    read,
    reported,
)
from comity.examine.mustering import ready
from comity.examine.needs import Line, Needs, basis_of, published
from comity.report.text import terminal

WILLING = charter("coalition-of-the-willing")
EVIDENCE = load()
SETS = tuple(dict.fromkeys(r.set for r in EVIDENCE.requirements()))


def offer(*rows, needs=""):
    """A file of contributions: (member, line, kind, more TOML)."""
    text = needs + "".join(
        f'[[contribution]]\nmember = "{m}"\nline = "{line}"\nkind = "{kind}"\n{more}\n'
        for m, line, kind, more in rows
    )
    return read(text.encode(), "offer.toml")


BRIGADES = '[[need]]\nline = "brigades"\nvalue = 10\nunit = "brigades"\nbasis = "additional"\n'


def ask(*rows, needs=BRIGADES, **more):
    return adequacy(WILLING, contributions=offer(*rows, needs=needs), evidence=EVIDENCE, **more)


# What a need is counted against


def test_every_published_figure_has_a_basis_or_a_reason_why_it_is_no_need():
    for r in EVIDENCE.requirements():
        basis, why = basis_of(f"{r.set}/{r.item}")
        assert (basis is None) == bool(why)
        assert why != "no basis is written down"


@pytest.mark.parametrize("name", SETS)
def test_plain_holdings_never_meet_what_is_additional_or_money(name):
    """However large: issue 4, what it shows, 2."""
    needs = published(EVIDENCE, name)
    barred = [line for line in needs.lines if line.basis in ("additional", "money")]
    everything = Contributions(
        "all there is",
        tuple(
            Contribution(m, line.name, "holding", *(Fraction(10**12),) * 3, unit=line.unit)
            for m in WILLING.members
            for line in barred
        ),
    )
    found = ready(WILLING, Needs("", tuple(barred)), tuple(WILLING.members), everything).muster()
    assert [line.answer for line in found.lines] == ["not comparable"] * len(barred)
    assert found.standing == "not known"


@pytest.mark.parametrize("name", SETS)
def test_what_the_evidence_holds_never_meets_a_shipped_additional_need(name):
    found = adequacy(WILLING, requirement=name, evidence=EVIDENCE)
    for line in found.answer.lines:
        if line.line.basis in ("additional", "money"):
            assert line.answer in ("not comparable", "not known")


@pytest.mark.parametrize("name", SETS)
def test_every_published_need_resolves_by_its_id(name):
    for line in published(EVIDENCE, name).lines:
        assert EVIDENCE.show(line.id).id == line.id


def test_the_standing_force_is_not_comparable_with_what_members_have():
    council = charter("european-security-council")
    found = muster(council, "standing-force", evidence=EVIDENCE)
    assert found.standing == "not known"
    assert "not comparable" in found.why
    assert "uncommitted" in found.missing[0]


def test_the_same_amount_meets_it_once_it_is_pledged_or_declared_uncommitted():
    row = ("FRA", "brigades", "holding", "value = 12")
    assert ask(row).answer.lines[0].answer == "not comparable"
    for kind in ("pledge", "uncommitted", "reported"):
        assert ask(("FRA", "brigades", kind, "value = 12")).answer.standing == "holds"


def test_the_firmest_kind_alone_counts_and_rows_of_one_kind_add_up():
    rows = [("FRA", "brigades", "pledge", "value = 4")] * 2
    rows.append(("FRA", "brigades", "uncommitted", "value = 9"))
    line = ask(*rows).answer.lines[0]
    assert (line.low, line.high) == (8, 8)


# Heads are not forces


TOTAL = '[[need]]\nline = "force"\nlow = 10000\nhigh = 20000\nunit = "people"\nbasis = "total"\n'


@pytest.mark.parametrize(
    ("more", "standing"),
    [
        pytest.param("value = 200000", "not known", id="heads without a share"),
        pytest.param(
            "value = 200000\nshare_low = 0.2\nshare_high = 0.3", "holds", id="enough can be sent"
        ),
        pytest.param("value = 200000\nshare_high = 0.01", "fails", id="too few can be sent"),
        pytest.param("value = 9000", "fails", id="even all heads are too few"),
    ],
)
def test_heads_count_by_the_share_that_can_be_sent(more, standing):
    assert ask(("FRA", "force", "holding", more), needs=TOTAL).answer.standing == standing


def test_a_range_that_reaches_the_lower_end_only_is_not_known():
    found = ask(("FRA", "force", "pledge", "low = 12000\nhigh = 15000"), needs=TOTAL)
    assert found.answer.standing == "not known"


# Three values


def test_nothing_known_is_never_an_answer():
    bare = Contributions()
    for name in names():
        body = charter(name)
        for obligation in body.obligations:
            found = muster(body, obligation, contributions=bare, evidence=EVIDENCE)
            assert found.standing == "not known"
            assert found.missing


class Empty(Evidence):
    """Evidence from which every figure has been taken."""

    def figures(self, measure):
        return ()


def test_with_the_evidence_removed_nothing_holds_any_more():
    full = muster(WILLING, "paris-guarantees", evidence=EVIDENCE)
    bare = muster(WILLING, "paris-guarantees", evidence=Empty())
    assert [line.answer for line in full.lines] == ["not known", "holds"]
    assert [line.answer for line in bare.lines] == ["not known", "not known"]
    assert any("Ukrainian armed forces" in m for m in bare.missing)


def test_an_obligation_whose_text_names_no_need_says_so():
    alliance = charter("north-atlantic-council")
    found = muster(alliance, "article-5", evidence=EVIDENCE)
    assert found.standing == "not known"
    assert "names no need" in found.why


def test_who_owes_and_is_not_heard_of_may_still_bring_it():
    given = offer(("FRA", "multinational force for Ukraine", "pledge", "value = 5000"))
    found = muster(WILLING, "multinational-force", contributions=given, evidence=EVIDENCE)
    assert found.standing == "not known"
    assert "GBR" in found.missing[0]


def test_the_multinational_force_hangs_on_both_of_its_leaders():
    made = prepare(WILLING, "multinational-force", evidence=EVIDENCE)
    assert made.muster().standing == "not known"
    for leader in ("FRA", "GBR"):
        assert made.muster(frozenset({leader})).standing == "fails"
    assert made.muster(frozenset({"ITA"})).standing == "not known"


def test_what_two_are_reported_to_give_together_is_no_more_than_their_joint_limit():
    line = prepare(WILLING, "multinational-force", evidence=EVIDENCE).muster().lines[0]
    assert line.high == 15_000  # not 9,999 + 7,500


def test_a_ceasefire_limit_on_ukraine_turns_the_answer():
    def of(limit):
        limits = {"UKR.personnel": limit}
        found = muster(WILLING, "paris-guarantees", evidence=EVIDENCE, limits=limits)
        return next(x.answer for x in found.lines if "Ukrainian" in x.line.name)

    assert of(600_000) == "fails"
    assert of(800_000) == "holds"


def test_shares_of_gdp_are_asked_of_every_member_alone():
    need = '[[need]]\nline = "spending"\nvalue = 3.5\nunit = "% of GDP"\nbasis = "target"\n'
    both = [
        ("FRA", "spending", "holding", "value = 4"),
        ("POL", "spending", "holding", "value = 5"),
    ]
    assert ask(*both, needs=need).answer.standing == "holds"
    low = ("DEU", "spending", "holding", "value = 2")
    assert ask(*both, low, needs=need).answer.standing == "fails"


# Losses, break-even, what turns it


OFFER = (
    ("FRA", "brigades", "pledge", "value = 5"),
    ("GBR", "brigades", "pledge", "value = 5"),
    ("POL", "brigades", "pledge", "value = 5"),
)


def test_a_third_gives_room_for_one_loss_but_not_for_two():
    found = ask(*OFFER)
    assert found.answer.standing == "holds"
    assert found.cornerstones() == ()
    assert {pair.lost for pair in found.pairs} == {("FRA", "GBR"), ("FRA", "POL"), ("GBR", "POL")}


def test_each_is_a_cornerstone_where_all_are_needed():
    found = ask(*OFFER[:2])
    assert [loss.lost for loss in found.cornerstones()] == [("FRA",), ("GBR",)]
    assert "fails without FRA and GBR" in found.sentence()


def test_break_even_by_hand():
    """Up to 20 brigades of two, 10 needed: half must come; 90 % asks each for 1 - sqrt(0.1)."""
    rows = [(m, "brigades", "pledge", "low = 0\nhigh = 10") for m in ("FRA", "GBR")]
    one = ask(*rows).breakeven[0]
    assert one.share_low == pytest.approx(0.5)
    assert one.willingness == pytest.approx(1 - 0.1**0.5, abs=1e-3)
    assert "at least 50 %" in one.words()


def test_what_cannot_be_reached_is_said_so():
    assert "cannot hold" in ask(("FRA", "brigades", "pledge", "value = 3")).breakeven[0].words()


def test_the_assumption_that_turns_it_is_marked():
    rows = [("FRA", "brigades", "pledge", "value = 6"),
            ("GBR", "brigades", "pledge", "low = 0\nhigh = 8"),
            ("POL", "brigades", "pledge", "low = 0\nhigh = 1")]  # fmt: skip
    turns = {s.assumption: s.turns for s in ask(*rows).swings}
    assert turns == {"GBR: what it brings": "yes", "POL: what it brings": ""}


# Chances


def chances(more=""):
    rows = (
        ("FRA", "brigades", "pledge", "value = 5\nchance = 0.9"),
        ("GBR", "brigades", "pledge", "value = 5\nchance = 0.8"),
        ("POL", "brigades", "pledge", "value = 5\nchance = 0.5"),
    )
    given = offer(*rows, needs=BRIGADES + more)
    return lambda **how: adequacy(WILLING, contributions=given, evidence=EVIDENCE, **how)


def test_chances_by_hand():
    one = chances()().chances[0]
    by_hand = 0.9 * 0.8 + 0.9 * 0.2 * 0.5 + 0.1 * 0.8 * 0.5
    assert one.holds == pytest.approx((by_hand, by_hand))
    assert {who for who, _, _ in one.credits} == {"FRA", "GBR", "POL"}
    worth = {who: credit for who, credit, _ in one.credits}
    assert worth["FRA"] > worth["GBR"] > worth["POL"]


def test_a_common_cause_lowers_the_chance():
    storm = '[[cause]]\nname = "storm"\nmembers = ["FRA", "GBR"]\nchance = 0.1\n'
    assert chances(storm)().chances[0].holds[0] < chances()().chances[0].holds[0]


def test_sampled_chances_say_their_seed_and_their_error():
    exact, sampled = chances()().chances[0], chances()(draws=20_000, seed=5)
    assert sampled.seed == 5
    assert "standard error" in sampled.chances[0].method
    assert abs(sampled.chances[0].holds[0] - exact.holds[0]) < 0.02


def test_without_a_chance_there_is_no_probability():
    assert ask(*OFFER).chances == ()


def test_who_has_no_chance_makes_it_an_interval():
    rows = (("FRA", "brigades", "pledge", "value = 5\nchance = 0.9"), *OFFER[1:2])
    assert ask(*rows).chances[0].holds == pytest.approx((0.0, 0.9))


# The finding


@pytest.mark.parametrize("obligation", WILLING.obligations)
def test_the_finding_can_be_printed_and_its_figures_traced(obligation):
    found = adequacy(WILLING, obligation=obligation, evidence=EVIDENCE).finding()
    assert terminal(found)
    for quantity in found.quantities():
        if quantity.id:
            assert EVIDENCE.show(quantity.id).id == quantity.id
    assert found.to_json()["sentence"] == found.sentence


def test_every_reported_position_rests_on_a_row_or_a_named_report():
    given = reported(WILLING, EVIDENCE)
    assert all(row.source for row in given.rows)
    for named in (*given.rows, *given.caps):
        if named.id:
            assert EVIDENCE.show(named.id).id == named.id


def test_other_charters_have_no_reported_positions():
    assert reported(charter("osce"), EVIDENCE) == Contributions()


@pytest.mark.parametrize(
    ("how", "words"),
    [
        pytest.param({"obligation": "paris"}, "no obligation", id="an unknown obligation"),
        pytest.param({"requirement": "mars"}, "no set", id="an unknown set"),
        pytest.param(
            {"obligation": "paris-guarantees", "requirement": "iiss_2025"}, "both", id="both"
        ),
        pytest.param({}, "2 obligations", id="neither, and there are two"),
        pytest.param(
            {"obligation": "multinational-force", "lost": ["XXX"]},
            "no member",
            id="a stranger lost",
        ),
        pytest.param(
            {"obligation": "multinational-force", "limits": {"UKR.ships": 3}},
            "touches nothing",
            id="a limit on nothing",
        ),
        pytest.param(
            {"obligation": "multinational-force", "limits": {"XXX.personnel": 3}},
            "not in",
            id="a limit on a stranger",
        ),
    ],
)
def test_what_has_no_meaning_is_refused(how, words):
    with pytest.raises(UsageError, match=words):
        adequacy(WILLING, evidence=EVIDENCE, **how)


def test_a_contribution_in_another_unit_is_refused():
    with pytest.raises(UsageError, match="counts brigades"):
        ask(("FRA", "brigades", "pledge", 'value = 5\nunit = "people"'))


# The command


def typed(*words):
    from click.testing import CliRunner

    from comity.cli.adequacy import adequacy as command

    return CliRunner().invoke(command, [*words], standalone_mode=False)


def test_the_command_says_by_its_status_whether_it_holds(tmp_path):
    offered = tmp_path / "offer.csv"
    rows = "FRA,multinational force for Ukraine,pledge,15000\nGBR,{line},pledge,15000\n"
    line = "multinational-force for UKRAINE"  # the same line, written otherwise
    offered.write_text("member,line,kind,value\n" + rows.format(line=line), encoding="utf-8")
    asked = ("coalition-of-the-willing", "--obligation", "multinational-force")
    assert typed(*asked).return_value == 3
    assert typed(*asked, "--contributions", str(offered)).return_value == 0
    assert typed(*asked, "--contributions", str(offered), "--lose", "GBR").return_value == 3


def test_the_command_gives_json_with_the_documented_keys():
    words = ("coalition-of-the-willing", "--obligation", "paris-guarantees", "--json")
    answer = json.loads(typed(*words, "--set", "limit.UKR.personnel=600_000").output)
    assert answer["limits"] == {"UKR.personnel": 600000}
    assert answer["answer"]["standing"] == "fails"
    page = Path("docs/explanation/adequacy.md").read_text(encoding="utf-8")
    for part in (answer, answer["answer"], answer["answer"]["lines"][0], answer["break_even"][0]):
        assert [key for key in part if f"`{key}`" not in page] == []


@pytest.mark.parametrize(
    "setting",
    [
        "limit.UKR=3",
        "UKR.personnel=3",
        "limit.UKR.personnel=many",
        "limit.UKR.personnel",
        "limit.UKR.personnel=1e999999999",
    ],
)
def test_a_setting_that_means_nothing_is_refused(setting):
    found = typed("coalition-of-the-willing", "--set", setting)
    assert isinstance(found.exception, UsageError)
    assert setting[:9] in str(found.exception)


# Files


def test_a_table_says_the_same_as_a_document():
    table = b"member,line,kind,low,high,chance\nFRA,brigades,pledge,3,5,0.5\n"
    document = offer(("FRA", "brigades", "pledge", "low = 3\nhigh = 5\nchance = 0.5"))
    assert read(table, "offer.csv").rows == document.rows


ROW = '[[contribution]]\nmember = "FRA"\nline = "x"\nkind = "pledge"\n'


@pytest.mark.parametrize(
    ("raw", "name", "words"),
    [
        pytest.param(b"member,line\nFRA,x\n", "a.csv", "not the columns", id="no kind"),
        pytest.param(b"member,line,kind,colour\n", "a.csv", "colour", id="an unknown column"),
        pytest.param(b"member,line,kind\nFRA,x,promise\n", "a.csv", "line 2", id="no such kind"),
        pytest.param(b"member,line,kind\nFRA,x,pledge,1\n", "a.csv", "more cells", id="one more"),
        pytest.param(b"member,line,kind,low\nFRA,x,pledge,ten\n", "a.csv", "no number", id="words"),
        pytest.param(b"\xff\xfe", "a.csv", "UTF-8", id="not UTF-8"),
        pytest.param(b"a = ", "a.toml", "not TOML", id="not TOML"),
        pytest.param(b"[[pledge]]\n", "a.toml", "no part", id="an unknown table"),
        pytest.param(b"[contribution]\n", "a.toml", "two brackets", id="one bracket"),
        pytest.param(f"{ROW}low = 3\nhigh = 2\n".encode(), "a.toml", "order", id="upside down"),
        pytest.param(f"{ROW}low = -3\n".encode(), "a.toml", "between 0", id="below nought"),
        pytest.param(f"{ROW}low = 1e99\n".encode(), "a.toml", "between 0", id="too large"),
        pytest.param(f"{ROW}low = 1e999999999\n".encode(), "a.toml", "between", id="short, huge"),
        pytest.param(f"{ROW}low = inf\n".encode(), "a.toml", "no number", id="without end"),
        pytest.param(f"{ROW}low = true\n".encode(), "a.toml", "no number", id="true"),
        pytest.param(f"{ROW}low = nan\n".encode(), "a.toml", "no number", id="not a number"),
        pytest.param(f"{ROW}chance = 2\n".encode(), "a.toml", "chance", id="a chance of two"),
        pytest.param(f"{ROW}share_low = 2\n".encode(), "a.toml", "shares", id="a share of two"),
        pytest.param(f"{ROW}colour = 2\n".encode(), "a.toml", "contribution 1", id="unknown key"),
        pytest.param(b"x" * (MOST_BYTES + 1), "a.toml", "1 MiB", id="too long"),
        pytest.param(b'[[need]]\nline = "x"\nunit = "y"\nbasis = "total"\n', "a.toml", "number",
                     id="a need of nothing"),
        pytest.param(b'[[need]]\nline = "x"\nvalue = 1\nunit = "y"\nbasis = "hope"\n', "a.toml",
                     "basis", id="no basis so named"),
        pytest.param(b'[[cause]]\nname = "x"\nmembers = "FRA"\nchance = 0.1\n', "a.toml", "list",
                     id="one member for a list"),
    ],
)  # fmt: skip
def test_a_faulty_file_is_refused_with_its_place(raw, name, words):
    with pytest.raises(UsageError, match=words):
        read(raw, name)


def test_the_example_of_the_page_can_be_read():
    page = Path("docs/explanation/adequacy.md")
    text = page.read_text(encoding="utf-8")
    block = text.split("```toml\n", 1)[1].split("```", 1)[0]
    assert read(block.encode(), "offer.toml").rows


def test_the_chart_of_assumptions_keeps_to_one_line_and_shows_its_need_first():
    finding = adequacy(WILLING, obligation="paris-guarantees", evidence=EVIDENCE).finding()
    column = finding.table("swings").column("assumption").values
    assert str(column[0]).startswith("the need itself")
    assert not any("UKR" in str(name) for name in column)
    assert finding.charts[0].table == "swings"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("x = 1e99999999999999999999", "cannot be read", id="a number beyond numbers"),
        pytest.param("x = " + "[" * 100_000, "nested more than 32 deep", id="nested too deep"),
        pytest.param("a." * 100_000 + "b = 1", "nested more than 32 deep", id="dotted too deep"),
        pytest.param("x = [", "line 1", id="no TOML"),
    ],
)
def test_a_file_that_cannot_be_read_within_bounds_is_refused_in_words(text, words):
    from comity.charters import load as charter
    from comity.examine.contributions import read as contributions
    from comity.examine.services import read as services

    for refused in (
        lambda: contributions(text.encode(), "given.toml"),
        lambda: services(text.encode(), "given.toml", charter("osce")),
    ):
        with pytest.raises(UsageError, match=words):
            refused()


def test_losing_the_only_one_who_pledged_does_not_turn_a_failure_into_not_comparable():
    line = Line("force", Fraction(1), Fraction(1), "people", "additional")
    given = Contributions(
        rows=(
            Contribution("FRA", "force", "pledge", Fraction(0), Fraction(0), Fraction(0), "people"),
            Contribution(
                "GBR", "force", "holding", Fraction(5), Fraction(5), Fraction(5), "people"
            ),
        )
    )
    made = ready(charter("coalition-of-the-willing"), Needs("drawn", (line,)), (), given)
    assert made.muster().standing == "fails"
    assert made.muster(frozenset({"FRA"})).standing == "fails"
