"""The city of the tests: both engines over its databases, the callers, and keys that exist."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from auth.viewer import AccessRequest, CallerKind, Purpose, Viewer
from datasources.city.personas import Operations
from datasources.database import Database
from gateway.pipeline import Pipeline
from resolvers.schema import catalog

MOMENT = datetime.datetime(2026, 11, 5, 9, tzinfo=datetime.UTC)
"""When the tests ask: the city's reference day."""
SEAL_KEY = b"tongcha-tests-tongcha-tests-tongcha-tests-tongcha-tests-12345678"

OFFICER = Viewer(subject="officer", client="yuezhifa", kind=CallerKind.OFFICER, cert_no="19040130215")

CALLERS: Mapping[str, tuple[Viewer, AccessRequest | None]] = {
    "officer": (OFFICER, AccessRequest(purpose=Purpose.CASE_HANDLING, task_no="ZHXZ-CX-2026-CF-0003071")),
    "officer-without-task": (
        Viewer(subject="officer-2", client="yuezhifa", kind=CallerKind.OFFICER, cert_no="19040130299"),
        AccessRequest(purpose=Purpose.INSPECTION, task_no="ZHJT-2026-JC-0004127"),
    ),
    "supervisor": (
        Viewer(subject="supervisor", client="yuezhifa", kind=CallerKind.SUPERVISOR, cert_no="19040100007"),
        AccessRequest(purpose=Purpose.SUPERVISION, task_no="PC-2026-04"),
    ),
    "partner": (
        Viewer(subject="partner-finance", client="partner-finance", kind=CallerKind.PARTNER),
        AccessRequest(purpose=Purpose.NON_TAX_PAYMENT, agreement_no="GX-2026-0088"),
    ),
    "partner-disclosure": (
        Viewer(subject="partner-disclosure", client="partner-disclosure", kind=CallerKind.PARTNER),
        AccessRequest(purpose=Purpose.PARTNER_DISCLOSURE, agreement_no="GX-2026-0131"),
    ),
    "partner-credit": (
        Viewer(subject="partner-credit", client="partner-credit", kind=CallerKind.PARTNER),
        AccessRequest(purpose=Purpose.PARTNER_DISCLOSURE, agreement_no="GX-2026-0140"),
    ),
    "officer-stepped-up": (
        Viewer(subject="officer", client="yuezhifa", kind=CallerKind.OFFICER, cert_no="19040130215", assurance=2),
        AccessRequest(purpose=Purpose.CASE_HANDLING, task_no="ZHXZ-CX-2026-CF-0003071"),
    ),
    "supervisor-stepped-up": (
        Viewer(subject="supervisor", client="yuezhifa", kind=CallerKind.SUPERVISOR, cert_no="19040100007", assurance=2),
        AccessRequest(purpose=Purpose.SUPERVISION, task_no="PC-2026-04"),
    ),
    "partner-linkage": (
        Viewer(subject="partner-linkage", client="partner-linkage", kind=CallerKind.PARTNER),
        AccessRequest(purpose=Purpose.CRIMINAL_LINKAGE, agreement_no="GX-2026-0102"),
    ),
    "partner-statistics": (
        Viewer(subject="partner-statistics", client="partner-statistics", kind=CallerKind.PARTNER),
        AccessRequest(purpose=Purpose.STATISTICS, agreement_no="GX-2026-0142"),
    ),
    "citizen": (
        Viewer(subject="citizen", client="yueshengshi", kind=CallerKind.CITIZEN),
        AccessRequest(purpose=Purpose.SELF_SERVICE),
    ),
    "citizen-own": (
        Viewer(
            subject="chen",
            client="yueshengshi",
            kind=CallerKind.CITIZEN,
            subject_ref=Operations.party_ref,
            assurance=2,
        ),
        AccessRequest(purpose=Purpose.SELF_SERVICE),
    ),
    "enterprise-own": (
        Viewer(
            subject="chen",
            client="yueshangtong",
            kind=CallerKind.CITIZEN,
            subject_ref=Operations.party_ref,
            org_uscc=Operations.firm_uscc,
        ),
        AccessRequest(purpose=Purpose.SELF_SERVICE),
    ),
    "auditor": (
        Viewer(subject="auditor", client="audit-desk", kind=CallerKind.AUDITOR),
        AccessRequest(purpose=Purpose.AUDIT),
    ),
    "public": (Viewer(subject="public", client="public", kind=CallerKind.PUBLIC), None),
}

PLATFORMS: Mapping[str, tuple[Viewer, AccessRequest]] = {
    "partner-random": (
        Viewer(subject="partner-random", client="partner-random", kind=CallerKind.PARTNER),
        AccessRequest(purpose=Purpose.DOUBLE_RANDOM, agreement_no="GX-2026-0115"),
    ),
    "partner-supervision": (
        Viewer(subject="partner-supervision", client="partner-supervision", kind=CallerKind.PARTNER),
        AccessRequest(purpose=Purpose.INTERNET_SUPERVISION, agreement_no="GX-2026-0120"),
    ),
}
"""Platforms whose purposes open nothing but fields with resolvers of their own: to the rest of the schema they are the public."""

