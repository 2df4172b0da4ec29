"""Nothing of the data is in what the gateway writes about its work: log, rows of the log, checkpoints, events, refusals, readiness.

Every operation is asked as every caller through the whole server, in ways that go wrong too, and with a database that is down. Then
every value of a person or a thing that an answer showed, or a variable named, is looked for in all that was written.
"""

from __future__ import annotations

import dataclasses
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from auth.issuer import DemoIssuer
from auth.tokens import TokenVerifier
from auth.viewer import AccessRequest, Viewer
from gateway.app import create_app
from gateway.commands.state import State
from gateway.identity import Identity
from gateway.keeping import Keeper, Vouching
from gateway.observe import JsonLines
from gateway.pipeline import Pipeline
from gateway.recorder import open_recorder
from gateway.retention import Terms
from gateway.settings import Settings
from tests.gateway.ledger import make_tables, rows
from tests.test_cases import CASES, read
from tests.world import CALLERS, World

PERSONAL = frozenset(
    "name displayName idNo mobile contactPhone phone address detail plateNo vin engineNo payerName unitNo text keyword".split()
)
"""The fields and variables whose values are looked for."""
ID_NO = "440499198603120178"
DOWN = "postgresql://nobody@127.0.0.1:1/nothing"
GOING_WRONG = (
    f'{{ person(idNo: "{ID_NO}") {{ nothing }} }}',
    f'{{ person(idNo: "{ID_NO}", idType: "{ID_NO}") {{ name }} }}',
    f'{{ person(idNo: "{ID_NO}"',
    f'query($idNo: Int!) {{ person(idNo: "{ID_NO}") {{ name }} }}',
    "query($idNo: String!) { person(idNo: $idNo) { name idNo mobile ethnicity { label } household { address } } }",
)


@dataclass
class Written:
    """What was written where, and the values that must not be in it."""

    texts: dict[str, str] = field(default_factory=dict)
    values: set[str] = field(default_factory=set)

    def leaks(self) -> list[tuple[str, str]]:
        """Each place with each value that is there."""
        return [(place, value) for place, text in self.texts.items() for value in sorted(self.values) if value in text]


def values_of(document: Any, name: str = "") -> Iterator[str]:
    """The texts of three characters and more that stand unmasked under the names of `PERSONAL`."""
    if isinstance(document, Mapping):
        for key, value in document.items():
            yield from values_of(value, key)
    elif isinstance(document, list):
        for value in document:
            yield from values_of(value, name)
    elif isinstance(document, str) and name in PERSONAL and len(document) >= 3 and "*" not in document:
        yield document


def claims_of(viewer: Viewer) -> dict[str, Any]:
    claims = {"sub": viewer.subject, "client_id": viewer.client, "cert_no": viewer.cert_no}
    return {name: value for name, value in claims.items() if value is not None} | (
        {"acr": "2"} if viewer.assurance > 1 else {}
    )


def stated(access: AccessRequest | None) -> dict[str, Any]:
    """What a request states, as it is sent."""
    if access is None:
        return {}
    names = {
        "task_no": "taskNo",
        "case_no": "caseNo",
        "agreement_no": "agreementNo",
        "reason": "reason",
        "co_officer_cert_no": "coOfficerCertNo",
    }
    given = {there: value for here, there in names.items() if (value := getattr(access, here)) is not None}
    return {"access": {"purpose": access.purpose.value, **given}}


