"""Reads the text grammars and expands their lines.

A grammar file holds lists of lines under "[heading]" lines; "#" starts a comment. Inside a line, "(a|b|)" picks one of
its parts and "{name}" is replaced by a line of the list of that name, itself expanded.
"""

import re
from pathlib import Path
from random import Random

FOLDER = Path(__file__).parent / "grammar"
_CHOICE = re.compile(r"\(([^()]*\|[^()]*)\)")
_SLOT = re.compile(r"\{([^{}]+)\}")

_BEFORE_VOWEL = re.compile(r"\ba (?=[aeiou])")

Lists = dict[str, list[str]]


def read_lists(name: str) -> Lists:
    """Lists of `grammar/NAME.txt` by heading, in file order."""
    lists: Lists = {}
    for number, line in enumerate((FOLDER / f"{name}.txt").read_text("utf-8").splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            lists[line[1:-1]] = []
        elif not lists:
            raise ValueError(f"{name}.txt:{number}: expected a [heading] before the first line")
        else:
            next(reversed(lists.values())).append(line)
    return lists


def expand(line: str, lists: Lists, random: Random) -> str:
    """`line` with every choice and slot filled at random, left to right."""
    while match := _CHOICE.search(line):
        line = line[: match.start()] + random.choice(match[1].split("|")) + line[match.end() :]
    while match := _SLOT.search(line):
        line = line[: match.start()] + expand(random.choice(lists[match[1]]), lists, random) + line[match.end() :]
    return _BEFORE_VOWEL.sub("an ", line)


def sentence_case(text: str) -> str:
    """`text` with its first letter in upper case."""
    return text[:1].upper() + text[1:]
