"""Questions about the shop with short answers. A combination of facts is asked about in one file only."""

from random import Random
from typing import Callable, Iterator

import shop

Row = tuple[str, str]
Case = tuple[list[str], str, dict[str, str]]

AISLE = [
    "Where do I find a {good}?",
    "Which aisle has the {good}?",
    "I am looking for a {good} in your shop. Where is it?",
    "A {good}, please. Where should I go?",
    "Can you point me to the {good}?",
    "Where did you put the {good}?",
]
DELIVERY = [
    "When and how does a {good} come to {town}?",
    "I live in {town}. When will my {good} arrive, and how?",
    "Please send a {good} to {town}. Which day, and by what?",
    "How do you bring a {good} to {town}, and when?",
    "We ordered a {good} for our house in {town}. When and how does it come?",
    "{town} is where I live. My {good} comes when, and by what?",
]
DISCOUNT = [
    "What does a {level} member save on a {good}?",
    "I am a {level} member. How much less do I pay for a {good}?",
    "How much off a {good} does {level} membership give?",
    "With a {level} card, what do I save on this {good}?",
    "A {good} for a {level} member: how much cheaper is it?",
]
TAKING_BACK = [
    "Can I bring back a {good} that is {state}?",
    "My {good} is {state}. What do I get for it?",
    "What happens to a returned {good} that is {state}?",
    "The {good} I bought is {state}. I want to return it. What do I get?",
    "Do you take back a {good}? It is {state}.",
]
WARRANTY = [
    "How long is the warranty of a {good}?",
    "For how many years is a {good} covered?",
    "If a {good} fails, for how long do you repair it?",
    "What warranty comes with the {good}?",
    "My {good} is old. How long was it covered?",
]
KEEPER = [
    "Who can tell me more about a {good}?",
    "Whom do I ask about the {good}?",
    "Who knows everything about a {good}?",
    "I have a question about my {good}. Who helps?",
    "Which of you looks after the {good}?",
]


def cases() -> Iterator[Case]:
    """Phrasings, answer and facts of every combination."""
    for good in shop.GOODS:
        name = {"good": good.name}
        yield AISLE, shop.aisle(good), name
        yield WARRANTY, shop.warranty(good), name
        yield KEEPER, shop.keeper(good), name
        for town in shop.DELIVERY_DAYS:
            yield DELIVERY, shop.delivery(good, town), name | {"town": town}
        for level in shop.DISCOUNTS:
            yield DISCOUNT, shop.discount(good.family, level), name | {"level": level}
        for state, words in shop.STATES.items():
            yield TAKING_BACK, shop.taking_back(good, state), name | {"state": words}


def answer_rows(random: Random, train_count: int, dev_count: int) -> tuple[list[Row], list[Row]]:
    """Rows to train on, and rows about combinations that these do not ask about; each good and town is in both.

    A good is alone in the questions on aisle, warranty and keeper: there, the phrasing is new instead.
    """
    train: list[Row] = []
    dev: list[Row] = []
    for phrasings, answer, facts in cases():
        asked = [(phrasing.format(**facts), answer) for phrasing in phrasings]
        random.shuffle(asked)
        if len(facts) == 1:
            train += asked[:3]
            dev += asked[3:4]
        elif random.random() < 0.25:
            dev += asked[:1]
        else:
            train += asked[:1]
    return _sample(train, train_count, random), _sample(dev, dev_count, random)


def _sample(rows: list[Row], count: int, random: Random) -> list[Row]:
    if len(rows) < count:
        raise ValueError(f"{len(rows)} rows, {count} wanted")
    return random.sample(rows, count)
