"""`comity evidence`: the figures, their names, and a user's own."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import click

from comity.cli.written import DAY, WrittenCommand, WrittenGroup, json_option, print_json
from comity.evidence import Evidence, Figure, Source, load

WIDTH = 100

_EVIDENCE = """usage: comity evidence COMMAND ...

The figures that answers rest on. Each has a range, unit, year, source, licence
and caveats, and a name that can be resolved.

commands:
  list    what is measured, or the figures of one measure
  show    a figure: its row, or how it is computed and from which rows
  check   check a file of your own as import would, and change nothing
  import  take in a file of your own; it adds to the shipped figures, or overrides them
  diff    which figures differ between two days, or between yours and the shipped

example:
  $ comity evidence show warheads_inventory:FRA:2025:sipri-yearbook-2025"""

_LIST = """usage: comity evidence list [--subject CODE] [--all] [--known-on DATE] [--data DIR]
                            [--json] [MEASURE]

List what is measured, or all figures of one measure.

  MEASURE          a measure from the list
  --subject CODE   only this state
  --all            also measures that have no figure
  --known-on DATE  only figures that were public on that day
  --data DIR       folder of your own figures
  --json           the answer as JSON

example:
  $ comity evidence list warheads_inventory --subject FRA"""

_SHOW = """usage: comity evidence show [--data DIR] [--json] ID

Show a figure with its range, source, licence and caveats. A derived figure is
computed anew, and each figure that goes into it is named.

  ID          measure:subject:year:source, or sum(...), share(...), per_head(...),
              per_gdp(...), rank(...), ratio(...|...), get(...)
  --data DIR  folder of your own figures
  --json      the answer as JSON, with inputs and sources

exit status:
  0  the figure
  1  nothing has that name; the message says why

example:
  $ comity evidence show "sum(warheads_inventory;FRA,GBR)"
"""

_CHECK = """usage: comity evidence check --as NAME [--format FORMAT] [--sheet NAME] [--unit UNIT]
                             [--year YEAR] [--column NAME] FILE

Check a file as import would, and change nothing.

  FILE             a CSV (UTF-8) or Excel file that you hold
  --as NAME        what to call the source, such as my-spending
  --format FORMAT  tidy (the default), sipri-milex, sipri-trade, kiel, holdings
  --sheet NAME     the sheet of a workbook; the first where it is left out
  --unit, --year, --column
                   where the format asks for them (docs/howto/bring-your-own-data.md)

exit status:
  0  it can be imported
  1  it cannot; the message names row and column

example:
  $ comity evidence check spending.csv --as my-spending"""

_IMPORT = """usage: comity evidence import --as NAME [--format FORMAT] [--sheet NAME] [--unit UNIT]
                              [--year YEAR] [--column NAME] [--known-from DATE]
                              [--title TITLE] [--publisher P] [--licence L]
                              [--data DIR] FILE

Take in a file that you hold. Its figures add to the shipped ones, or override
those of the same year. It is taken whole or not at all.

  FILE               a CSV (UTF-8) or Excel file
  --as NAME          what to call the source, such as my-spending; a second
                     import of that name replaces the first
  --format FORMAT    tidy (the default), sipri-milex, sipri-trade, kiel, holdings
  --sheet NAME       the sheet of a workbook; the first where it is left out
  --unit, --year, --column
                     where the format asks for them (docs/howto/bring-your-own-data.md)
  --known-from DATE  the day from which it was public; today where it is left out
  --title, --publisher, --licence
                     for citing it
  --data DIR         where to keep it; else COMITY_DATA, else the XDG data folder

exit status:
  0  it is taken in
  1  it is not; the message names row and column, and nothing has changed

example:
  $ comity evidence import spending.csv --as my-spending"""

_DIFF = """usage: comity evidence diff [--known-on DATE ...] [--measure MEASURE] [--members CODES]
                            [--data DIR] [--json]

Say which figures differ: between a day and now, between two days, or, where no
day is given, between the shipped figures and those with your own over them.

  --known-on DATE    once: that day against now; twice: the one day against the other
  --measure MEASURE  only this measure
  --members CODES    codes and groups, with commas; the 35 states of January 2026
                     where it is left out
  --data DIR         folder of your own figures
  --json             the answer as JSON

example:
  $ comity evidence diff --known-on 2026-01-20 --measure military_expenditure"""


def data_option(command: Any) -> Any:
    """Add --data DIR, where a user's own figures are kept."""
    return click.option("--data")(command)


def known_on_option(command: Any) -> Any:
    """Add --known-on DATE, which pins the vintage."""
    return click.option("--known-on", type=DAY)(command)


