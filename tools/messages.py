"""The words of the room in other languages: extracts them from its sources, and compiles them.

    python -m tools.messages extract    needs GNU gettext (xgettext, msgmerge)
    python -m tools.messages compile    needs nothing
    python -m tools.messages            both

Extracting is Django's own `makemessages`; what it guessed is emptied again, so that
nothing stands in a catalogue that nobody wrote. Compiling is done here, in forty lines
and without gettext, so that a test can say everywhere that the compiled catalogue is
what the written one compiles to.
"""

from __future__ import annotations

import ast
import re
import struct
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOM = Path(__file__).parents[1] / "src" / "comity" / "web"
LOCALE = ROOM / "locale"
LINE = re.compile(r'(msgctxt|msgid_plural|msgid|msgstr)(?:\[(\d)\])? (".*")')


@dataclass
class Message:
    """One message of a catalogue: what the source says, and its forms in the language."""

    msgid: str = ""
    plural: str = ""
    context: str = ""
    forms: dict[int, str] = field(default_factory=dict)
    sources: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it from others."""
        return self.context, self.msgid, self.plural

    @property
    def needs(self) -> int:
        """How many forms it needs in a language with one plural."""
        return 2 if self.plural else 1

    @property
    def done(self) -> bool:
        """Whether each of its forms is there and none is a guess."""
        return "fuzzy" not in self.flags and all(self.forms.get(k) for k in range(self.needs))


def read(path: Path) -> list[Message]:
    """Read a catalogue; its header is the message of the empty string."""
    found: list[Message] = []
    for block in path.read_text("utf-8").split("\n\n"):
        one, part, number = Message(), "", 0
        for line in block.splitlines():
            if line.startswith(("#~", "#|")):
                continue
            if line.startswith("#:"):
                one.sources += line[2:].split()
            elif line.startswith("#,"):
                one.flags += [flag.strip() for flag in line[2:].split(",")]
            elif line.startswith("#"):
                one.remarks.append(line)
            else:
                begins = LINE.fullmatch(line)
                if begins:
                    part, number = begins[1], int(begins[2] or 0)
                told = ast.literal_eval(begins[3] if begins else line)
                match part:
                    case "msgctxt":
                        one.context += told
                    case "msgid":
                        one.msgid += told
                    case "msgid_plural":
                        one.plural += told
                    case _:
                        one.forms[number] = one.forms.get(number, "") + told
        if part:
            found.append(one)
    return found


def quoted(text: str) -> str:
    """Write a string as catalogues do."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    return '"' + plain.replace("\n", "\\n") + '"'


def write(path: Path, messages: list[Message]) -> None:
    """Write a catalogue, without line numbers and dates that would change with every extraction."""
    blocks = []
    for one in messages:
        lines = list(one.remarks)
        if one.msgid:
            lines += [f"#: {source}" for source in dict.fromkeys(one.sources)]
        flags = [flag for flag in one.flags if flag != "fuzzy"]
        if flags:
            lines.append("#, " + ", ".join(flags))
        if one.context:
            lines.append("msgctxt " + quoted(one.context))
        lines.append("msgid " + quoted(one.msgid))
        if not one.msgid:
            header = [
                h for h in one.forms[0].splitlines() if not h.startswith(("POT-", "PO-", "Report-"))
            ]
            lines += ['msgstr ""', *(quoted(h + "\n") for h in header)]
        elif one.plural:
            lines.append("msgid_plural " + quoted(one.plural))
            lines += [f"msgstr[{k}] {quoted(one.forms.get(k, ''))}" for k in range(one.needs)]
        else:
            lines.append("msgstr " + quoted(one.forms.get(0, "")))
        blocks.append("\n".join(lines) + "\n")
    path.write_text("\n".join(blocks), "utf-8")


def compiled(messages: list[Message]) -> bytes:
    """Return a catalogue as gettext reads it: two tables of lengths and places, then the strings.

    The layout is that of GNU gettext, "The Format of GNU MO Files", without a hash table.
    """
    pairs: list[tuple[bytes, bytes]] = []
    for one in messages:
        if one.msgid and not one.done:
            continue
        name = f"{one.context}\x04{one.msgid}" if one.context else one.msgid
        name = f"{name}\0{one.plural}" if one.plural else name
        told = "\0".join(one.forms[k] for k in sorted(one.forms))
        pairs.append((name.encode(), told.encode()))
    pairs.sort()
    count, tables, strings = len(pairs), b"", b""
    begin = 28 + 16 * count
    for side in (0, 1):
        for pair in pairs:
            tables += struct.pack("<2I", len(pair[side]), begin + len(strings))
            strings += pair[side] + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, count, 28, 28 + 8 * count, 0, begin)
    return head + tables + strings


def catalogues() -> list[Path]:
    """Return the catalogues of the room."""
    return sorted(LOCALE.glob("*/LC_MESSAGES/django.po"))


def extract() -> int:
    """Bring each catalogue up to date with the sources; return how many messages want words."""
    import os

    from django.core.management import call_command

    os.chdir(ROOM)
    languages = [path.parts[-3] for path in catalogues()]
    call_command("makemessages", locale=languages, no_obsolete=True, no_wrap=True, verbosity=0)
    missing = 0
    for path in catalogues():
        messages = read(path)
        for one in messages:
            one.sources = [source.rpartition(":")[0] or source for source in one.sources]
            if not one.done and one.msgid:
                missing += 1
                one.forms = {}
                print(f"{path.parts[-3]}: {one.msgid}")
        write(path, messages)
    return missing


def main(asked: list[str]) -> int:
    """Do what was asked."""
    missing = 0
    if asked in ([], ["extract"]):
        missing = extract()
    if asked in ([], ["compile"]):
        for path in catalogues():
            path.with_suffix(".mo").write_bytes(compiled(read(path)))
    if asked not in ([], ["extract"], ["compile"]):
        print(__doc__)
        return 2
    if missing:
        print(f"{missing} messages want words")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
