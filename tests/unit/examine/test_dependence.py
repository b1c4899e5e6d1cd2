import json
from datetime import date
from pathlib import Path

import pytest

from comity.charters import load as charter
from comity.charters import names
from comity.errors import UsageError
from comity.evidence import Evidence, load
from comity.evidence.imports import read_file
from comity.examine.declared import MOST_BYTES
from comity.examine.dependence import communicate, dependence, supply
from comity.examine.services import example, read
from comity.examine.suppliers import code, coded, orders, rules
from comity.report.text import terminal

WILLING = charter("coalition-of-the-willing")
EVIDENCE = load()

# Each row compared by eye with its words: suppliers, leading ones, groups, older
# origins, suppliers of the past, partners in making, made at home, industry spoken of.
BY_EYE = {
    "ALB": ("FRA ISR ITA TUR USA", "", "", "SOV", "", "", False, False),
    "AUS": ("USA", "USA", "WEST", "", "", "USA CAN", True, True),
    "AUT": ("USA", "", "EUR", "", "", "", True, True),
    "BEL": ("USA", "", "EUR", "", "", "", False, True),
    "BGR": ("", "", "WEST", "SOV", "", "", False, False),
    "CAN": ("AUS ISR GBR USA", "USA", "EUR", "", "", "GBR", True, True),
    "CYP": ("BRA ISR RUS USA", "", "EUR", "", "", "", False, False),
    "CZE": ("FRA DEU ITA SWE USA", "", "", "SOV", "", "", True, True),
    "DEU": ("USA", "USA", "EUR WEST", "", "", "USA", True, True),
    "DNK": ("ISR USA", "", "EUR", "", "", "USA", True, True),
    "ESP": ("USA DEU", "", "EUR", "", "", "", True, True),
    "EST": ("FRA ISR KOR SWE TUR USA", "", "WEST", "SOV", "", "", False, False),
    "FIN": ("ISR KOR USA", "", "EUR", "", "", "USA", True, True),
    "FRA": ("USA", "USA", "EUR WEST", "", "", "", True, True),
    "GBR": ("USA", "USA", "WEST", "", "", "AUS USA", True, True),
    "GRC": ("USA FRA DEU GBR", "", "EUR", "", "", "", True, True),
    "HRV": ("FRA DEU TUR USA", "", "", "SOV YUG", "", "", False, False),
    "IRL": ("", "", "EUR", "", "", "", False, False),
    "ITA": ("USA", "", "EUR", "", "", "USA", True, True),
    "JPN": ("USA", "USA", "", "", "", "", True, True),
    "LTU": ("USA", "", "EUR", "", "", "", False, False),
    "LUX": ("", "", "WEST", "", "", "", False, False),
    "LVA": ("USA", "", "EUR", "", "", "", False, False),
    "MNE": ("", "", "WEST", "SOV YUG", "", "", False, False),
    "NLD": ("USA", "", "EUR", "", "", "USA", True, True),
    "NOR": ("USA", "", "EUR", "", "", "", True, True),
    "NZL": ("AUS CAN GBR USA", "", "WEST", "", "", "", True, False),
    "POL": ("FIN KOR USA", "", "", "SOV", "", "USA", False, True),
    "PRT": ("USA", "", "EUR", "", "", "", True, True),
    "ROU": ("USA", "", "EUR", "SOV", "", "", True, False),
    "SVN": ("USA", "", "WEST EUR", "SOV", "", "", False, False),
    "SWE": ("", "", "WEST", "", "", "", True, True),
    "TUR": ("DEU ITA ESP USA RUS KOR", "", "EUR", "", "", "", True, True),
    "UKR": ("USA", "", "WEST EUR", "SOV", "RUS", "", True, False),
    # Outside the coalition
    "USA": ("DEU GBR", "", "", "", "", "", True, True),
    "RUS": ("IRN PRK", "", "", "", "", "", True, True),
    "CHN": ("RUS", "RUS", "", "", "", "", True, True),
    "IND": ("RUS FRA ISR GBR USA", "RUS", "WEST", "SOV", "", "", True, True),
    "BLR": ("RUS", "", "", "SOV", "", "", False, True),
    "PRK": ("CHN RUS", "", "", "SOV", "", "", True, False),
    "KOR": ("USA", "USA", "", "", "", "", True, True),
    "ISR": ("USA", "USA", "EUR", "", "", "", True, True),
    "IRN": ("CHN RUS PRK", "", "", "SOV", "USA", "", True, True),
    "PAK": ("CHN FRA RUS TUR UKR GBR USA", "CHN", "", "", "", "", True, True),
}