def open_evidence(data: str | None) -> Evidence:
    """Return the shipped evidence with the user's own over it."""
    from comity.evidence.imports import folder_of

    folder = folder_of(data)
    return load(folder) if folder.is_dir() else load()


@click.group(cls=WrittenGroup, written=_EVIDENCE)
def evidence() -> None:
    """The figures that answers rest on: each with range, source, licence, caveats."""


@evidence.command("list", cls=WrittenCommand, written=_LIST)
@click.argument("measure", required=False)
@click.option("--subject")
@click.option("--all", "everything", is_flag=True)
@known_on_option
@data_option
@json_option
def list_(
    measure: str | None,
    subject: str | None,
    everything: bool,
    known_on: datetime.date | None,
    data: str | None,
    as_json: bool,
) -> None:
    """List what is measured, or the figures of one MEASURE."""
    held, seen = open_evidence(data), known_on
    if measure is None:
        rows = []
        for name in held.measures if everything else held.held():
            m = held.measure(name)
            figures = [f for f in held.figures(name) if seen is None or f.known_from <= seen]
            years = sorted({f.year for f in figures})
            span = f"{years[0]}-{years[-1]}" if years else "none"
            rows.append((name, m.unit, len(figures), span, m.title))
        if as_json:
            keys = ("measure", "unit", "figures", "years", "title")
            print_json([dict(zip(keys, r, strict=True)) for r in rows])
            return
        click.echo(f"{'measure':<31} {'unit':<11} {'figures':>7}  years")
        for name, unit, count, span, _ in rows:
            click.echo(f"{name:<31} {unit:<11} {count:>7,}  {span}")
        return
    found = [
        f
        for f in sorted(held.figures(measure), key=lambda f: (f.subject, -f.year, f.source))
        if (seen is None or f.known_from <= seen) and (subject is None or f.subject == subject)
    ]
    if as_json:
        print_json([f.to_json() for f in found])
        return
    for f in found:
        click.echo(f"{f.id:<66} {spoken(f)}")
    if not found:
        click.echo("no figure fits", err=True)


def spoken(figure: Figure) -> str:
    """Say a figure in words by the one rounding rule."""
    from comity.examine.rounding import words

    if figure.value is None:
        if figure.high is not None:
            return f"up to {words(figure.high, unit=figure.unit)}"
        return "missing"
    return words(figure.value, figure.low, figure.high, figure.unit)


def _plain(number: float | None) -> str:
    if number is None:
        return "not stated"
    return f"{number:,}" if isinstance(number, int) else f"{number:,.6g}"


def _source_lines(source: Source) -> list[str]:
    from comity.evidence import shelf

    lines = [f"{source.title}. {source.publisher}", f"where: {source.where}"]
    lines.append(f"vintage: {source.vintage}; public from {source.published.isoformat()}")
    if source.retrieved:
        lines.append(f"retrieved: {source.retrieved.isoformat()}")
    licence = shelf.licences().get(source.licence, "")
    lines.append(f"licence: {source.licence}" + (f" ({licence})" if licence else ""))
    if source.note:
        lines.append(source.note)
    return lines


def _wrapped(label: str, text: str, indent: int = 10) -> str:
    import textwrap

    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=f"{label:<{indent}}",
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


@evidence.command(cls=WrittenCommand, written=_SHOW.rstrip())
@click.argument("name", metavar="ID")
@data_option
@json_option
def show(name: str, data: str | None, as_json: bool) -> None:
    """Show a figure: its row, or how it is computed and from which rows."""
    held = open_evidence(data)
    figure = held.show(name)
    inputs = [held.show(i) for i in figure.inputs]
    sources = [held.sources[s] for s in figure.source.split() if s in held.sources]
    if as_json:
        answer = {
            **figure.to_json(),
            "input_figures": [f.to_json() for f in inputs],
            "sources": [
                {
                    "id": s.id,
                    "title": s.title,
                    "publisher": s.publisher,
                    "where": s.where,
                    "vintage": s.vintage,
                    "published": s.published.isoformat(),
                    "licence": s.licence,
                    "note": s.note,
                }
                for s in sources
            ],
        }
        print_json(answer)
        return
    click.echo(figure.id)
    click.echo(f"{'figure':<10}{spoken(figure)}")
    if figure.value is not None and figure.low != figure.high:
        exact = f"{_plain(figure.low)} to {_plain(figure.high)}, value {_plain(figure.value)}"
        click.echo(f"{'range':<10}{exact}")
    if figure.year:
        click.echo(f"{'year':<10}{figure.year}")
    if figure.formula:
        click.echo(_wrapped("formula", figure.formula))
    if figure.missing:
        click.echo(_wrapped("missing", ", ".join(figure.missing)))
    for caveat in figure.caveats:
        click.echo(_wrapped("caveat", caveat))
    for used in inputs:
        click.echo(f"{'input':<10}{used.id}  {spoken(used)}")
    for source in sources:
        first, *more = _source_lines(source)
        click.echo(_wrapped("source", f"[{source.id}] {first}"))
        for line in more:
            click.echo(_wrapped("", line))