POOLS: Mapping[str, tuple[str, str]] = {
    "idNo": ("population", "SELECT id_no FROM pop.person ORDER BY person_id LIMIT 400"),
    "text": ("population", "SELECT left(name, 2) FROM pop.person ORDER BY person_id LIMIT 40"),
    "uscc": ("legal_entity", "SELECT uscc FROM ent.entity ORDER BY entity_id LIMIT 200"),
    "plateNo": ("vehicle", "SELECT plate_no FROM veh.vehicle ORDER BY vehicle_id LIMIT 200"),
    "unitNo": ("property", "SELECT unit_no FROM rea.unit ORDER BY unit_no LIMIT 200"),
    "certId": ("certificate", "SELECT cert_id FROM lic.certificate ORDER BY cert_id LIMIT 200"),
    "caseNo": ("enforcement", "SELECT case_no FROM cas.case ORDER BY case_id LIMIT 300"),
    "disclosureId": ("gateway", "SELECT disclosure_id FROM gw.disclosure ORDER BY disclosure_id LIMIT 200"),
    "paymentCodes": ("enforcement", "SELECT payment_code FROM cas.payment ORDER BY payment_code LIMIT 100"),
    "certNo": ("personnel", "SELECT cert_no FROM off.officer ORDER BY officer_id LIMIT 100"),
    "orgUscc": ("personnel", "SELECT uscc FROM off.org ORDER BY org_id LIMIT 60"),
    "code": ("personnel", "SELECT code FROM div.division ORDER BY code LIMIT 100"),
    "implementationCode": ("matter", "SELECT implementation_code FROM mat.matter ORDER BY matter_id LIMIT 200"),
    "regulationId": ("regulation", "SELECT regulation_id::text FROM reg.regulation ORDER BY 1 LIMIT 60"),
    "orgIds": ("personnel", "SELECT org_id::text FROM off.org ORDER BY org_id LIMIT 40"),
    "causeCodes": ("matter", "SELECT cause_code FROM mat.matter_cause ORDER BY 1 LIMIT 60"),
    "matterCode": ("enforcement", "SELECT DISTINCT implementation_code FROM cas.case ORDER BY 1 LIMIT 60"),
    "name": ("legal_entity", "SELECT left(name, 4) FROM ent.entity ORDER BY entity_id LIMIT 60"),
    "articleId": ("regulation", "SELECT article_id::text FROM reg.article ORDER BY 1 LIMIT 100"),
}
"""Where the values of an argument are found, by its name."""


OWN: Mapping[str, str] = {
    "idNo": Operations.party_id_no,
    "uscc": Operations.firm_uscc,
    "caseNo": Operations.case_no,
    "paymentCodes": Operations.payment_code,
    "plateNo": "粤C66B08",
    "unitNo": "440499005001GB00016F00170017",
    "certId": "1.2.156.3005.2.11440499007000011Q001.E000000001.001",
}
"""Keys of what is the citizens' own: asked for again and again, or their questions would find other people's things only."""
OFTEN = 60

FIXED: Mapping[str, Sequence[Any]] = {
    "idType": ["111"],
    "plateType": ["02"],
    "divisionPrefix": ["4404", "440402", "440403", "440402005"],
    "codePrefix": ["4404", "440402"],
    "division": ["440400000000", "440402000000"],
    "parentCode": ["440400000000", "440402000000"],
    "levels": [3, 4],
    "keyword": ["食品", "安全", "100%", "规定"],
    "penaltyKinds": ["01", "03"],
    "typeCode": ["11440499007000011Q001", "11440499007000011Q045"],
    "at": ["2026-11-05", "2020-01-01"],
    "inForceOn": ["2026-11-05", "2023-01-01"],
    "year": [2026, 2025],
}
"""Values of arguments that name no record."""


class World:
    """Both engines over the databases of one city. `dsns` by the database's name."""

    def __init__(self, dsns: Mapping[str, str]) -> None:
        self.databases = {name: Database(name, dsn, budget=30) for name, dsn in dsns.items()}
        self._pipelines = {
            engine: Pipeline(catalog, self.databases, engine=engine, seal_key=SEAL_KEY, now=lambda: MOMENT)
            for engine in ("compiled", "resolvers")
        }
        self._pools: dict[str, Sequence[Any]] | None = None

    def pipeline(self, engine: str = "compiled") -> Pipeline:
        """The gateway with one of its engines."""
        return self._pipelines[engine]

    async def pools(self) -> Mapping[str, Sequence[Any]]:
        """Values that find something, by the name of the argument."""
        if self._pools is None:
            self._pools = {
                name: [row[0] for row in await self.databases[database].rows(query, ())]
                for name, (database, query) in POOLS.items()
            }
            self._pools = {
                name: [*values, *[OWN[name]] * OFTEN] if name in OWN else values for name, values in self._pools.items()
            }
            self._pools |= FIXED
            self._pools["documentNo"] = [
                row[0]
                for row in await self.databases["enforcement"].rows(
                    "SELECT document_no FROM cas.decision ORDER BY 1 LIMIT 60", ()
                )
            ]
        return self._pools

    def statements(self) -> int:
        """Statements sent so far, by all databases together."""
        return sum(database.statements for database in self.databases.values())

    async def close(self) -> None:
        """Closes the databases."""
        for database in self.databases.values():
            await database.close()
