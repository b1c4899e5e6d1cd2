"""Languages: every word of the pages has French words, and pages in French have no others."""

from __future__ import annotations

import ast
import gettext
import re
import subprocess
import sys
from collections import Counter
from functools import cache
from html import unescape
from itertools import count

import msgspec
import pytest
from django.test import Client
from django.urls import resolve
from tools.messages import LOCALE, ROOM, Message, catalogues, compiled, quoted, read

from comity.web.house import House
from tests.web.test_proposals import id_of, put

FRENCH = LOCALE / "fr" / "LC_MESSAGES" / "django.po"
RAIL = (
    "/",
    "/cases",
    "/texts",
    "/proposals",
    "/pledges",
    "/talk",
    "/organs",
    "/examine",
    "/record",
    "/verify",
)
Key = tuple[str, str, str]
CALLS = {"gettext": 0, "_": 0, "gettext_lazy": 0, "ngettext": 1, "ngettext_lazy": 1}
IN_CONTEXT = {"pgettext", "pgettext_lazy"}
OF_THE_CORE = "could still turn it"
"""How the core ends a sentence of a tally; these stay English so far, and a message is alike."""
EXTRA = count(1)


# A light extraction that knows nothing of gettext: what Django's own finds, found again.


def in_python(source: str) -> set[Key]:
    found = set()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        told = [one.value for one in node.args if isinstance(one, ast.Constant)]
        if not told or not isinstance(told[0], str):
            continue
        if name in IN_CONTEXT:
            found.add((told[0], told[1], ""))
        elif name in CALLS:
            found.add(("", told[0], told[1] if CALLS[name] else ""))
    return found


WHOLE_TAG = re.compile(
    r"""\{%\s*(?:translate|trans)\s+(["'])(.*?)\1(?:\s+context\s+(["'])(.*?)\3)?[^%]*%\}"""
)
BLOCK = re.compile(r"\{%\s*blocktrans(?:late)?\b(.*?)%\}(.*?)\{%\s*endblocktrans", re.DOTALL)
PLURAL = re.compile(r"\{%\s*plural\s*%\}")


def in_a_template(source: str) -> set[Key]:
    found = {(tag[4] or "", tag[2], "") for tag in WHOLE_TAG.finditer(source)}
    for block in BLOCK.finditer(source):
        parts = [
            re.sub(r"\{\{\s*(\w+)\s*\}\}", r"%(\1)s", part.replace("%", "%%"))
            for part in PLURAL.split(block[2])
        ]
        found.add(("", parts[0], parts[1] if len(parts) > 1 else ""))
    return found


def in_the_sources() -> set[Key]:
    found: set[Key] = set()
    for path in ROOM.rglob("*.py"):
        found |= in_python(path.read_text("utf-8"))
    for path in ROOM.rglob("templates/**/*.html"):
        found |= in_a_template(path.read_text("utf-8"))
    return found


@cache
def french() -> tuple[Message, ...]:
    return tuple(one for one in read(FRENCH) if one.msgid)


def placeholders(told: str) -> Counter[str]:
    return Counter(re.findall(r"%\(\w+\)[a-z]|%%", told))


# The catalogue.


def test_every_message_of_the_sources_is_in_the_catalogue_and_no_other():
    sources, catalogue = in_the_sources(), {one.key for one in french()}
    assert len(sources) > 1000
    assert sorted(sources - catalogue) == [], "python -m tools.messages"
    assert sorted(catalogue - sources) == [], "python -m tools.messages"


def test_every_message_has_french_words_and_none_is_a_guess():
    assert [one.msgid for one in french() if not one.done] == []
    assert [one.msgid for one in french() if len(one.forms) != one.needs] == []


def test_no_message_has_two_plurals_for_one_singular():
    """Catalogues know a message by its singular: two plurals of it would share their words."""
    counted = Counter((context, told) for context, told, _ in in_the_sources())
    assert [told for told, many in counted.items() if many > 1] == []


def test_what_is_filled_in_is_the_same_in_both_languages():
    wrong = []
    for one in french():
        for number, told in one.forms.items():
            sources = [one.plural] if number else [one.msgid, one.plural or one.msgid]
            if placeholders(told) not in map(placeholders, sources):
                wrong.append((one.msgid, told))
    assert wrong == []


def test_the_two_forms_of_french_say_a_number_where_either_could_be_more_than_one():
    """None and one share a form in French: where the second says a number, the first may too."""
    header = next(one for one in read(FRENCH) if not one.msgid)
    assert "nplurals=2; plural=(n > 1)" in header.forms[0]
    assert all(one.forms[0] and one.forms[1] for one in french() if one.plural)


def test_spaces_at_the_ends_are_kept():
    for one in french():
        for told in one.forms.values():
            assert told[:1].isspace() == one.msgid[:1].isspace(), one.msgid
            assert told[-1:].isspace() == one.msgid[-1:].isspace(), one.msgid


def test_french_punctuation_is_that_of_french():
    wrong = [
        told
        for one in french()
        for told in one.forms.values()
        if re.search(r" [:;?!»]|« |\w[;?!](?:\s|$)|[\"']", told)
    ]
    assert wrong == []


