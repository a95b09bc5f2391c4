"""Prints the glossary of the steps as Markdown."""

from tests.steps.glossary import markdown, phrases, spoken

if __name__ == "__main__":
    print(markdown(spoken(phrases())), end="")  # noqa: T201
