import pytest

from comity.core import checks
from comity.core.reading import examine
from tests.unit.core.larch import HEAD, charter_of, faults_of

COUNCIL = """
[procedures.vote]
kind = "vote"
n = 1
[rules.change]
title = "Three of four"
{rule}
[organs.council]
name = "Council"
seats = ["standing:member"]
rules = ["change"]
procedures = ["vote"]
{more}
"""
THREE = "adopt = { in_favour = { at_least = 3 } }"
CHANGE = '[changes.amendment]\norgan = "council"\nrule = "change"\nprocedure = "vote"\n'
PEOPLE = (
    '[[weights.people]]\nunit = "persons"\nfrom = 2026-01-01\n'
    "values = { Arden = 4, Brill = 3, Corve = 2, Dorn = 1 }\n"
)


def council(rule=THREE, more=""):
    return COUNCIL.format(rule=rule, more=more)


@pytest.mark.parametrize(
    ("rule", "more", "note"),
    [
        pytest.param(THREE, CHANGE, (), id="three of four can lose anybody"),
        pytest.param(
            "adopt = { in_favour = { at_least = 4 } }",
            CHANGE,
            (
                "the charter cannot be amended if any one member is silent",
                "the charter cannot be amended if any one member refuses",
            ),
            id="all of four cannot",
        ),
        pytest.param(
            "adopt = { all_of = [{ in_favour = { at_least = 3 } }, { no_veto = {} }] }",
            'veto = ["Arden", "Brill"]\n' + CHANGE,
            ("the charter cannot be amended if Arden or Brill refuses",),
            id="two with a veto can refuse",
        ),
        pytest.param(
            'adopt = { all_of = [{ in_favour = { at_least = 3 } }, { in_favour = { at_least = 1, among = ["Dorn"] } }] }',  # noqa: E501
            CHANGE.replace("amendment", "suspension"),
            (
                "a member cannot be suspended if Dorn is silent",
                "a member cannot be suspended if Dorn refuses",
            ),
            id="one whose yes is needed",
        ),
        pytest.param(
            THREE,
            CHANGE.replace("amendment", "admission") + "[procedures.none]\nkind = 'vote'\n",
            (),
            id="a procedure without n",
        ),
        pytest.param(
            "adopt = { all_of = [{ in_favour = { at_least = 3 } }, { no_veto = {} }] }",
            "",
            (
                "'change' asks for no veto by veto, and nobody of Council is among them on 2026-01-01",  # noqa: E501
            ),
            id="a veto that nobody has",
        ),
    ],
)
def test_what_is_legal_and_worth_knowing_is_noted(rule, more, note):
    assert charter_of(council(rule, more)).notes == note


def test_whoever_is_concerned_may_stand_aside():
    rule = 'concerned = "excluded"\nadopt = { in_favour = { at_least = "100 %" } }'
    more = CHANGE.replace("amendment", "key-replacement")
    assert charter_of(council(rule, more)).notes == ()
    assert charter_of(council(rule, CHANGE)).notes[0].endswith("if any one member is silent")


def test_nobody_may_be_missing_where_n_is_nothing():
    text = council(more=CHANGE).replace("n = 1", "n = 0")
    assert charter_of(text).notes == (
        "the charter cannot be amended if any one member does not close: the procedure vote has n = 0",  # noqa: E501
    )
    assert charter_of(text.replace('kind = "vote"', 'kind = "signature"')).notes == ()


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        pytest.param(
            "adopt = { in_favour = { at_least = 5 } }",
            "nobody can meet it in Council: it fails even if all 4 are in favour",
            id="five of four",
        ),
        pytest.param(
            "adopt = { against = { at_most = 4 } }",
            "nobody can fail it in Council: it holds whatever its members say",
            id="four against of four",
        ),
        pytest.param(
            "adopt = { in_favour = { at_least = 3 } }\nreject = { in_favour = { at_least = 5 } }",
            "nothing can be rejected in Council: that fails even if all 4 say no",
            id="five against of four",
        ),
        pytest.param(
            "adopt = { in_favour = { at_least = 2 } }\nreject = { in_favour = { at_least = 2 } }",
            "in Council a proposal could be adopted and rejected at once",
            id="two each way",
        ),
    ],
)
def test_a_rule_that_cannot_decide_is_refused(rule, said):
    assert faults_of(council(rule, CHANGE)) == [f"rules.change: {said}"]