def test_the_compiled_catalogue_is_what_the_written_one_compiles_to():
    for path in catalogues():
        assert path.with_suffix(".mo").read_bytes() == compiled(read(path)), "tools.messages"


def test_gettext_reads_what_was_compiled():
    with FRENCH.with_suffix(".mo").open("rb") as file:
        told = gettext.GNUTranslations(file)
    for one in french():
        if one.context:
            assert told.pgettext(one.context, one.msgid) == one.forms[0]
        elif one.plural:
            assert [told.ngettext(one.msgid, one.plural, n) for n in (0, 1, 2)] == [
                one.forms[0],
                one.forms[0],
                one.forms[1],
            ]
        else:
            assert told.gettext(one.msgid) == one.forms[0]


def test_what_is_not_translated_is_not_compiled_and_what_is_written_is_read_again(tmp_path):
    path = tmp_path / "django.po"
    path.write_text(
        'msgid ""\nmsgstr "Plural-Forms: nplurals=2; plural=(n > 1);\\n"\n\n'
        '#, fuzzy\nmsgid "one"\nmsgstr "un"\n\n'
        f'msgid "two"\nmsgstr ""\n"zw"\n{quoted(chr(34) + "ei" + chr(10))}\n'
    )
    guessed, told = read(path)[1:]
    assert not guessed.done
    assert told.forms == {0: 'zw"ei\n'}
    assert b"un\0" not in compiled(read(path))
    assert b"two\0" in compiled(read(path))


def test_the_tool_says_how_it_is_used():
    told = subprocess.run(
        [sys.executable, "-m", "tools.messages", "what"],
        capture_output=True,
        text=True,
        cwd=ROOM.parents[2],
    )
    assert told.returncode == 2
    assert "makemessages" in told.stdout


# The pages.


def in_french(client: Client) -> Client:
    """Choose French as a person does."""
    answer = client.post("/language", {"language": "fr"}, headers={"referer": "http://testserver/"})
    assert answer.status_code == 302
    return client


def told_by(page: str) -> set[str]:
    """Return what a page says: its pieces of text, and the attributes that are read aloud."""
    page = re.sub(r"<(script|style|svg)\b.*?</\1>", "", page, flags=re.DOTALL)
    if '<article id="m' in page or "/talk/" in page:  # what people say to each other is theirs
        page = re.sub(r'<p class="words">.*?</p>', "", page, flags=re.DOTALL)
    aloud = re.findall(r'\b(?:aria-label|title|placeholder|alt)="([^"]*)"', page)
    pieces = re.sub(r"<[^>]*>", "\0", page).split("\0")
    return {" ".join(unescape(one).split()) for one in (*pieces, *aloud)} - {""}


@cache
def english() -> tuple[frozenset[str], re.Pattern[str]]:
    """Return what English pages say and French ones do not: whole, and with gaps."""
    whole, gapped = set(), []
    for one in french():
        if one.context == "field":  # these words stand in refusals alone, and charters use them too
            continue
        for k, source in enumerate(filter(None, (one.msgid, one.plural))):
            plain = " ".join(source.split())
            if "%(" not in plain:
                if plain != " ".join(one.forms[k].split()):
                    whole |= {plain, plain[:1].upper() + plain[1:]}
            elif (
                OF_THE_CORE not in plain
                and len(re.findall(r"[a-z]{2,}", re.sub(r"%\(\w+\)[a-z]", "", plain))) > 2
            ):
                gapped.append(re.sub(r"%\\\(\w+\\\)[a-z]", ".+", re.escape(plain)))
    return frozenset(whole), re.compile("|".join(gapped))


def strings(told: object) -> set[str]:
    """Return the strings in a value of plain types."""
    if isinstance(told, str):
        return {told, told[:1].upper() + told[1:], *map(str.strip, told.split("\n"))}
    if isinstance(told, dict):
        told = list(told.values())
    return set().union(*map(strings, told)) if isinstance(told, list) else set()


def left_in_english(page: str, house: House) -> set[str]:
    """Return the English messages on a page, but for what members themselves said in English."""
    whole, gapped = english()
    left = {one for one in told_by(page) if one in whole or gapped.fullmatch(one)}
    if not left:
        return left
    acts = [act.body for act in house.hall.nodes["Brill"].record.acts() if act.body is not None]
    return left - strings(msgspec.to_builtins(acts))


@pytest.fixture
def something(at) -> None:
    """Something of each kind for the pages to show."""
    arden, case = at("Arden"), f"avalanche-{next(EXTRA)}"
    told = {"title": "Lawine", "text": "Um 12.", "severity": "severe", "organ": "council"}
    assert arden.post("/alert", told | {"case": case}).status_code == 302
    told = {"title": "Weg", "paragraphs": "Der Weg bleibt frei.\n\nEr ist breit."}
    told |= {"organ": "council", "case": case, "level": ""}
    assert arden.post("/texts/open", told).status_code == 302
    id_of(put(arden, title=f"Funk {case}", case=case))
    told = {"step": "sign", "deed": "pledge", "quantity": "1500.5", "unit": "crews", "case": case}
    told |= {"obligation": "ambulance", "line": "crews", "organ": "council", "delivered": "0"}
    assert arden.post("/pledges/new", told | {"ready": "2031-02-01"}).status_code == 302


