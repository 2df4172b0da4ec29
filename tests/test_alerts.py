"""Alerts name metrics that there are, with labels and values that there are, and each has a runbook."""

from __future__ import annotations

import re

import pytest

from gateway.families import FAMILIES, Across, Kind
from tests.documents import ROOT

RULES = (ROOT / "deploy" / "alerts.yaml").read_text(encoding="utf-8")
RUNBOOK = (ROOT / "docs" / "alerts.md").read_text(encoding="utf-8")
OPERATING = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
ALERTS = dict(re.findall(r"- alert: (\w+)\n +expr: '(.+)'$", RULES, re.MULTILINE))
PACKAGES = ("gateway", "auth", "datasources")
KNOWN = {
    "process_id",
    "tongcha doctor",
    "tongcha audit verify",
    "tongcha revoke key",
    *(family.name for family in FAMILIES),
}
TARGET = {"instance", "job", "pod"}
"""Labels that Prometheus gives."""

LABELS = {
    name: {**family.labels, **({"worker": ()} if family.across in {Across.EACH, Across.AGE} else {})}
    for family in FAMILIES
    for name in (
        [f"{family.name}_{end}" for end in ("bucket", "sum", "count")]
        if family.kind is Kind.HISTOGRAM
        else [family.name]
    )
}


def test_alerts_are_found() -> None:
    assert len(ALERTS) == RULES.count("- alert: ") > 20


SHOWN = [text for text in re.findall(r"`([^`]*)`", OPERATING + RUNBOOK) if re.search(r"\btongcha_(?!disclosure)", text)]
"""Expressions in documents, where a histogram may be named as a whole."""


@pytest.mark.parametrize("expression", [*ALERTS.values(), *SHOWN])
def test_every_metric_label_and_value_exists(expression: str) -> None:
    named = re.findall(r"\b(tongcha_[a-z_]+)(?:\{([^}]*)\})?", expression)
    whole = {family.name for family in FAMILIES} if expression in SHOWN else set()
    assert {name for name, _ in named} <= LABELS.keys() | whole
    for name, matchers in named:
        for label, value in re.findall(r'(\w+)="([^"]*)"', matchers):
            assert value in LABELS[name][label], (name, label, value)
    known = {"le"} | TARGET | {label for name, _ in named for label in LABELS.get(name, ())}
    for labels in re.findall(r"\bby \(([^)]*)\)", expression):
        assert {label.strip() for label in labels.split(",")} <= known, expression


def test_every_alert_has_a_runbook_and_every_runbook_an_alert() -> None:
    assert re.findall(r"^## (\w+)$", RUNBOOK, re.MULTILINE) == list(ALERTS)
    assert re.findall(r"runbook: \"docs/alerts.md#(\w+)\"", RULES) == [name.lower() for name in ALERTS]


def test_a_runbook_says_what_it_means_and_what_to_do() -> None:
    for text in re.split(r"^## \w+$", RUNBOOK, flags=re.MULTILINE)[1:]:
        assert len(text.strip().split("\n\n")) == 3, text


def test_every_event_that_a_runbook_quotes_is_logged_somewhere() -> None:
    quoted = {text for text in re.findall(r"`([a-z][a-z_ ]+)`", RUNBOOK) if set(text) & {"_", " "}}
    code = [path.read_text(encoding="utf-8") for name in PACKAGES for path in (ROOT / name).rglob("*.py")]
    assert {text for text in quoted if not any(f'"{text}"' in one for one in code)} <= LABELS.keys() | KNOWN
