"""Draw docs/images/which-rule.svg: python docs/images/which_rule.py."""

from pathlib import Path

from comity.charters import load
from comity.examine.finding import Chart, Column, Finding, Quantity, Source, Table
from comity.examine.laboratory import laboratory
from comity.report.chart import svg

HERE = Path(__file__).parent


def picture() -> str:
    """Return the chart of the rules laid side by side for the proposed council."""
    found = laboratory(load("european-security-council"), "council")
    rules = [rule for rule in found.rules if rule.binds_all]
    percents = [Quantity(_percent(rule.independent), unit="%") for rule in rules]
    alone = ["somebody alone" if r.alone("refusing") else "nobody alone" for r in rules]
    table = Table(
        "rules",
        "Rules for the proposed council",
        (
            Column("rule", "Rule", tuple(rule.rule_id for rule in rules)),
            Column("passes", "Proposals that would pass", tuple(percents), unit="%"),
            Column("alone", "Who can stop it", tuple(alone)),
        ),
    )
    title = (
        "Proposed European Security Council: if each of its 12 members agreed with nine proposals "
        "in ten, for itself, far fewer would pass where one alone can stop them"
    )
    return svg(
        Finding(
            question="Which rule for the proposed European Security Council?",
            sentence=title,
            tables=(table,),
            sources=(Source("model", "rules", "Comity's model; no rule was proposed"),),
            charts=(Chart("bar", title, "passes", "rule", group="alone"),),
        )
    )


def _percent(chance: float) -> float:
    """Return percent, whole below 99, never rounded up to 100."""
    percent = 100 * chance
    return round(percent) if percent < 99 else min(99.9, round(percent, 1))


if __name__ == "__main__":
    (HERE / "which-rule.svg").write_text(picture(), encoding="utf-8")
