"""The catalogue of attacks on disclosure, I1 and I5: a system gets what its agreement and its token cover, both, and no more.

What goes beyond is refused as a whole, before anything is read: a system is corrected, not trimmed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeAlias

import asyncpg
import pytest

from auth.terms import Detail, Terms
from auth.viewer import AccessRequest, CallerKind, Purpose, Viewer
from datasources.database import Database
from datasources.tables import DATABASES
from gateway.pipeline import Pipeline
from resolvers.schema import catalog
from tests.gateway.asking import Asker, answered, told
from tests.gateway.village import village
from tests.world import MOMENT, SEAL_KEY

ENGINES = ("compiled", "resolvers")
TRANSFERS = "{ criminalTransfers { caseNo status suspects { nameAtDecision idNo } documents { docType { code } } } }"
CODES = "query($codes: [String!]) { nonTaxPayments(paymentCodes: $codes) { paymentCode payerName amountDue } }"

Hamlet: TypeAlias = "tuple[Mapping[str, Pipeline], asyncpg.Connection[Any]]"


@pytest.fixture(scope="module")
async def hamlet(copied_village: Callable[[str], Awaitable[str]]) -> AsyncIterator[Hamlet]:
    """A village of one's own: the gateway's engines before it, and an administrator's connection."""
    dsn = await copied_village("agreements")
    databases = {name: Database(name, dsn) for name in DATABASES}
    admin = await asyncpg.connect(dsn)
    yield (
        {
            engine: Pipeline(catalog, databases, engine=engine, seal_key=SEAL_KEY, now=lambda: MOMENT)
            for engine in ENGINES
        },
        admin,
    )
    await admin.close()
    for database in databases.values():
        await database.close()


async def agreed(
    hamlet: Hamlet,
    purpose: Purpose,
    fields: Sequence[str],
    cases: Sequence[str] | None = None,
    *,
    status: str = "1",
    details: tuple[Detail, ...] | None = None,
) -> Asker:
    """A partner with an agreement that covers this."""
    number = await hamlet[1].fetchval("SELECT 'GX-2026-9' || count(*) FROM gw.agreement")
    await hamlet[1].execute(
        """INSERT INTO gw.agreement (agreement_no, client_id, provider_org, legal_basis, scenario, scope, mode, purpose,
          fields, case_nos, status_code, valid_from) VALUES ($1, 'p', '', '', '', '', '', $2, $3, $4, $5, '2026-01-01')""",
        number, purpose.value, list(fields), cases, status,
    )  # fmt: skip
    viewer = Viewer(subject="p", client="p", kind=CallerKind.PARTNER, details=details)
    return viewer, AccessRequest(purpose=purpose, agreement_no=number)


LINKAGE = ("Query.criminalTransfers", "CriminalTransfer", "CaseSubject", "CaseDocument")
PAYMENTS = ("Query.nonTaxPayments", "NonTaxPayment")


async def case_numbers(hamlet: Hamlet) -> list[str]:
    rows = await hamlet[1].fetch(
        "SELECT case_no FROM cas.case JOIN cas.criminal_transfer t USING (case_id) WHERE t.decided_on IS NOT NULL ORDER BY 1"
    )
    return [row[0] for row in rows]


async def shown(pipeline: Pipeline, caller: Asker) -> list[str]:
    """The cases of the transfers that a caller sees."""
    transfers = (await told(pipeline, TRANSFERS, caller))["data"]["criminalTransfers"]
    return sorted(transfer["caseNo"] for transfer in transfers)


@pytest.mark.parametrize("engine", ENGINES)
async def test_I1_what_the_agreement_does_not_cover_refuses_the_request(hamlet: Hamlet, engine: str) -> None:
    """403 with the list of what goes beyond, and nothing is asked of a database."""
    caller = await agreed(
        hamlet, Purpose.CRIMINAL_LINKAGE, ("Query.criminalTransfers", "CriminalTransfer", "CaseSubject.role")
    )
    pipeline = hamlet[0][engine]
    await answered(pipeline, "{ __typename }", caller)
    before = sum(database.statements for database in pipeline.databases.values())
    body = await told(pipeline, TRANSFERS, caller)
    assert body == {
        "errors": [
            {"message": "The stated purpose could not be shown to hold.", "extensions": {"code": "PURPOSE_DENIED"}}
        ],
        "extensions": {
            "access": {
                "withheld": [
                    {
                        "coordinate": coordinate,
                        "path": ["criminalTransfers", *path],
                        "code": "PURPOSE_DENIED",
                        "needs": [],
                    }
                    for coordinate, path in (
                        ("CaseDocument.docType", ["documents", "docType"]),
                        ("CaseSubject.idNo", ["suspects", "idNo"]),
                    )
                ],
                "masked": [["criminalTransfers", "suspects", "nameAtDecision"]],
            }
        },
    }
    assert sum(database.statements for database in pipeline.databases.values()) == before
    inside = await told(pipeline, "{ criminalTransfers { caseNo suspects { role { code } } } }", caller)
    assert inside["data"]["criminalTransfers"]


@pytest.mark.parametrize("engine", ENGINES)
async def test_I1_the_root_is_covered_or_not(hamlet: Hamlet, engine: str) -> None:
    caller = await agreed(hamlet, Purpose.NON_TAX_PAYMENT, ("NonTaxPayment",))
    body = await told(hamlet[0][engine], CODES, caller, {"codes": ["44040026000000412376"]})
    assert [entry["coordinate"] for entry in body["extensions"]["access"]["withheld"]] == ["Query.nonTaxPayments"]
    assert "data" not in body


