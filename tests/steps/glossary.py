"""The language of the features: every phrase, where it is written, and how many speak it. `make steps` prints it."""

from __future__ import annotations

import ast
import importlib
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cache
from itertools import combinations
from pathlib import Path

from pytest_bdd.feature import get_features
from pytest_bdd.parser import Scenario, ScenarioTemplate
from pytest_bdd.steps import StepFunctionContext, step_function_context_registry

HERE = Path(__file__).parent
FEATURES = HERE.parents[1] / "features"
PLUGINS = HERE.parents[1] / "conftest.py"

LONGEST = 7
"""Steps of a scenario; more, and nobody reads to the end."""

SMALL = set(
    re.findall(
        r"\w+",
        "a an the of to in on at by for with from is are was were be been has have had it its his her their this that"
        " and as",
    )
)
"""Words that make no difference between two deeds."""

ALIKE = 0.75
"""From here on two words are taken for forms of one (1 is: letter for letter): refund, refunds, refunded."""

TECHNICAL = re.compile(
    r"\b(?:API|HTTP|URL|JSON|XML|HTML|CSS|SQL|POST|GET|PUT|DELETE|null|None|endpoint|webhook|callback|selector|xpath|"
    r"database|table|row|cookie|header|payload|parameter|status code|server|request id|exception|fixture|mock|stub|"
    r"out_trade_no|[a-z]+_[a-z_]+|/[a-z]+/)\b"
)
"""Words that a product owner would have to ask about."""

PLACE = re.compile(r"\{(\w*)(?::(\w+))?\}")


@dataclass(slots=True)
class Phrase:
    """One way to say one deed. `scenarios`: how many speak it, the rows of an outline counted."""

    kind: str
    words: str
    module: str
    context: StepFunctionContext = field(repr=False)
    scenarios: int = 0

    def says(self, kind: str, text: str) -> bool:
        return self.kind == kind and self.context.parser.is_matching(text)

    def __str__(self) -> str:
        return f"{self.kind.capitalize()} {self.words} ({self.module})"


def step_modules() -> list[str]:
    """The modules of steps that conftest.py names."""
    named = (node.value for node in ast.walk(ast.parse(PLUGINS.read_text("utf-8"))) if isinstance(node, ast.Constant))
    return [name for name in named if isinstance(name, str) and name.startswith("tests.steps.")]


def phrases() -> list[Phrase]:
    """Every phrase, module by module in the order of conftest.py, without its uses."""
    modules = step_modules()
    for module in modules:
        importlib.import_module(module)
    found = [
        Phrase(context.type or "", context.parser.name, context.step_func.__module__, context)
        for context in step_function_context_registry.values()
        if context.step_func.__module__ in modules
    ]
    return sorted(found, key=lambda phrase: modules.index(phrase.module))


def templates() -> list[ScenarioTemplate]:
    features = get_features([str(FEATURES)])
    return [template for feature in features for template in feature.scenarios.values()]


def scenarios(template: ScenarioTemplate) -> Iterator[Scenario]:
    """The scenario, or one for each row of an outline."""
    rows = [context for examples in template.examples for context in examples.as_contexts()]
    return (template.render(context) for context in rows or [{}])


def spoken(known: list[Phrase]) -> list[Phrase]:
    """The phrases, with how many scenarios speak each."""
    saying = _by_step(known)
    for template in templates():
        for scenario in scenarios(template):
            heard = {id(phrase): phrase for step in scenario.steps for phrase in saying(step.type, step.name)}
            for phrase in heard.values():
                phrase.scenarios += 1
    return known


def ambiguous(known: list[Phrase]) -> list[str]:
    """Steps of the features that are said by more than one phrase: which of them runs is chance."""
    saying = _by_step(known)
    steps = {(step.type, step.name) for one in templates() for each in scenarios(one) for step in each.steps}
    several = [(name, saying(kind, name)) for kind, name in sorted(steps) if len(saying(kind, name)) > 1]
    return [f"{name!r} is said by {' and by '.join(map(str, by))}" for name, by in several]


def alike(known: list[Phrase]) -> list[tuple[Phrase, Phrase]]:
    """Pairs of one kind that say one thing in two ways: they differ in small words and in the forms of words only."""
    pairs = combinations(known, 2)
    return [(one, other) for one, other in pairs if one.kind == other.kind and _same(_content(one), _content(other))]


def faults_of(template: ScenarioTemplate) -> list[str]:
    """What is wrong with the language of one scenario."""
    own = template._steps
    where = f"{Path(template.feature.filename).name}:{template.line_number}: {template.name!r}"
    long = [f"{where} has {len(own)} steps, more than {LONGEST}"] if len(own) > LONGEST else []
    said = (TECHNICAL.search(text) for text in (template.name, *(step.name for step in own)))
    return long + [f"{where} says {word[0]!r}, which is no word of the business" for word in said if word]


def markdown(known: list[Phrase]) -> str:
    """The glossary for people: a table a module."""
    lines = [
        "# The words of the features",
        "",
        "What stands in braces changes; the number tells how many scenarios say it.",
    ]
    for module in dict.fromkeys(phrase.module for phrase in known):
        about = (importlib.import_module(module).__doc__ or "").strip().splitlines()[0]
        lines += ["", f"## {about.rstrip('.')}", f"`{module}`", "", "| | phrase | scenarios |", "| --- | --- | ---: |"]
        own = [phrase for phrase in known if phrase.module == module]
        lines += [f"| {one.kind.capitalize()} | {_readable(one.words)} | {one.scenarios} |" for one in own]
    return "\n".join(lines) + "\n"


def _by_step(known: list[Phrase]) -> Callable[[str, str], list[Phrase]]:
    """Which phrases say a step; each step is looked up once, however many scenarios share it."""

    @cache
    def saying(kind: str, text: str) -> list[Phrase]:
        return [phrase for phrase in known if phrase.says(kind, text)]

    return saying


def _content(phrase: Phrase) -> list[str]:
    """Its words but the small ones. What stands in braces is a word of its own, by its type."""
    plain = PLACE.sub(lambda place: f"<{place[2] or 'text'}>", phrase.words).lower()
    return [word for word in re.findall(r"<\w+>|[\w-]+", plain.replace("'s", "")) if word not in SMALL]


def _same(one: list[str], other: list[str]) -> bool:
    if len(one) != len(other):
        return False
    left, right = sorted((Counter(one) - Counter(other)).elements()), sorted((Counter(other) - Counter(one)).elements())
    return all(SequenceMatcher(None, mine, theirs).ratio() >= ALIKE for mine, theirs in zip(left, right, strict=True))


def _readable(words: str) -> str:
    return PLACE.sub(lambda place: "{" + place[1].replace("_", " ") + "}", words)