_IMPORT_OPTIONS = (
    click.option("--as", "name", required=True),
    click.option("--format", "kind", default="tidy"),
    click.option("--sheet", default=""),
    click.option("--unit", default=""),
    click.option("--year", default=""),
    click.option("--column", default=""),
    click.option("--known-from", type=DAY),
    click.option("--title", default=""),
    click.option("--publisher", default=""),
    click.option("--licence", default="held by the user"),
)


def _import_options(command: Any) -> Any:
    for option in reversed(_IMPORT_OPTIONS):
        command = option(command)
    return click.argument("file", type=click.Path(path_type=Path))(command)


def _read(file: Path, name: str, kind: str, known_from: datetime.date | None, **given: str) -> Any:
    from comity.evidence.imports import read_file

    today = datetime.datetime.now(tz=datetime.UTC).date()
    return read_file(
        file,
        name,
        kind=kind,
        title=given["title"],
        publisher=given["publisher"],
        licence=given["licence"],
        known_from=known_from or today,
        today=today,
        sheet=given["sheet"],
        options={k: given[k] for k in ("unit", "year", "column")},
    )


def _summary(read: Any) -> str:
    measures: dict[str, int] = {}
    for f in read.figures:
        measures[f.measure] = measures.get(f.measure, 0) + 1
    parts = ", ".join(f"{m} {n:,}" for m, n in measures.items())
    count = len(read.figures)
    return f"{count:,} figure{'' if count == 1 else 's'}: {parts}"


@evidence.command(cls=WrittenCommand, written=_CHECK)
@_import_options
def check(file: Path, name: str, kind: str, known_from: datetime.date | None, **given: str) -> None:
    """Check a FILE as import would, and change nothing."""
    read = _read(file, name, kind, known_from, **given)
    click.echo(f"{file.name} can be imported as {read.source.id}")
    click.echo(_summary(read))


@evidence.command("import", cls=WrittenCommand, written=_IMPORT)
@_import_options
@data_option
def import_(
    file: Path,
    name: str,
    kind: str,
    known_from: datetime.date | None,
    data: str | None,
    **given: str,
) -> None:
    """Import a FILE that you hold; it adds to the shipped figures, or goes before them."""
    from comity.evidence.imports import folder_of, store

    read = _read(file, name, kind, known_from, **given)
    target = store(folder_of(data), read)
    click.echo(f"imported as {read.source.id}: {_summary(read)}")
    click.echo(f"kept in {target}")


@evidence.command(cls=WrittenCommand, written=_DIFF)
@click.option("--known-on", "days", multiple=True, type=DAY)
@click.option("--measure")
@click.option("--members", default="COALITION_2026_01")
@data_option
@json_option
def diff(
    days: tuple[datetime.date, ...],
    measure: str | None,
    members: str,
    data: str | None,
    as_json: bool,
) -> None:
    """Say which figures differ: between two days, or between your own data and the shipped."""
    from comity.errors import UsageError
    from comity.evidence.derived import members_of

    if len(days) > 2:
        raise UsageError("--known-on stands there more than twice", hint="give one day or two")
    held = open_evidence(data)
    first = held if days else load()
    early = days[0] if days else None
    late = days[1] if len(days) > 1 else None
    who = members_of(held, members)
    changes = []
    for name in (measure,) if measure else held.held():
        for subject in who:
            before = first.get(name, subject, known_on=early)
            after = held.get(name, subject, known_on=late)
            if (before.value, before.low, before.high, before.source) != (
                after.value,
                after.low,
                after.high,
                after.source,
            ):
                changes.append((before, after))
    words = (str(days[0]) if days else "shipped", str(days[1]) if len(days) > 1 else "now")
    if as_json:
        answer = [{"before": a.to_json(), "after": b.to_json()} for a, b in changes]
        print_json(answer)
        return
    if not changes:
        click.echo(f"no figure differs between {words[0]} and {words[1]}")
        return
    many = "1 figure differs" if len(changes) == 1 else f"{len(changes):,} figures differ"
    click.echo(f"{many}: {words[0]} -> {words[1]}")
    for a, b in changes:
        head = f"{b.measure} {b.subject}"
        click.echo(f"{head:<34} {_brief(a)} -> {_brief(b)}")


def _brief(figure: Figure) -> str:
    if figure.value is None:
        return "missing"
    return f"{spoken(figure)} ({figure.year}, {figure.source})"