@pytest.mark.parametrize("engine", ENGINES)
async def test_I1_a_suspended_agreement_is_like_none(hamlet: Hamlet, engine: str) -> None:
    caller = await agreed(hamlet, Purpose.CRIMINAL_LINKAGE, LINKAGE, status="2")
    missing = (caller[0], AccessRequest(purpose=Purpose.CRIMINAL_LINKAGE, agreement_no="GX-2099-9998"))
    bodies = {await answered(hamlet[0][engine], TRANSFERS, one) for one in (caller, missing)}
    assert len(bodies) == 1


@pytest.mark.parametrize("engine", ENGINES)
async def test_I1_public_data_need_no_agreement(hamlet: Hamlet, engine: str) -> None:
    """An agreement narrows what it opens: a partner never sees less than the public does."""
    caller = await agreed(hamlet, Purpose.NON_TAX_PAYMENT, ())
    body = await told(hamlet[0][engine], "{ disclosures(first: 2) { nodes { causeName subjectName } } }", caller)
    assert all(node["causeName"] for node in body["data"]["disclosures"]["nodes"])


@pytest.mark.parametrize("engine", ENGINES)
async def test_I5_token_and_agreement_both_name_cases(hamlet: Hamlet, engine: str) -> None:
    """The token says more cases than the agreement: those of the agreement; a token that says others: none."""
    every, pipeline = await case_numbers(hamlet), hamlet[0][engine]
    assert len(every) >= 3
    wide = (Detail(terms=Terms(cases=frozenset((*every, "ZHXZ-CX-2026-CF-9999999")))),)
    narrow = (Detail(purpose="CRIMINAL_LINKAGE", terms=Terms(cases=frozenset(every[1:]))),)
    other = (Detail(terms=Terms(cases=frozenset(every[2:]))),)
    for cases, details, left in (
        (None, None, every),
        (every[:2], None, every[:2]),
        (every[:2], wide, every[:2]),
        (None, narrow, every[1:]),
        (every[:2], narrow, every[1:2]),
        (every[:2], other, []),
        ([], None, []),
    ):
        caller = await agreed(hamlet, Purpose.CRIMINAL_LINKAGE, LINKAGE, cases, details=details)
        assert await shown(pipeline, caller) == left


@pytest.mark.parametrize("engine", ENGINES)
async def test_I5_a_token_for_one_purpose_is_not_for_another(hamlet: Hamlet, engine: str) -> None:
    """The bytes are those for an agreement that nobody ever gave out."""
    for_payments = (Detail(purpose="NON_TAX_PAYMENT"),)
    caller = await agreed(hamlet, Purpose.CRIMINAL_LINKAGE, LINKAGE, details=for_payments)
    missing = (
        dataclasses.replace(caller[0], details=None),
        AccessRequest(purpose=Purpose.CRIMINAL_LINKAGE, agreement_no="GX-2099-9998"),
    )
    assert await answered(hamlet[0][engine], TRANSFERS, caller) == await answered(hamlet[0][engine], TRANSFERS, missing)


@pytest.mark.parametrize("engine", ENGINES)
async def test_I5_a_token_names_fields(hamlet: Hamlet, engine: str) -> None:
    fields = (Detail(terms=Terms(fields=frozenset({"Query.nonTaxPayments", "NonTaxPayment.paymentCode"}))),)
    caller = await agreed(hamlet, Purpose.NON_TAX_PAYMENT, PAYMENTS, details=fields)
    code = await hamlet[1].fetchval("SELECT min(payment_code) FROM cas.payment")
    body = await told(hamlet[0][engine], CODES, caller, {"codes": [code]})
    assert {entry["coordinate"] for entry in body["extensions"]["access"]["withheld"]} == {
        "NonTaxPayment.payerName",
        "NonTaxPayment.amountDue",
    }
    narrower = CODES.replace(" payerName amountDue", "")
    found = await told(hamlet[0][engine], narrower, caller, {"codes": [code]})
    assert found["data"]["nonTaxPayments"] == [{"paymentCode": code}]


@pytest.mark.parametrize("engine", ENGINES)
async def test_I5_payments_are_of_the_named_cases(hamlet: Hamlet, engine: str) -> None:
    """A payment of another case is as one that is not there."""
    rows = await hamlet[1].fetch(
        "SELECT payment_code, case_no FROM cas.payment JOIN cas.case USING (case_id) ORDER BY 1 LIMIT 3"
    )
    codes, cases = [row[0] for row in rows], [row[1] for row in rows]
    caller = await agreed(hamlet, Purpose.NON_TAX_PAYMENT, PAYMENTS, cases[:1])
    pipeline = hamlet[0][engine]
    found = await told(pipeline, CODES, caller, {"codes": codes})
    named = {code for code, case_no in zip(codes, cases, strict=True) if case_no == cases[0]}
    assert {payment["paymentCode"] for payment in found["data"]["nonTaxPayments"]} == named
    (other, *_) = [code for code in codes if code not in named]
    assert await answered(pipeline, CODES, caller, {"codes": [other]}) == await answered(
        pipeline, CODES, caller, {"codes": ["44040026999999999999"]}
    )


def test_an_annex_names_what_is_in_the_schema() -> None:
    types = catalog.object_types
    known = {*types, *(f"{name}.{field}" for name, type_ in types.items() for field in type_.fields)}
    for row in village()["gw.agreement"]:
        assert row["fields"]
        assert set(row["fields"]) <= known, row["agreement_no"]
