"""The text that the demo model reads before anybody trains it: a shop's mails, chats, handbook, notes and reviews."""

from random import Random

from grammar import Lists, expand, read_lists, sentence_case
from messages import write_message
from topics import TEAMS, Intent, read_intents

USER, ASSISTANT, END = "<|im_start|>user\n", "<|im_start|>assistant\n", "<|im_end|>\n"

HAND_OVERS = 0.4
# Parcels are what people write about most.
TEAM_WEIGHTS = {"billing": 3, "delivery": 5, "account": 2, "technical": 3}


class CorpusWriter:
    """Writes documents without any message of `withheld`; equal seeds give equal documents."""

    def __init__(self, seed: int, withheld: frozenset[str]) -> None:
        self.withheld = withheld
        self.random = Random(seed)
        self.intents = read_intents()
        self.lists: Lists = read_lists("slots") | read_lists("company")
        self.kinds = [
            (self.chat, 28),
            (self.mail, 16),
            (self.log, 16),
            (self.form, 12),
            (self.answer_page, 10),
            (self.inbox, 12),
            (self.handbook, 14),
            (self.notes, 5),
            (self.product_page, 4),
            (self.review, 5),
        ]

    def documents(self, count: int) -> list[str]:
        """`count` documents of mixed kinds."""
        writers, weights = zip(*self.kinds)
        return [self.random.choices(writers, weights)[0]() for _ in range(count)]

    def line(self, name: str) -> str:
        """One expanded line of the list `name`."""
        return sentence_case(expand("{" + name + "}", self.lists, self.random))

    def lines(self, name: str, least: int, most: int) -> list[str]:
        """A few different lines of one list."""
        count = self.random.randint(least, most)
        return [sentence_case(expand(line, self.lists, self.random)) for line in self.random.sample(self.lists[name], count)]

    def one_subject(self) -> Lists:
        """The lists with one product and one gadget only, so that a text keeps to its subject."""
        return self.lists | {name: [self.line(name).lower()] for name in ("product", "gadget")}

    def any_intent(self) -> Intent:
        """A reason to write, as frequent as in the shop's mail."""
        return self.random.choices(self.intents, [TEAM_WEIGHTS[intent.team] for intent in self.intents])[0]

    def message(self, intent: Intent, lists: Lists) -> str:
        """What a customer writes about `intent`."""
        while True:
            message = write_message(self.random.choice(intent.corpus), lists, self.random, typos=0.02)
            if message.lower() not in self.withheld:
                return message

    def reply(self, intent: Intent, lists: Lists) -> str:
        """What an agent answers to `intent`."""
        parts = [expand(self.random.choice(intent.replies), lists, self.random)]
        if self.random.random() < 0.6:
            parts.insert(0, self.line("greeting back"))
        if self.random.random() < HAND_OVERS:
            parts[-1] = sentence_case(expand("{hand-over}", lists | {"team": [intent.team]}, self.random))
        if self.random.random() < 0.4:
            parts.append(self.line("goodbye"))
        return " ".join(parts)

    def chat(self) -> str:
        """A conversation in the chat format."""
        intent, lists = self.any_intent(), self.one_subject()
        text = USER + self.message(intent, lists) + END + ASSISTANT + self.reply(intent, lists) + END
        if self.random.random() < 0.4:
            text += USER + self.line("thanks") + END + ASSISTANT + self.line("goodbye") + END
        return text

    def mail(self) -> str:
        """A mail and its answer."""
        intent, lists = self.any_intent(), self.one_subject()
        head = f"From: {self.line('person')}\nSubject: {intent.name}\n\n"
        return head + f"{self.message(intent, lists)}\n\n> {self.reply(intent, lists)}\n"

    def log(self) -> str:
        """A ticket with what happened to it."""
        intent, lists = self.any_intent(), self.one_subject()
        lists |= {"team": [intent.team]}
        return f"Ticket {self.line('number')}\n{self.message(intent, lists)}\n({expand('{log line}', lists, self.random)})\n"

    def form(self) -> str:
        """A ticket as the help desk's program prints it: some of its fields, in any order."""
        intent, lists = self.any_intent(), self.one_subject()
        fields = [
            f"Customer: {self.line('person')}",
            f"Product: {lists['product'][0]}",
            f"Topic: {intent.name}",
            f"Day: {self.line('day')}",
        ]
        chosen = self.random.sample(fields, 3)
        return f"Ticket {self.line('number')}\n{self.message(intent, lists)}\n" + "\n".join(chosen) + "\n"

    def answer_page(self) -> str:
        """Questions and answers of one kind, as on a help page."""
        team = self.random.choice(TEAMS)
        chosen = self.random.sample([intent for intent in self.intents if intent.team == team], 2)
        pairs = []
        for intent in chosen:
            lists = self.one_subject()
            pairs.append(f"Q: {self.message(intent, lists)}\nA: {expand(self.random.choice(intent.replies), lists, self.random)}\n")
        return "".join(pairs)

    def inbox(self) -> str:
        """A morning's messages that one desk has read, one a line."""
        team = self.random.choice(TEAMS)
        own = [intent for intent in self.intents if intent.team == team]
        rows = [f"- {self.message(self.random.choice(own), self.one_subject())}" for _ in range(3)]
        return f"Inbox of the {team} desk, {self.line('day')}\n" + "\n".join(rows) + "\n"

    def handbook(self) -> str:
        """Who looks after what."""
        return " ".join(self.handbook_line() for _ in range(self.random.randint(3, 5))) + "\n"

    def handbook_line(self) -> str:
        team = self.random.choice(TEAMS)
        lists = self.lists | {"team": [team], "topic": self.lists[f"{team} topic"]}
        return sentence_case(expand("{handbook line}", lists, self.random))

    def notes(self) -> str:
        """News from the office."""
        return "Notes of the week\n" + "\n".join(self.lines("note line", 3, 5)) + "\n"

    def product_page(self) -> str:
        """A few sentences about one product."""
        lists = self.one_subject()
        chosen = self.random.sample(lists["product line"], 4)
        return " ".join(sentence_case(expand(line, lists, self.random)) for line in chosen) + "\n"

    def review(self) -> str:
        """What a buyer thinks of a product."""
        lists = self.one_subject()
        chosen = self.random.sample(lists["review line"], self.random.randint(2, 4))
        text = " ".join(sentence_case(expand(line, lists, self.random)) for line in chosen)
        return f"Review: {self.random.randint(1, 5)} stars. {text}\n"
