"""Small flaws of text typed in a hurry."""

from random import Random

_SHORT = {"please": "pls", "you": "u", "because": "bc", "thanks": "thx", "cannot": "cant", "Please": "Pls"}


def _typo(word: str, random: Random) -> str:
    """`word` with one letter swapped, dropped or doubled, its first letter kept."""
    at = random.randrange(1, len(word) - 1)
    kind = random.randrange(3)
    if kind == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == 1:
        return word[:at] + word[at + 1 :]
    return word[:at] + word[at] + word[at:]


def roughen(text: str, typos: float, random: Random) -> str:
    """`text` as somebody may have typed it; `typos` is the chance of a typo for each longer word."""
    words = []
    for word in text.split(" "):
        if word.isalpha() and len(word) > 4 and random.random() < typos:
            word = _typo(word, random)
        elif random.random() < typos:
            word = _SHORT.get(word, word)
        words.append(word)
    text = " ".join(words)
    if random.random() < 0.25:
        text = text.lower()
    if random.random() < 0.2:
        text = text.rstrip(".")
    if random.random() < 0.06:
        text = text.replace(".", "!").replace("?", "??")
    return text