@pytest.mark.parametrize(
    ("rule", "f", "said", "remedy"),
    [
        pytest.param(
            "adopt = { in_favour = { at_least = 2 } }",
            0,
            "may share no member, so",
            "at least 3 of the 4 members",
            id="two of four",
        ),
        pytest.param(
            "adopt = { in_favour = { at_least = 3 } }",
            1,
            None,
            None,
            id="three of four share two, more than one",
        ),
        pytest.param(
            'concerned = "excluded"\nadopt = { in_favour = { at_least = "2/3" } }',
            1,
            "may share only one member when one stands aside, so",
            "at least 3 of the 4 members",
            id="two thirds when one stands aside",
        ),
        pytest.param(
            'concerned = "excluded"\nadopt = { in_favour = { at_least = 3 } }',
            1,
            None,
            None,
            id="three when one stands aside",
        ),
        pytest.param(
            'adopt = { in_favour = { more_than = "1/2", of = "voting" } }',
            0,
            "may share no member, so",
            "at least 3 of the 4 members",
            id="of those voting",
        ),
    ],
)
def test_two_changes_at_once_need_more_than_f_who_sign_both(rule, f, said, remedy):
    text = council(rule, CHANGE).replace("n = 1", f"n = 1\nf = {f}")
    _, faults = examine(HEAD + text)
    if said is None:
        assert faults == ()
    else:
        assert [fault.where for fault in faults] == ["changes.amendment"]
        assert said in faults[0].what
        assert remedy in faults[0].remedy


@pytest.mark.parametrize(
    ("n", "f", "remedy"),
    [
        pytest.param(2, 0, "write n = 1 or less, or give Council a procedure of its own", id="n"),
        pytest.param(
            0, 4, "write n = 0 and f = 3 or less, or give Council a procedure of its own", id="f"
        ),
    ],
)
def test_a_body_is_large_enough_for_its_n_and_f(n, f, remedy):
    _, faults = examine(HEAD + council(more=CHANGE).replace("n = 1", f"n = {n}\nf = {f}"))
    assert [fault.remedy for fault in faults] == [remedy]
    assert "Council has 4 members, fewer than 2n + f + 1 = 5" in faults[0].what


def test_a_body_of_one_says_so():
    text = council().replace("standing:member", "Arden").replace("at_least = 3", "at_least = 1")
    assert "Council has one member, fewer" in faults_of(text)[0]


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        pytest.param(
            PEOPLE.replace(", Dorn = 1", ""),
            "weights.people: Council counts people on 2026-01-01, and none is given for Dorn",
            id="one without",
        ),
        pytest.param(
            PEOPLE.replace("from = 2026", "from = 2027"),
            "weights.people: no table of people is in force on 2026-01-01, when Council counts it",
            id="a table that comes too late",
        ),
        pytest.param(
            PEOPLE.replace("Dorn = 1", "Dorn = -1"),
            "weights.people[1].values.Dorn: a weight is a number that is not negative, with at most 18 digits",  # noqa: E501
            id="a weight at fault is told once",
        ),
    ],
)
def test_every_weight_that_is_counted_is_known(weights, said):
    rule = 'adopt = { in_favour = { at_least = "60 %", weight = "people" } }'
    assert faults_of(council(rule, CHANGE + weights)) == [said]


