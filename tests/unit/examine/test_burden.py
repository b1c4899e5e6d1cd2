"""One need under ten rules: shares that add up, certificates, who would leave, force mix."""

import json
from datetime import date
from fractions import Fraction

import pytest
from click.testing import CliRunner

from comity.charters import load as load_charter
from comity.cli.burden import burden as command
from comity.errors import UsageError
from comity.evidence import COALITION, load
from comity.examine.burden import burden, need_of
from comity.examine.finding import Quantity
from comity.examine.savings import _heard
from comity.report.text import terminal

JEF = ("GBR", "DNK", "EST", "FIN", "ISL", "LVA", "LTU", "NLD", "NOR", "SWE")
RULES = (
    "equal",
    "population",
    "gni",
    "capped",
    "proportional",
    "equal_awards",
    "equal_losses",
    "talmud",
    "shapley",
    "nucleolus",
)
FORCE = "kubilius_2026/standing_european_force"
MONEY = "bruegel_kiel_2025/additional_defence_spending_per_year"


@pytest.fixture(scope="module")
def force():
    evidence = load()
    return burden(evidence.group(COALITION), FORCE, evidence=evidence)


@pytest.fixture(scope="module")
def money():
    evidence = load()
    return burden(evidence.group(COALITION), MONEY, evidence=evidence)


def column(finding, table, key):
    return finding.table(table).column(key).values


def row(finding, table, key, name, at):
    names = column(finding, table, key)
    return column(finding, table, at)[names.index(name)]


def unknown(finding, rule):
    cells = zip(column(finding, "shares", "member"), column(finding, "shares", rule))
    return [name for name, q in cells if q.value is None]


# What is needed


@pytest.mark.parametrize(
    ("text", "amount", "kind"),
    [
        pytest.param("personnel=100000", "100,000 people", "personnel", id="people"),
        pytest.param("personnel=15,000 to 30,000", "15,000–30,000 people", "personnel", id="range"),
        pytest.param("personnel=100 thousand troops", "100,000 people", "personnel", id="words"),
        pytest.param("money=250 billion EUR/year", "250 billion € a year", "money", id="euros"),
        pytest.param("money=300bn USD per year", "300 billion US$ a year", "money", id="dollars"),
        pytest.param("reconstruction=500 billion USD", "500 billion US$", "money", id="a total"),
        pytest.param("hospital=90 million €", "0.09 billion €", "money", id="millions"),
        pytest.param(FORCE, "100,000 people", "personnel", id="a published force"),
        pytest.param(
            "requirement:kubilius_2026/standing_european_force:2026:kubilius-2026",
            "100,000 people",
            "personnel",
            id="by the name of its row",
        ),
        pytest.param("euperspectives_2026/cost_100k_force_running", "35–40 billion € a year",
                     "money", id="a published range"),
    ],
)  # fmt: skip
def test_a_need_is_read_with_its_unit_and_range(text, amount, kind):
    found = need_of(text, load())
    assert str(found.amount) == amount
    assert found.kind == kind


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("everything", "not a need", id="no amount"),
        pytest.param("personnel=many", "not an amount", id="no number"),
        pytest.param("personnel=5 billion EUR", "not counted in money", id="people in euros"),
        pytest.param("money=250 billion", "says no unit", id="money without a currency"),
        pytest.param("money=3 potatoes", "says no unit", id="an unknown currency"),
        pytest.param("personnel=0", "above nought", id="nothing"),
        pytest.param("personnel=9-5", "above nought", id="upside down"),
        pytest.param("bruegel_kiel_2025/main_battle_tanks", "in vehicles", id="tanks"),
        pytest.param("mnf_ukraine_2025_2026/uk_contribution", "no value", id="an upper end only"),
    ],
)
def test_what_cannot_be_divided_is_refused(text, said):
    with pytest.raises(UsageError, match=said):
        need_of(text, load())


def test_a_requirement_is_not_known_before_it_was_published():
    with pytest.raises(UsageError, match="not yet published on 2026-01-01"):
        need_of(FORCE, load(), known_on=date(2026, 1, 1))


# Shares


def test_under_every_rule_the_shares_add_up_to_the_need(force):
    for rule in RULES:
        *shares, together = column(force, "shares", rule)
        assert together.value == 100_000
        assert sum(s.value for s in shares) == pytest.approx(100_000, rel=1e-12)


def test_every_share_has_a_certificate_that_holds(force):
    assert column(force, "rules", "holds") == (True,) * 10
    assert all(column(force, "rules", "certificate"))
    assert "Kohlberg's criterion holds" in column(force, "rules", "certificate")[-1]