@pytest.mark.parametrize("path", RAIL)
def test_a_page_of_the_rail_is_french_throughout(at, house, something, path):
    page = in_french(at("Brill")).get(path).content.decode()
    assert '<html lang="fr">' in page
    assert left_in_english(page, house) == set()


def test_so_are_the_pages_that_these_lead_to(at, house, something):
    client, seen, kinds = in_french(at("Brill")), set(RAIL), Counter()
    waiting, left = list(RAIL), {}
    while waiting:
        path = waiting.pop(0)
        answer = client.get(path)
        if not answer.headers["Content-Type"].startswith("text/html"):
            continue
        page = answer.content.decode()
        assert answer.status_code in (200, 422), path
        assert '<html lang="fr">' in page, path
        if found := left_in_english(page, house):
            left[path] = found
        for there in re.findall(r'<a [^>]*href="(/[^"#?]*)', page):
            kind = resolve(there).url_name
            if there not in seen and kinds[kind] < 3 and kind != "live":
                seen.add(there)
                kinds[kind] += 1
                waiting.append(there)
    assert {"act", "case", "text", "proposal", "organ", "member"} <= kinds.keys()
    assert left == {}, left


def test_refusals_and_the_door_are_french_too(at, house):
    client = in_french(at("Brill"))
    nowhere = client.get("/nowhere")
    assert nowhere.status_code == 404
    assert "Il n’y a pas de telle page à ce bureau" in nowhere.content.decode()
    assert left_in_english(nowhere.content.decode(), house) == set()
    empty = {"title": " ", "text": "x", "severity": "severe", "organ": "council"}
    refused = client.post("/alert", empty)
    assert refused.status_code == 422
    assert "Titre\u00a0: rien n’est écrit" in refused.content.decode()
    door = in_french(Client()).get("/enter")
    assert '<html lang="fr">' in door.content.decode()
    assert left_in_english(door.content.decode(), house) == set()


def test_english_pages_would_be_found_out(at, house, something):
    """The search for English words finds them where they are."""
    client = at("Brill")
    for path in RAIL:
        assert len(left_in_english(client.get(path).content.decode(), house)) > 10, path


def test_the_browser_s_language_holds_until_another_is_chosen(at):
    client, asks = at("Brill"), {"accept-language": "fr-CA,fr;q=0.9,en;q=0.5"}
    assert '<html lang="fr">' in client.get("/", headers=asks).content.decode()
    assert '<html lang="en">' in client.get("/", headers={"accept-language": "uk"}).content.decode()
    client.post("/language", {"language": "en"})
    assert '<html lang="en">' in client.get("/", headers=asks).content.decode()


def test_the_switch_leads_back_to_the_page_and_nowhere_else(at):
    client = at("Brill")
    page = client.get("/texts").content.decode()
    assert 'value="fr" lang="fr">Français<' in page
    assert 'value="en"' not in page
    back = client.post(
        "/language", {"language": "fr"}, headers={"referer": "http://testserver/texts?case=x"}
    )
    assert back.url == "http://testserver/texts?case=x"
    assert 'value="en" lang="en">English<' in client.get("/texts").content.decode()
    for elsewhere in ("https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"):
        answer = client.post("/language", {"language": "fr", "next": elsewhere})
        assert answer.url == "/"
    assert client.get("/language").status_code == 405


@pytest.mark.parametrize("told", ["", "xx", "../../en", "fr\n", "a" * 10_000])
def test_a_language_that_there_is_none_of_changes_nothing(at, told):
    client = at("Brill")
    assert client.post("/language", {"language": told}).status_code == 302
    assert '<html lang="en">' in client.get("/").content.decode()


def test_what_is_signed_is_the_same_in_either_language(at, house):
    acts = []
    for client in (at("Arden"), in_french(at("Arden"))):
        title = f"Steinschlag {next(EXTRA)}"
        now = client.get("/").content.decode()
        severities = re.search(r'<select name="severity">(.*?)</select>', now, re.DOTALL)
        assert severities
        values = re.findall(r'<option value="(\w+)"', severities[1])
        assert "severe" in values
        told = {"title": title, "text": "x", "severity": "severe", "organ": "council"}
        client.post("/alert", told)
        alerts = house.hall.nodes["Dorn"].record.acts(kind="alert")
        acts.append(next(act.body for act in alerts if act.body.title == title))
    assert acts[0].severity == acts[1].severity == "severe"
    assert acts[0].status == acts[1].status


def test_numbers_and_days_are_written_as_french_writes_them(at, something):
    client = at("Brill")
    assert "1,500.5 crews" in client.get("/pledges").content.decode()
    page = in_french(client).get("/pledges").content.decode()
    assert "1\u00a0500,5 crews" in page
    assert "1,500" not in page