def test_many_without_a_weight_are_told_short():
    members = "".join(f"M{i} = {{ name = 'm' }}\n" for i in range(5))
    rule = 'adopt = { in_favour = { at_least = "60 %", weight = "people" } }'
    weights = PEOPLE.replace("{ Arden = 4, Brill = 3, Corve = 2, Dorn = 1 }", "{ M0 = 1 }")
    told = faults_of(members + council(rule, weights))
    assert told[0].endswith("none is given for Arden, Brill, Corve, Dorn, M1 and M2 and 2 more")


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        pytest.param(
            "[groups]\ng = ['Nobody']\n",
            "groups.g: 'Nobody' is neither a member nor a participant",
            id="a group",
        ),
        pytest.param(
            "[members.X]\nname = 'X'\nstanding = 'y'\n",
            "members.X.standing: no standing is called 'y'",
            id="a standing",
        ),
        pytest.param(
            "[participants]\nX = 1\n", "participants.X: 1 is not a table", id="a participant"
        ),
    ],
)
def test_where_a_roster_is_at_fault_nothing_that_follows_is_told(fault, said):
    assert faults_of(council("adopt = { in_favour = { at_least = 9 } }", fault)) == [said]


def test_where_a_name_is_at_fault_all_else_is_told():
    told = faults_of("E = { name = 1 }\n" + council("adopt = { in_favour = { at_least = 9 } }"))
    assert [line.split(":")[0] for line in told] == ["members.E.name", "rules.change"]


def test_a_rule_at_fault_is_not_checked():
    rule = 'adopt = { in_favour = { at_least = 9, weight = "gold" } }'
    assert faults_of(council(rule, CHANGE)) == [
        "rules.change.adopt.in_favour.weight: no weights are called 'gold'"
    ]


def test_a_rotation_with_seats_nobody_is_known_to_hold_is_noted():
    more = (
        '[groups]\ng = ["Arden", "Brill"]\n[rotations.r]\ngroup = "g"\nseats = 1\nmonths = 6\n'
        '[organs.desk]\nname = "Desk"\nseats = ["rotation:r", "Dorn"]\nrules = ["one"]\n'
        '[rules.one]\ntitle = "One"\nadopt = { in_favour = { at_least = 1 } }\n'
    )
    assert charter_of(more).notes == ("Desk on 2026-01-01: 0 of 1 seats of r are known to be held",)


@pytest.mark.parametrize(
    ("bound", "where"),
    [
        pytest.param(0, "organs.council", id="before the first roster"),
        pytest.param(60, "organs.council", id="before the first rule"),
        pytest.param(94, "changes.amendment", id="before the first change"),
    ],
)
def test_a_charter_that_would_take_too_long_to_check_is_refused_once(monkeypatch, bound, where):
    monkeypatch.setattr(checks, "CHECKS_BOUND", bound)
    more = CHANGE + '[organs.again]\nname = "Again"\nseats = ["standing:member"]\n'
    told = faults_of(council(more=more if bound < 94 else CHANGE))
    assert told == [
        f"{where}: the charter has too many organs, rosters and rules to be checked together"
    ]


def test_an_obligation_is_invoked_under_a_rule_in_force():
    obligation = (
        '[obligations.help]\ntitle = "Help"\ntrigger = "t"\nowed_by = ["Arden"]\nowed_to = ["Brill"]\n'  # noqa: E501
        'does = "d"\ntext = "model"\nin_force = 2026-01-01\ninvoked_by = {{ organ = "{0}"{1} }}\n'
    )
    assert faults_of(council(more=obligation.format("council", ', rule = "change"'))) == []
    desk = '[organs.desk]\nname = "Desk"\nseats = ["Arden"]\n'
    assert faults_of(council(more=desk + obligation.format("desk", ', rule = "change"'))) == [
        "obligations.help.invoked_by: 'change' is not a rule in force of desk"
    ]
    assert charter_of(desk + obligation.format("desk", "")).notes[-1] == (
        "Help cannot be invoked yet: Desk has no rule"
    )


def test_a_change_is_not_checked_where_it_is_not_known_who_sits():
    rotation = '[groups]\ng = ["Arden"]\n[rotations.r]\ngroup = "g"\nseats = 1\nmonths = 6\n'
    text = council(more=rotation + CHANGE).replace(
        'seats = ["standing:member"]', 'seats = ["rotation:r", "Brill"]'
    )
    assert charter_of(text).notes == (
        "Council on 2026-01-01: 0 of 1 seats of r are known to be held",
    )
