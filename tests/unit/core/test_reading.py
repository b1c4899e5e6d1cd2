from datetime import date
from fractions import Fraction

import pytest

from comity.core.reading import MAX_GROUPED, examine, read_charter
from comity.errors import CharterError
from tests.unit.core.larch import EXAMPLE, HEAD, charter_of, faults_of


def test_the_larch_league_is_read_whole():
    league = read_charter(EXAMPLE.read_bytes())
    assert league.id == "larch-league"
    assert league.dated == date(2026, 1, 1)
    assert list(league.members) == ["Arden", "Brill", "Corve", "Dorn", "Elsin"]
    assert league.members["Elsin"].standing == "associate"
    assert league.weights[0].values["Dorn"] == 10_000
    assert league.procedures["silence"].notice == 12
    assert league.rotations["hills"].order == ("Dorn", "Corve")
    assert league.organs["council"].can_decide
    assert league.obligations["ambulance"].needs[0].high == Fraction(6)
    assert league.changes["suspension"].rule == "change"
    assert league.notes == ()


def test_text_and_bytes_read_alike():
    assert read_charter(EXAMPLE.read_text()) == read_charter(EXAMPLE.read_bytes())


@pytest.mark.parametrize(
    ("more", "said"),
    [
        pytest.param(
            "x = 1", "the charter cannot be used: 1 is not a table, in line 13", id="one fault"
        ),
        pytest.param("x = 1\ny = 2", "in line 13 (and one more fault)", id="two faults"),
        pytest.param("x = 1\ny = 2\nz = 3", "in line 13 (and 2 more faults)", id="three faults"),
    ],
)
def test_a_charter_that_cannot_be_used_raises_with_all_its_faults(more, said):
    with pytest.raises(CharterError) as stopped:
        read_charter(HEAD + more)
    assert said in stopped.value.what
    assert stopped.value.hint == "write it as [members.x]"
    assert len(stopped.value.faults) == len(more.split("\n"))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        pytest.param("comity = 2", "version 2 of the language is not known", id="a later version"),
        pytest.param("comity = true", "version True of the language is not known", id="a truth"),
        pytest.param("", "the file does not say that it is a charter", id="nothing"),
    ],
)
def test_nothing_is_said_of_a_file_in_another_language(written, said):
    charter, faults = examine(written + "\nunknown = 1")
    assert charter is None
    assert [fault.what for fault in faults] == [said]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        pytest.param(
            "[groups]\n" + "".join(f"g{i} = []\n" for i in range(201)),
            ["groups: there are too many groups"],
            id="groups",
        ),
        pytest.param(
            "[weights]\n" + "".join(f"w{i} = []\n" for i in range(33)),
            ["weights: there are too many weights"],
            id="weights",
        ),
        pytest.param(
            "".join(f"M{i} = {{ name = 'm' }}\n" for i in range(1000)),
            ["members: there are 1,004 members"],
            id="members",
        ),
        pytest.param(
            '[rotations.r]\ngroup = "g"\nseats = 1\nmonths = 1\norder = ["Arden"]\n',
            [
                "rotations.r: 'since' is missing",
                "rotations.r.group: no group is called 'g'",
                "rotations.r.order: 'Arden' is not in the group g",
            ],
            id="a rotation of no group",
        ),
    ],
)
def test_what_is_too_much_or_points_nowhere_is_refused(more, said):
    assert faults_of(more) == said


def test_groups_together_list_a_bounded_number_of_codes():
    members = "".join(f"M{i} = {{ name = 'm' }}\n" for i in range(900))
    codes = "[" + ",".join(f"'M{i}'" for i in range(900)) + "]\n"
    groups = "[groups]\n" + "".join(f"g{i} = {codes}" for i in range(6))
    assert 5 * 900 < MAX_GROUPED < 6 * 900
    assert faults_of(members + groups) == ["groups: the groups list 5,400 codes"]


def test_members_who_are_none_draw_no_faults_after_them():
    text = HEAD.replace("[members]", "[others]") + "[groups]\ncoast = ['Arden']\n"
    told = [fault.what for fault in examine(text)[1]]
    assert told == ["there are no members", "nothing here is called 'others'"]
    broken = "members = 1\n" + HEAD.replace("[members]", "[others]")
    assert [f.where for f in examine(broken)[1]] == ["members", "others"]


def test_a_group_at_fault_draws_no_faults_after_it():
    told = faults_of(
        '[groups]\ncoast = ["Arden", "Bril"]\n[rotations.r]\ngroup = "coast"\nseats = 1\nmonths = 6\n'  # noqa: E501
        'since = 2026-01-01\norder = ["Brill"]\n'
        'terms = [{ member = "Brill", from = 2026-01-01, until = 2026-06-30 }]\n'
    )
    assert told == ["groups.coast: 'Bril' is neither a member nor a participant"]


def test_terms_that_follow_one_another_are_fine_where_the_charter_says_so():
    terms = (
        'terms = [{ member = "Arden", from = 2026-01-01, until = 2026-06-30 },'
        ' { member = "Arden", from = 2026-07-01, until = 2026-12-31 }]\n'
    )
    rotation = (
        '[groups]\ng = ["Arden", "Brill"]\n[rotations.r]\ngroup = "g"\nseats = 1\nmonths = 6\n'
    )
    assert faults_of(rotation + terms) == [
        "rotations.r.terms[2].from: Arden would follow itself, and there is no immediate "
        "re-election"
    ]
    assert faults_of(rotation + "immediate_reelection = true\n" + terms) == []
    assert faults_of(rotation + "immediate_reelection = 1\n" + terms) == [
        "rotations.r.immediate_reelection: 1 is not true or false"
    ]


def test_a_rule_in_a_charter_without_rules_has_no_likeness():
    assert faults_of('[organs.o]\nname = "O"\nseats = ["Arden"]\nrules = ["r"]\n') == [
        "organs.o.rules: no rule is called 'r'"
    ]


def test_at_least_false_is_no_number():
    told = faults_of('[rules.r]\ntitle = "R"\nadopt = { quorum = { at_least = false } }\n')
    assert told[0].endswith("False is not a whole number from 0 to 100,000,000,000,000,000")


def test_what_the_charter_leaves_out_is_the_least():
    charter = charter_of('[organs.o]\nname = "O"\nseats = ["Arden"]\n')
    organ = charter.organs["o"]
    assert (organ.propose, organ.call, organ.form_groups) == (("seats",), ("seats",), ())
    assert charter.members["Arden"].standing == "member"
    assert charter.standings["member"] == ("read", "talk", "propose", "answer", "pledge")
