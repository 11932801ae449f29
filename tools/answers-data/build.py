"""Writes resources/examples: questions with answers, and preference pairs. Equal seeds give equal files."""

from argparse import ArgumentParser
from pathlib import Path
from random import Random

from answers import answer_rows
from pairs import pair_rows


def write_table(path: Path, columns: list[str], rows: list[tuple[str, ...]]) -> None:
    """A TSV with a header; no value may hold a tab."""
    path.write_text("".join("\t".join(row) + "\n" for row in [tuple(columns), *rows]), "utf-8", newline="\n")


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[2] / "resources" / "examples")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    splits = {
        "answers": (["question", "answer"], answer_rows(Random(options.seed), 480, 120)),
        "pairs": (["message", "better", "worse"], pair_rows(Random(options.seed), 160, 40)),
    }
    for name, (columns, (train, dev)) in splits.items():
        write_table(options.out / f"{name}-train.tsv", columns, train)
        write_table(options.out / f"{name}-dev.tsv", columns, dev)


if __name__ == "__main__":
    main()