def questions() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every operation as every caller, and what goes wrong."""
    for folder in sorted(path.parent for path in CASES.glob("*/*/viewer.json")):
        query, variables, (viewer, access) = read(folder)
        name = next(name for name, (other, _) in CALLERS.items() if other == viewer)
        yield name, {"query": query, "variables": variables, "extensions": stated(access)}
    for name, (_, access) in CALLERS.items():
        for query in GOING_WRONG:
            yield name, {"query": query, "variables": {"idNo": ID_NO}, "extensions": stated(access)}


@pytest.fixture(scope="module")
async def dsn(scratch: Any) -> str:
    made = str(await scratch("leaks"))
    await make_tables(made)
    return made


@pytest.fixture(scope="module")
async def written(city: Mapping[str, str], dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Written:
    """All that two servers wrote, one of them without the population database."""
    directory = tmp_path_factory.mktemp("leaks")
    return await all_written([city, {**city, "population": DOWN}], directory, dsn, list(questions()))


async def all_written(
    worlds: Sequence[Mapping[str, str]], directory: Path, dsn: str, asked: Sequence[tuple[str, dict[str, Any]]]
) -> Written:
    handler = logging.FileHandler(directory / "events.jsonl", encoding="utf-8")
    handler.setFormatter(JsonLines())
    logging.getLogger().addHandler(handler)
    level = logging.getLogger("tongcha").level
    logging.getLogger("tongcha").setLevel(logging.DEBUG)
    found = Written(values={ID_NO})
    try:
        for databases in worlds:
            await ask_all(databases, directory, dsn, asked, found)
    finally:
        logging.getLogger("tongcha").setLevel(level)
        logging.getLogger().removeHandler(handler)
        handler.close()
    found.texts |= files_of(directory)
    for table in ("access_record", "access_subject", "access_shipped"):
        found.texts[table] = "\n".join(map(str, await rows(dsn, f"SELECT * FROM gw.{table}")))
    return found


def files_of(directory: Path) -> dict[str, str]:
    """What is in the files, but for keys and what is only reserved."""
    paths = [path for path in directory.rglob("*") if path.is_file() and path.name not in {"reserve", "lock"}]
    kept = [path for path in paths if not path.name.endswith((".pem", "keys.json"))]
    return {str(path.relative_to(directory)): path.read_text(encoding="utf-8", errors="replace") for path in kept}


async def ask_all(
    databases: Mapping[str, str],
    directory: Path,
    dsn: str,
    asked: Sequence[tuple[str, dict[str, Any]]],
    found: Written,
) -> None:
    world = World(databases)
    settings = Settings(
        audit_signing_key=State(directory).signing_key(),
        audit_witness_directory=directory / "witness",
        audit_key=b"k" * 64,
    )
    recorder = open_recorder(directory / "audit", b"k" * 64)
    terms = Terms(provision=1095, system=180)
    keeper = Keeper(recorder.log, terms, Vouching.of(settings), dsn)

    async def engine(_: Settings) -> Pipeline:
        return world.pipeline()

    issuer = DemoIssuer.open(directory)
    app = create_app(settings, engine, Identity(TokenVerifier(issuer.trusted())), recorder, keeper)
    tokens = {name: issuer.mint(viewer.kind.value, **claims_of(viewer)) for name, (viewer, _) in CALLERS.items()}
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://gateway") as client,
    ):
        for name, body in asked:
            headers = {"authorization": f"Bearer {tokens[name]}"}
            answer = (await client.post("/graphql", json=body, headers=headers)).json()
            found.values |= {*values_of(answer.get("data")), *values_of(body["variables"])}
            found.texts[f"errors {len(found.texts)}"] = json.dumps(
                [answer.get("errors"), answer.get("extensions")], ensure_ascii=False
            )
        found.texts["readyz"] = (await client.get("/readyz")).text


def test_no_value_of_the_data_is_in_what_is_written_about_the_work(written: Written) -> None:
    assert written.leaks() == []


def test_much_was_asked_and_all_of_it_is_there(written: Written) -> None:
    """A scan over nothing finds nothing."""
    assert len(written.values) > 100
    assert {ID_NO, "粤C12A34"} <= written.values
    assert any("SOURCE_UNAVAILABLE" in text for place, text in written.texts.items() if place.startswith("errors"))
    log = "".join(text for place, text in written.texts.items() if place.endswith(".log"))
    assert log.count('"kind":"access"') > 2 * len(CALLERS) * len(GOING_WRONG)
    assert '"outcome":"RELEASED"' in log
    assert '"outcome":"DENIED"' in log
    assert len(written.texts["access_record"]) > 10_000
    assert len(written.texts["access_subject"]) > 1_000
    assert any(place.startswith("witness") for place in written.texts)


@pytest.mark.parametrize(
    "place", ["audit/0/0000000000000001.log", "events.jsonl", "access_record", "readyz", "errors 0"]
)
def test_a_value_that_is_planted_is_found(written: Written, place: str) -> None:
    planted = dataclasses.replace(written, texts={**written.texts, place: f"{written.texts.get(place, '')} {ID_NO} "})
    assert (place, ID_NO) in planted.leaks()


async def test_a_value_that_a_caller_gives_as_the_reason_is_found(
    city: Mapping[str, str], scratch: Any, tmp_path: Path
) -> None:
    """The reason is the caller's own text and is recorded: so the scan sees what goes through the whole server."""
    dsn = str(await scratch("leaks_planted"))
    await make_tables(dsn)
    access = {**stated(CALLERS["officer"][1])["access"], "reason": f"核对 {ID_NO}"}
    asked = {"query": GOING_WRONG[-1], "variables": {"idNo": ID_NO}, "extensions": {"access": access}}
    found = await all_written([city], tmp_path, dsn, [("officer", asked)])
    assert {place for place, _ in found.leaks()} == {"audit/0/0000000000000001.log", "access_record"}
