"""Rows of the gateway's own database: the disclosure feed in one total order, partners, agreements, documents, batches, holidays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from hashlib import sha256

from datasources.city.briefs import kind_of
from datasources.city.briefs import total as total_cases
from datasources.city.cases import case
from datasources.city.disclosed import second_of
from datasources.city.documents import DOCUMENTS
from datasources.city.organisations import POLICE_ORG, orgs
from datasources.city.publications import publication
from datasources.city.record import SOURCES
from datasources.city.sizes import FIRST_CASE_DAY, NOW, Size, instant
from datasources.city.staging import STAGED
from datasources.tables.holidays import exceptions

Rows = Iterator[tuple[object, ...]]
#: The feed's numbers begin after this one, so that every size has changes after 123456.
FIRST_SEQ = 123_400
_FIRST = FIRST_CASE_DAY.toordinal() - 1
PUBLISH, UPDATE, WITHDRAW = range(3)
_OPS = ("PUBLISH", "UPDATE", "WITHDRAW")
_CLIENTS = (
    ("partner-disclosure", "网上办事大厅公示接口", "PARTNER", "ANY"), ("partner-finance", "财政非税电子支付系统", "PARTNER", "REGISTERED"),
    ("partner-linkage", "两法衔接工作信息共享平台", "PARTNER", "ANY"), ("partner-random", "双随机、一公开监管平台", "PARTNER", "REGISTERED"),
    ("partner-supervision", "互联网+监管系统", "PARTNER", "REGISTERED"), ("partner-credit", "信用中国（广东珠海）", "PARTNER", "ANY"),
    ("partner-statistics", "市统计数据共享平台", "PARTNER", "ANY"), ("app-yuezhengyi", "粤政易·粤执法", "STAFF", "ANY"),
    ("app-yueshengshi", "粤省事", "CITIZEN", "ANY"), ("public-site", "行政执法公示网", "PUBLIC", "ANY"),
)  # fmt: skip
_AGREEMENTS = (
    ("GX-2026-0131", "partner-disclosure", "珠海市司法局", "《中华人民共和国行政处罚法》第四十八条；《政务数据共享条例》", "网上办事大厅公示行政执法结果",
     "行政处罚、行政检查、行政强制公示信息", "增量接口", "PARTNER_DISCLOSURE", "2026-01-01", "2027-12-31"),
    ("GX-2026-0088", "partner-finance", "珠海市司法局", "《中华人民共和国行政处罚法》第六十七条、第七十四条", "罚没收入收缴与对账",
     "缴款码、应缴金额、缴款人、决定书文号", "查询接口", "NON_TAX_PAYMENT", "2026-01-01", "2027-12-31"),
    ("GX-2026-0102", "partner-linkage", "珠海市司法局", "《行政执法机关移送涉嫌犯罪案件的规定》", "移送涉嫌犯罪案件", "已移送案件的案情、当事人与文书",
     "查询接口", "CRIMINAL_LINKAGE", "2026-01-01", None),
    ("GX-2026-0115", "partner-random", "珠海市市场监督管理局", "《国务院关于在市场监管领域全面推行部门联合“双随机、一公开”监管的意见》", "抽查名录与结果",
     "检查对象名录、执法人员名录、检查结果", "增量接口", "DOUBLE_RANDOM", "2026-03-01", "2027-02-28"),
    ("GX-2026-0120", "partner-supervision", "珠海市政务服务和数据管理局", "《国务院关于加快推进“互联网+监管”系统建设的通知》", "监管行为数据归集",
     "检查、处罚、强制行为数据", "增量接口", "INTERNET_SUPERVISION", "2026-03-01", None),
    ("GX-2026-0140", "partner-credit", "珠海市司法局", "《中华人民共和国行政处罚法》第四十八条；《政务数据共享条例》", "行政处罚信用信息公示",
     "行政处罚公示信息，含被处罚自然人姓名", "增量接口", "PARTNER_DISCLOSURE", "2026-01-01", None),
    ("GX-2026-0142", "partner-statistics", "珠海市司法局", "《政务数据共享条例》；《中华人民共和国统计法》", "行政执法情况统计分析", "案件数量与罚没金额的汇总统计",
     "查询接口", "STATISTICS", "2026-01-01", "2027-12-31"),
    ("GX-2024-0017", "partner-disclosure", "珠海市司法局", "《中华人民共和国政府信息公开条例》", "网上办事大厅公示行政执法结果", "行政处罚公示信息", "批量文件",
     "PARTNER_DISCLOSURE", "2024-01-01", "2025-12-31"),
)  # fmt: skip
_DISCLOSURE = (
    "Query.disclosures", "Query.disclosure", "Query.disclosureChanges", "Disclosure", "DisclosureChange",
)  # fmt: skip
#: Requests a day (日调用量) by the purpose of the agreement; none where nothing was agreed.
_QUOTAS = {"DOUBLE_RANDOM": 20_000, "INTERNET_SUPERVISION": 20_000}
#: Rows a day (日共享量), likewise.
_ROWS = {"DOUBLE_RANDOM": 500_000}
#: The annex of an agreement (共享字段清单) by its purpose: types and fields of the schema.
_FIELDS = {
    "PARTNER_DISCLOSURE": _DISCLOSURE,
    "NON_TAX_PAYMENT": (
        "Query.nonTaxPayments",
        "NonTaxPayment",
        "Instalment",
        "Receipt",
        "PaymentReport",
        "Mutation.reportPayment",
        "PaymentReportPayload",
        "Query.paymentReconciliation",
    ),
    "CRIMINAL_LINKAGE": (
        "Query.criminalTransfers",
        "CriminalTransfer",
        "Case",
        "CaseSubject",
        "CaseDocument",
        "Query.transferOutbox",
        "TransferPackage",
        "TransferReport",
        "Coercion",
        "Mutation.reportTransferStatus",
        "TransferStatusPayload",
    ),
    "DOUBLE_RANDOM": ("Query.inspectionObjects", "Query.inspectionOfficers"),
    "INTERNET_SUPERVISION": (*_DISCLOSURE, "Query.unmappedMatters", "Query.matterCoverage"),
    "STATISTICS": ("Query.enforcementStats",),
}


def _changes(size: Size, seed: int) -> list[int]:
    """Every change of every disclosure in the order it happened, packed: second, case, operation, year of the id."""
    packed = []
    for number in range(total_cases(size)):
        shown = publication(case(size, seed, number))
        if shown and shown.published:
            year = int(shown.disclosure_id[2:6]) - 2020
            for op, ordinal in ((PUBLISH, shown.published), (UPDATE, shown.updated), (WITHDRAW, shown.withdrawn)):
                if ordinal:
                    second = (ordinal - _FIRST) * 86_400 + second_of(shown, op)
                    packed.append(((second << 24 | number) << 2 | op) << 4 | year)
    packed.sort()
    return packed


def change_rows(size: Size, seed: int, start: int, stop: int) -> Rows:
    """Rows of gw.change_log."""
    del start, stop
    for seq, change in enumerate(_changes(size, seed), FIRST_SEQ + 1):
        year, op, number = change & 15, change >> 4 & 3, change >> 6 & 0xFFFFFF
        ordinal, second = divmod(change >> 30, 86_400)
        kind = STAGED[number].kind if number < len(STAGED) else kind_of(size, number)[0]
        shown = publication(case(size, seed, number)) if op == WITHDRAW else None
        yield (
            seq, _OPS[op], f"GS{2020 + year}{kind}{number:09d}", kind, instant(ordinal + _FIRST, second),
            shown.reason if shown else None, shown.public_reason if shown else None,
        )  # fmt: skip


def client_rows(size: Size, seed: int, start: int, stop: int) -> Rows:
    """Rows of gw.client."""
    del seed, start, stop
    owner = orgs(size)[POLICE_ORG + 3].uscc
    for client_id, name, realm, documents in _CLIENTS:
        yield client_id, name, owner, realm, "1", date(2025, 12, 1), documents


def document_rows(size: Size, seed: int, start: int, stop: int) -> Rows:
    """Rows of gw.document."""
    del size, seed, start, stop
    for client_id, name, purpose, text in DOCUMENTS:
        yield client_id, sha256(text.encode()).hexdigest(), name, name, purpose, text, NOW - timedelta(days=300), None


def agreement_rows(size: Size, seed: int, start: int, stop: int) -> Rows:
    """Rows of gw.agreement; the last has expired."""
    del size, seed, start, stop
    for *text, purpose, begins, ends in _AGREEMENTS:
        term = date.fromisoformat(str(begins)), date.fromisoformat(ends) if ends else None
        yield (
            *text,
            purpose,
            list(_FIELDS[str(purpose)]),
            None,
            "1",
            *term,
            _QUOTAS.get(str(purpose)),
            _ROWS.get(str(purpose)),
        )


def batch_rows(size: Size, seed: int, start: int, stop: int) -> Rows:
    """Rows of gw.source_batch."""
    del size, seed, start, stop
    for system, minutes in SOURCES.items():
        yield system, NOW - timedelta(minutes=minutes)


def holiday_rows(size: Size, seed: int, start: int, stop: int) -> Rows:
    """Rows of gw.holiday."""
    del size, seed, start, stop
    for day, (working, name) in sorted(exceptions().items()):
        yield day, working, name