@pytest.mark.parametrize("subject", BY_EYE)
def test_the_rules_read_what_was_read_by_eye(subject):
    one = coded([subject], EVIDENCE)[0]
    read_by_rule = (
        *(" ".join(part) for part in (
            one.suppliers, one.leading, one.groups, one.legacy, one.past, one.partners
        )),
        one.domestic,
        one.industry,
    )  # fmt: skip
    assert read_by_rule == BY_EYE[subject]


def test_every_member_that_has_words_was_read_by_eye():
    with_words = {
        m for m in EVIDENCE.group("COALITION_2026_01")
        if EVIDENCE.military_text(m).get("equipment")
    }  # fmt: skip
    assert with_words == {m for m in BY_EYE if m in WILLING.members}
    assert set(WILLING.members) - with_words == {"ISL"}


def test_every_text_of_the_world_can_be_read_and_nobody_supplies_itself():
    for subject in EVIDENCE.countries:
        one = code(subject, EVIDENCE.military_text(subject).get("equipment") or "")
        assert subject not in (*one.suppliers, *one.partners)


def test_words_that_name_a_place_are_no_suppliers():
    war = "hardware from suppliers such as Iran to support its war on Ukraine (2025)"
    assert code("RUS", war).suppliers == ("IRN",)


def test_western_european_is_europe_and_not_the_west():
    assert code("NOR", "imported Western European and US armaments").groups == ("EUR",)


def test_an_alias_stands_once_in_the_rules():
    words = [w for name in rules()["name"] for w in name["words"]]
    assert len(words) == len(set(words))


def test_no_words_are_not_known():
    one = coded(["ISL"], EVIDENCE)[0]
    assert not one.known
    assert one.relies("USA") == "not known"


@pytest.mark.parametrize(
    ("text", "reliance"),
    [
        pytest.param("equipment from the US", "no other named", id="nothing else"),
        pytest.param("European and US armaments", "only unnamed or home", id="and Europeans"),
        pytest.param("domestically produced and US arms", "only unnamed or home", id="and its own"),
        pytest.param("equipment from France and the US", "others named", id="and France"),
        pytest.param("imported Western systems", "may be meant", id="the West"),
        pytest.param("European armaments", "not named", id="Europeans"),
        pytest.param("", "not known", id="nothing said"),
    ],
)
def test_what_hangs_on_a_supplier_by_the_words(text, reliance):
    assert code("LTU", text).relies("USA") == reliance


def test_the_united_states_are_named_by_most_members():
    found = dependence(WILLING, evidence=EVIDENCE, supplier="USA")
    assert found.stops[0].supplier == "USA"
    assert len(found.stops[0].naming) == sum("USA" in row[0].split() for m, row in BY_EYE.items()
                                             if m in WILLING.members)  # fmt: skip
    assert "29 of 34" in found.sentence()


def test_trade_coercion_is_said_to_be_missing():
    missing = dependence(WILLING, evidence=EVIDENCE).finding().missing
    assert any("trade" in m.what for m in missing)


def test_the_command_gives_json_with_the_documented_keys():
    from click.testing import CliRunner

    from comity.cli.dependence import dependence as command

    words = ["coalition-of-the-willing", "--supplier", "usa", "--json"]
    answer = json.loads(CliRunner().invoke(command, words, standalone_mode=False).output)
    assert answer["sentence"].startswith("29 of 34")
    page = Path("docs/explanation/dependence.md").read_text(encoding="utf-8")
    for part in (answer, answer["members"][0], answer["services"][0]):
        assert [key for key in part if f"`{key}`" not in page] == []


def test_the_services_of_the_page_can_be_read():
    page = Path("docs/explanation/dependence.md").read_text(encoding="utf-8")
    block = page.split("```toml\n", 1)[1].split("```", 1)[0]
    found = read(block.encode(), "services.toml", WILLING)
    assert found.grounds == "declared"
    lost = frozenset({"NOR"})
    assert communicate(WILLING, services=found, lost_suppliers=lost).standing == "holds"


@pytest.mark.parametrize("name", names())
def test_every_shipped_charter_can_be_asked(name):
    finding = dependence(charter(name), evidence=EVIDENCE).finding()
    assert terminal(finding)
    assert finding.to_json()["sentence"]


# A register of orders


REGISTER = (
    b"Recipient,Supplier,Year of order\nPoland,United States,2022\nPoland,United States,2023\n"
    b'Poland,"Korea, South",2022\nPoland,Sweden,2022\n'
)