def test_ranges_of_todays_effort_carry_into_the_shares_by_it(force):
    ukraine = row(force, "shares", "member", "Ukraine", "proportional")
    assert ukraine.low < ukraine.value < ukraine.high
    assert row(force, "shares", "member", "Ukraine", "population").low is None


def test_the_range_of_a_need_carries_into_every_share():
    found = burden(JEF, "personnel=8000-12000", evidence=load())
    for rule in RULES:
        share = row(found, "shares", "member", "Sweden", rule)
        if share.value:
            assert share.low < share.value < share.high


def test_every_figure_that_has_a_name_resolves_to_what_it_shows(force, money):
    evidence = load()
    traced = 0
    scale = {"million people": 1e6, "billion US$": 1e9}
    for finding in (force, money):
        for q in finding.quantities():
            if q.id:
                figure = evidence.show(q.id)
                if q.value is not None:
                    assert figure.value == pytest.approx(q.value * scale.get(q.unit, 1))
                traced += 1
    assert traced > 140


def test_nobody_is_left_out_in_silence(force):
    assert [m.subject for m in force.missing] == ["Iceland (ISL)"]
    assert row(force, "shares", "member", "Iceland", "proportional").value in (0, None)


def test_gdp_says_that_it_stands_in(force):
    assert force.table("shares").column("gni").title == "GDP (for GNI)"
    assert "GDP stands in for GNI until a GNI series is imported." in force.assumptions


def test_the_nucleolus_of_many_members_rises_with_weight(force):
    people = [q.value for q in column(force, "shares", "population")[:-1]]
    shares = [q.value for q in column(force, "shares", "nucleolus")[:-1]]
    ranked = [share for _, share in sorted(zip(people, shares))]
    assert ranked == sorted(ranked)
    assert "none of any size complains louder" in column(force, "rules", "certificate")[-1]


def test_groups_heard_as_they_complain_agree_closely_with_all_coalitions_heard():
    evidence = load()
    members = evidence.group(COALITION)[:15]
    whole = burden(members, "personnel=100000", evidence=evidence)
    names = list(column(whole, "shares", "member")[:-1])
    weights = [float(q.value) for q in column(whole, "shares", "population")[:-1]]
    least, _ = _heard(weights, names, 0.8)
    for share, q in zip(least.shares, column(whole, "shares", "nucleolus")):
        assert float(share) / 1e4 == pytest.approx(q.value, rel=0.05)


# Money: euros and dollars are never mixed silently


def test_a_need_in_euros_is_not_compared_with_spending_in_dollars(money):
    for rule in ("equal_awards", "equal_losses", "talmud"):
        assert all(q.value is None for q in column(money, "shares", rule))
    assert all(q.value is None for q in column(money, "effort", "ratio"))
    assert [m.subject for m in money.missing] == [
        "Iceland (ISL)",
        "Equal awards",
        "Equal losses",
        "Talmud",
    ]
    assert "not comparable" in money.missing[1].what
    assert "mix" not in [t.name for t in money.tables]


def test_a_proportion_needs_no_exchange_rate(money):
    assert unknown(money, "proportional") == ["Iceland"]


def test_with_a_rate_of_the_users_own_they_are_compared():
    evidence = load()
    found = burden(evidence.group(COALITION), MONEY, evidence=evidence, rate=1.1)
    assert unknown(found, "talmud") == ["Iceland"]
    assert "One euro is 1.1 US dollars: given by the user." in found.assumptions
    assert found.table("mix")


def test_a_need_in_dollars_needs_no_rate():
    found = burden(JEF, "reconstruction=50 billion USD", evidence=load())
    assert unknown(found, "talmud") == ["Iceland"]


def test_an_additional_need_says_that_todays_effort_does_not_count(money):
    assert any(a.startswith("The need is additional") for a in money.assumptions)


# Leaving


def test_by_weight_nobody_would_leave_and_by_heads_the_small_would(force):
    assert row(force, "leaving", "rule", "Population", "who") == "nobody"
    assert row(force, "leaving", "rule", "Population", "hold").value == 0
    assert row(force, "leaving", "rule", "Shapley", "who") == "nobody"
    assert row(force, "leaving", "rule", "Nucleolus", "who") == "nobody"
    assert "MNE" not in row(force, "leaving", "rule", "Population", "first")
    assert row(force, "leaving", "rule", "Equal", "hold").value > 0


def test_when_joining_saves_nothing_all_but_the_key_itself_are_left():
    found = burden(JEF, "personnel=10000", evidence=load(), exponent=1.0)
    assert row(found, "leaving", "rule", "Population", "who") == "nobody"
    assert row(found, "leaving", "rule", "Equal", "who") != "nobody"


