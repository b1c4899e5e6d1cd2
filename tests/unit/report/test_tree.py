from types import SimpleNamespace

from comity.report.tree import tree


def node(sentence, standing, *parts):
    return SimpleNamespace(sentence=sentence, standing=standing, parts=parts)


def test_shape_and_word_carry_the_standing():
    said = tree(node("all of", "failed", node("a", "met"), node("b", "open"), node("c", "failed")))
    assert said.splitlines() == [
        "× failed  all of",
        "  ● met     a",
        "  ○ open    b",
        "  × failed  c",
    ]


def test_deep_rules_and_long_sentences_stay_within_the_line():
    deep = node("55 % of members: 14 of 15 needed, open, 6 could still turn it; " * 4, "open")
    for _ in range(60):
        deep = node("any of these", "open", deep)
    said = tree(deep, 100)
    assert max(map(len, said.splitlines())) <= 100
    assert " ".join(said.split()).count("14 of 15 needed") == 4