def imported(tmp_path, raw):
    path = tmp_path / "register.csv"
    path.write_bytes(raw)
    day = date(2026, 3, 9)
    found = read_file(path, "register", kind="sipri-trade", known_from=day, today=day)
    return Evidence(found.figures, {found.source.id: found.source})


def test_orders_are_counted_by_supplier_over_the_years(tmp_path):
    found = orders("POL", imported(tmp_path, REGISTER))
    assert dict(found.by_supplier) == {"United States": 2, "Korea, South": 1, "Sweden": 1}
    assert found.complete
    assert found.concentration == pytest.approx(0.5**2 + 2 * 0.25**2)


def test_one_supplier_of_all_orders_is_the_highest_concentration(tmp_path):
    found = orders("POL", imported(tmp_path, REGISTER[: REGISTER.index(b'Poland,"')]))
    assert found.concentration == 1.0


def test_without_a_register_no_concentration_is_computed():
    found = dependence(WILLING, evidence=EVIDENCE)
    assert found.orders == ()
    assert any("concentration" in m.effect for m in found.finding().missing)


def test_a_register_shows_in_the_finding(tmp_path):
    found = dependence(WILLING, evidence=imported(tmp_path, REGISTER))
    assert [o.subject for o in found.orders] == ["POL"]
    assert found.finding().table("orders").column("orders").values == (4,)


# Supply of an obligation


def test_nothing_lost_nothing_asked():
    assert supply(WILLING, "paris-guarantees", evidence=EVIDENCE).standing == "holds"


def test_a_supplier_whom_nobody_names_is_not_missed():
    found = supply(
        WILLING, "multinational-force", evidence=EVIDENCE, lost_suppliers=frozenset({"JPN"})
    )
    assert found.standing == "holds"


def test_prose_never_says_that_it_fails_or_holds_where_a_supplier_is_named():
    found = supply(
        WILLING, "multinational-force", evidence=EVIDENCE, lost_suppliers=frozenset({"USA"})
    )
    assert found.standing == "not known"
    assert "2 of 2 name US" in found.why
    assert "shares" in found.missing[0]


def test_without_words_it_is_not_known():
    class Silent(Evidence):
        def military_text(self, subject):
            return {}

    found = supply(
        WILLING, "multinational-force", evidence=Silent(), lost_suppliers=frozenset({"USA"})
    )
    assert found.standing == "not known"
    assert any("words" in m for m in found.missing)


def test_it_fails_where_all_who_owe_name_nobody_else():
    class Bare(Evidence):
        def military_text(self, subject):
            return {"equipment": "all equipment is from the US"}

    found = supply(
        WILLING, "multinational-force", evidence=Bare(), lost_suppliers=frozenset({"USA"})
    )
    assert found.standing == "fails"


def test_an_obligation_fails_with_the_service_it_hangs_on():
    lost = frozenset({"monitoring"})
    found = supply(WILLING, "paris-guarantees", evidence=EVIDENCE, lost_services=lost)
    assert found.standing == "fails"
    assert "(model)" in found.why
    other = supply(WILLING, "multinational-force", evidence=EVIDENCE, lost_services=lost)
    assert other.standing == "holds"


def test_an_alternate_takes_the_place_of_a_service_and_both_can_be_lost():
    one, both = frozenset({"transport-hub"}), frozenset({"transport-hub", "transport-south"})
    assert supply(
        WILLING, "multinational-force", evidence=EVIDENCE, lost_services=one
    ).standing == ("holds")
    assert supply(
        WILLING, "multinational-force", evidence=EVIDENCE, lost_services=both
    ).standing == ("fails")
    # Poland provides one and Romania the other.
    pair = frozenset({"POL", "ROU"})
    assert supply(WILLING, "multinational-force", evidence=EVIDENCE, lost=pair).standing == "fails"


@pytest.mark.parametrize(
    "how",
    [{"lost_services": frozenset({"pigeon"})}, {"lost_suppliers": frozenset({"Mars"})}],
)
def test_what_nobody_declared_cannot_be_lost(how):
    with pytest.raises(UsageError):
        supply(WILLING, "paris-guarantees", evidence=EVIDENCE, **how)


# Reaching each other


def net(*services, title="ours"):
    """Services of two users each over which messages go: "FRA-GBR"."""
    text = f'title = "{title}"\n'
    for name in services:
        users = ", ".join(f'"{u}"' for u in name.split("-"))
        text += f'[[service]]\nid = "{name}"\nusers = [{users}]\ncarries = true\n'
    return read(text.encode(), "ours.toml", TRIO)


def trio():
    from dataclasses import replace

    members = {k: WILLING.members[k] for k in ("FRA", "GBR", "UKR")}
    return replace(WILLING, id="trio", members=members, participants={}, groups={})


