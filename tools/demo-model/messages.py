"""Support messages, as a customer writes them."""

from random import Random

from grammar import Lists, expand, sentence_case
from noise import roughen


def write_message(phrasing: str, lists: Lists, random: Random, typos: float) -> str:
    """One line: sometimes a greeting and some context, the reason of the message, sometimes a closing line."""
    parts = []
    if random.random() < 0.4:
        parts.append(expand("{opener}", lists, random))
    lists = lists | {name: [expand("{" + name + "}", lists, random)] for name in ("product", "gadget")}
    if random.random() < 0.3:
        parts.append(expand("{context}", lists, random))
    parts.append(sentence_case(expand(phrasing, lists, random)))
    if random.random() < 0.4:
        parts.append(expand("{closer}", lists, random))
    return roughen(" ".join(parts), typos, random)
