"""Customers' messages with two replies: one in the shop's manner, and one that is short with people or promises too much."""

from random import Random

import shop

Pair = tuple[str, str, str]

ISSUES = {
    "late": (
        ["My {good} has not come yet.", "Where is my {good}? It should be here by now.", "I am still waiting for the {good} I ordered."],
        ["we will look for your {good} today and write to you tonight", "the parcel with your {good} is being traced now"],
        "arrive late",
    ),
    "broken": (
        ["The {good} came broken.", "My new {good} is damaged.", "I opened the box and the {good} was in pieces."],
        ["we will send you another {good} at no cost", "please keep the {good}; a new one leaves our house today"],
        "break",
    ),
    "wrong": (
        ["You sent me a {other} and not the {good}.", "I ordered a {good} and got a {other}.", "This is a {other}. Where is my {good}?"],
        ["the {good} leaves today, and we will fetch the {other}", "please keep the {other}; your {good} is on its way"],
        "get mixed up",
    ),
    "invoice": (
        ["I paid twice for the {good}.", "The bill for my {good} is too high.", "You charged me for two, but I bought one {good}."],
        ["we will pay back the difference for the {good} this week", "the bill for the {good} is being corrected now"],
        "go wrong",
    ),
}
OPENINGS = ["Thank you for writing, and I am sorry:", "I am sorry about this, and thank you for telling us:", "Thank you for your patience; I am sorry:"]
CLOSINGS = ["Kind regards, Larkfield", "Do write again if anything is left, Larkfield", "We are glad to help, Larkfield"]
FLAWS = [
    "Such things {happen}. Wait.",
    "That is not our problem. Read the rules.",
    "You must have done something wrong with the {good}.",
    "No idea. Ask somebody else about the {good}.",
    "We guarantee that a {good} will never {happen} again, ever!!!",
    "Calm down. It is only a {good}.",
    "Stop writing to us about the {good}.",
    "Whatever. Buy another {good} then.",
]


def pair_rows(random: Random, train_count: int, dev_count: int) -> tuple[list[Pair], list[Pair]]:
    """Pairs to train on, and pairs about goods and issues that these do not bring together."""
    cases = [(good, issue) for good in shop.GOODS for issue in ISSUES]
    random.shuffle(cases)
    dev_cases, train_cases = cases[: len(cases) // 5], cases[len(cases) // 5 :]
    return _pairs(train_cases, train_count, random), _pairs(dev_cases, dev_count, random)


def _pairs(cases: list[tuple[shop.Good, str]], count: int, random: Random) -> list[Pair]:
    """In turn about each case, none twice."""
    rows: list[Pair] = []
    while len(rows) < count:
        good, issue = cases[len(rows) % len(cases)]
        messages, helps, happen = ISSUES[issue]
        other = random.choice([each.name for each in shop.GOODS if each != good])
        words = {"good": good.name, "other": other, "happen": happen}
        # Of either kind some replies are short and some long, so that the length alone does not tell them apart.
        better = f"{random.choice(OPENINGS)} {random.choice(helps)}."
        if random.random() < 0.5:
            better += f" {random.choice(CLOSINGS)}"
        worse = " ".join(random.sample(FLAWS, random.randint(1, 3)))
        row = tuple(text.format(**words) for text in (random.choice(messages), better, worse))
        if row not in rows:
            rows.append(row)
    random.shuffle(rows)
    return rows