TRIO = trio()


def test_a_ring_survives_the_loss_of_any_one_line_and_a_chain_does_not():
    ring, chain = net("FRA-GBR", "GBR-UKR", "FRA-UKR"), net("FRA-GBR", "GBR-UKR")
    for name in ring.all:
        lost = frozenset({name})
        assert communicate(TRIO, services=ring, lost_services=lost).standing == "holds"
    for name in chain.all:
        found = communicate(TRIO, services=chain, lost_services=frozenset({name}))
        assert found.standing == "fails"
        assert "cannot reach" in found.why


def test_who_is_lost_need_not_be_reached_and_carries_nothing():
    chain = net("FRA-GBR", "GBR-UKR")
    assert communicate(TRIO, services=chain, lost=frozenset({"UKR"})).standing == "holds"
    # Two services that meet only in a lost member do not join the others.
    assert communicate(TRIO, services=chain, lost=frozenset({"GBR"})).standing == "fails"


def test_a_service_stops_with_what_it_needs_unless_an_alternate_works():
    text = b"""
[[service]]
id = "room"
users = ["standing:member"]
carries = true
needs = ["cloud"]
[[service]]
id = "cloud"
provider = "USA"
users = ["standing:member"]
alternates = ["own-cloud"]
[[service]]
id = "own-cloud"
users = ["standing:member"]
"""
    ours = read(text, "ours.toml", TRIO)
    lost = frozenset({"own-cloud"})
    assert communicate(TRIO, services=ours, lost_suppliers=frozenset({"USA"})).standing == "holds"
    both = communicate(TRIO, services=ours, lost_suppliers=frozenset({"USA"}), lost_services=lost)
    assert both.standing == "fails"


def test_services_that_need_each_other_stop_together():
    text = b"""
[[service]]
id = "a"
users = ["standing:member"]
carries = true
needs = ["b"]
[[service]]
id = "b"
users = []
needs = ["a", "c"]
[[service]]
id = "c"
users = []
"""
    ours = read(text, "ours.toml", TRIO)
    assert ours.working() == {"a", "b", "c"}
    assert ours.working(lost_services=["c"]) == frozenset()


def test_nothing_declared_is_not_known():
    assert communicate(charter("osce")).standing == "not known"
    assert communicate(TRIO, services=net("FRA-GBR")).standing == "not known"  # Ukraine has none


def test_nobody_left_reaches_nobody():
    everyone = frozenset(TRIO.members)
    assert communicate(TRIO, services=net("FRA-GBR"), lost=everyone).standing == "fails"


def test_the_shipped_example_is_marked_as_a_model_and_works_without_any_one_service():
    services = example(WILLING)
    assert services is not None
    assert services.grounds == "model"
    for key in services.all:
        found = communicate(WILLING, lost_services=frozenset({key}))
        assert found.standing == "holds"
        assert "(model)" in found.why
    assert communicate(WILLING, lost_suppliers=frozenset({"USA"})).standing == "holds"


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        pytest.param(b"a = ", "not TOML", id="not TOML"),
        pytest.param(b"\xff", "not UTF-8", id="not UTF-8"),
        pytest.param(b"[service]\n", "two brackets", id="one bracket"),
        pytest.param(b"[[service]]\n", "'id' is missing", id="no id"),
        pytest.param(b'[[service]]\nid = "a"\nusers = ["XXX"]\n', "XXX", id="a stranger"),
        pytest.param(b'[[service]]\nid = "a"\nneeds = ["b"]\n', "not declared", id="needs nothing"),
        pytest.param(b'[[service]]\nid = "a"\nfor = ["b"]\n', "no obligation", id="for nothing"),
        pytest.param(b'[[service]]\nid = "a"\ncarries = 1\n', "true or false", id="carries one"),
        pytest.param(b'[[service]]\nid = "a"\ncolour = 1\n', "colour", id="an unknown key"),
        pytest.param(b'[[service]]\nid = "a"\n[[service]]\nid = "a"\n', "two services", id="twice"),
        pytest.param(b'[[service]]\nid = "a"\nusers = "FRA"\n', "list", id="one user for a list"),
        pytest.param(b'charter = "osce"\n', "is for osce", id="for another charter"),
        pytest.param(b"x" * (MOST_BYTES + 1), "1 MiB", id="too long"),
    ],
)
def test_a_faulty_file_of_services_is_refused_with_its_place(raw, words):
    with pytest.raises(UsageError, match=words):
        read(raw, "ours.toml", WILLING)
