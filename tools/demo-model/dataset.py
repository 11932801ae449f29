"""The example data set: support messages and the team that should get them."""

from pathlib import Path
from random import Random

from grammar import read_lists
from messages import write_message
from topics import read_intents

TRAIN_ROWS, DEV_ROWS = 960, 320
TYPOS = 0.05


def _rows(count: int, phrasings: list[list[tuple[str, str]]], taken: set[str], random: Random) -> list[tuple[str, str]]:
    """`count` rows that are in neither `taken` nor twice in the result, equally many of each intent, shuffled."""
    lists = read_lists("slots") | read_lists("company")
    rows = []
    while len(rows) < count:
        phrasing, team = random.choice(phrasings[len(rows) % len(phrasings)])
        message = write_message(phrasing, lists, random, TYPOS)
        if message.lower() not in taken:
            taken.add(message.lower())
            rows.append((message, team))
    random.shuffle(rows)
    return rows


def write_dataset(folder: Path, seed: int) -> frozenset[str]:
    """Writes train.tsv and dev.tsv; about half of the dev rows use phrasings that train does not have.

    Returns all messages in lower case.
    """
    random = Random(seed)
    train, dev = [], []
    for intent in read_intents():
        known = intent.train
        train.append([(line, intent.team) for line in known])
        # Weighted so that new and known phrasings are about equally frequent.
        repeats = len(known) // len(intent.dev_only)
        dev.append([(line, intent.team) for line in known + intent.dev_only * repeats])
    taken: set[str] = set()
    for name, count, phrasings in (("train", TRAIN_ROWS, train), ("dev", DEV_ROWS, dev)):
        rows = _rows(count, phrasings, taken, random)
        text = "message\tteam\n" + "".join(f"{message}\t{team}\n" for message, team in rows)
        (folder / f"{name}.tsv").write_text(text, "utf-8")
    return frozenset(taken)