def test_the_assumptions_of_the_savings_game_are_written_out(force):
    text = " ".join(force.assumptions)
    assert "to the power 0.8" in text
    assert "No text says so: it is a model" in text
    assert "14.87 % more than together" in text


# Force mix


def test_the_strain_without_limits_is_the_same_for_all(force):
    strains = {round(q.value, 3) for q in column(force, "mix", "strain")}
    assert len(strains) == 1


def test_limits_that_do_not_suffice_are_named_line_by_line():
    found = burden(JEF, "personnel=10000", evidence=load(), limit=0.03, most={"GBR": 1000})
    assert column(found, "short", "line") == ("personnel",)
    assert column(found, "short", "held") == ("GBR",)
    gives = sum(q.value for q in column(found, "mix", "gives"))
    assert gives + column(found, "short", "by")[0].value == pytest.approx(10_000)
    assert "would be short" in found.sentence


# Without, and what is refused


def test_what_a_going_adds_for_the_others_adds_up():
    found = burden(JEF, "personnel=10000", evidence=load(), without=("GBR",))
    assert "UK" not in column(found, "shares", "member")
    more = sum(q.value for q in column(found, "without", "more"))
    whole = burden(JEF, "personnel=10000", evidence=load())
    assert more == pytest.approx(row(whole, "shares", "member", "UK", "gni").value)


def test_a_cap_that_cannot_be_kept_is_said_and_the_rest_goes_on():
    found = burden(("FRA", "GBR"), "personnel=10", evidence=load())
    assert all(q.value is None for q in column(found, "shares", "capped"))
    assert any("2 members cannot bear" in m.what for m in found.missing)
    held = burden(("FRA", "GBR"), "personnel=10", evidence=load(), cap=Fraction(1, 2))
    assert [q.value for q in column(held, "shares", "capped")[:2]] == [5, 5]


def test_one_member_bears_it_all():
    found = burden(("FRA",), "personnel=10", evidence=load(), cap=Fraction(1))
    for rule in RULES:
        assert column(found, "shares", rule)[0].value == pytest.approx(10)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param({"exponent": 0.0}, "exponent of 0.0", id="an exponent of nought"),
        pytest.param({"rate": -1.0}, "rate of -1.0", id="a negative rate"),
        pytest.param({"without": ("FRA",)}, "not among the members", id="no member leaves"),
        pytest.param({"without": JEF}, "no member is left", id="all leave"),
        pytest.param({"most": {"FRA": 1.0}}, "not among the members", id="a limit of a stranger"),
    ],
)
def test_options_without_meaning_are_refused(options, said):
    with pytest.raises(UsageError, match=said):
        burden(JEF, "personnel=10", evidence=load(), **options)


def test_an_unknown_code_is_refused():
    with pytest.raises(UsageError, match="not the code of a state"):
        burden(("Arden",), "personnel=10", evidence=load())


# The command


def run(*arguments):
    return CliRunner().invoke(command, arguments, catch_exceptions=True)


def test_the_command_answers_in_text_and_as_a_list_of_json():
    told = run("joint-expeditionary-force", "--need", "personnel=10000")
    assert told.exit_code == 0
    assert told.output.startswith("Of 10,000 people, divided among 10 members, ")
    told = run("joint-expeditionary-force", "--json", "--rate", "1.1", "--most", "swe=0")
    answers = json.loads(told.output)
    assert [a["figures"][0]["unit"] for a in answers] == ["people", "billion € a year"]


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("--cap", "0"), id="a cap of nought"),
        pytest.param(("--limit", "120"), id="a limit above all"),
        pytest.param(("--most", "SWE"), id="a limit without an amount"),
    ],
)
def test_the_command_refuses_what_has_no_meaning(arguments):
    assert isinstance(run("joint-expeditionary-force", *arguments).exception, UsageError)


def test_the_joint_expeditionary_force_is_these_ten():
    charter = load_charter("joint-expeditionary-force")
    assert set(JEF) == {m.iso for m in charter.members.values()}


def test_the_text_says_what_is_not_known(money):
    assert "not comparable: the need is in €" in terminal(money).replace("\n    ", " ")


def test_missing_evidence_turns_shares_unknown_and_is_named():
    found = burden(
        ("FRA", "GBR", "DEU"), "personnel=30", evidence=load(), known_on=date(1990, 1, 1)
    )
    assert all(q.value is None for q in column(found, "shares", "population"))
    assert column(found, "shares", "equal")[0] == Quantity(10, unit="people")
    assert any("active military personnel" in m.what for m in found.missing)
