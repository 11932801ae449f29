"""What customers write about: the four teams, their intents and the phrasings of each."""

from dataclasses import dataclass

from grammar import read_lists

TEAMS = ("billing", "delivery", "account", "technical")


@dataclass(frozen=True)
class Intent:
    """One reason to write. Which text may use a phrasing is fixed by its mark in the grammar file."""

    team: str
    name: str
    shared: tuple[str, ...]  # in the corpus, in train and in dev
    task_only: tuple[str, ...]  # in train and dev, never in the corpus
    dev_only: tuple[str, ...]  # in the corpus and in dev, never in train
    replies: tuple[str, ...]

    @property
    def corpus(self) -> tuple[str, ...]:
        """Phrasings that the corpus uses."""
        return self.shared + self.dev_only

    @property
    def train(self) -> tuple[str, ...]:
        """Phrasings that train uses."""
        return self.shared + self.task_only


def read_intents() -> list[Intent]:
    """All intents, by team and in file order."""
    intents = []
    for team in TEAMS:
        for name, lines in read_lists(team).items():
            def marked(mark: str) -> tuple[str, ...]:
                return tuple(line[2:] for line in lines if line.startswith(mark + " "))

            shared = tuple(line for line in lines if line[0] not in "+*>")
            intents.append(Intent(team, name, shared, marked("+"), marked("*"), marked(">")))
    return intents
