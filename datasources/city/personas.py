"""The twelve people and firms whose stories are fixed, and the identifiers that the ten operations ask for.

Each persona is a class: its docstring is the story, its attributes are the identifiers to ask with. What they change in
the city stands below them, by row number; rows not named here are drawn by chance and never touch these.
"""

from __future__ import annotations

from datasources.city.identifiers import AREA, resident_number, uscc


def _id_no(day: str, order: int, area: str = AREA) -> str:
    return resident_number(f"{area}{day}{order:03d}")


class HonestShop:
    """冯美玲's restaurant in 吉大: five years in business, every licence valid, inspected, never a case against it.

    An officer with the task sees it whole; the public sees the registry's columns; nobody finds a case.
    """

    uscc = uscc("92", "MA7X0003")
    name = "香洲区吉大冯记酒家"
    operator_id_no = _id_no("19810405", 2)


class MovedShop:
    """A convenience store that moved from 井岸 (斗门) to 前山 (香洲) in June 2025.

    Its older case lies with 斗门, its newer with 香洲: each district's supervisor sees one of them, the city's both. The
    registry record is version 2 and labelled MOVED_DISTRICT.
    """

    uscc = uscc("92", "MA7X0004")
    operator_id_no = _id_no("19760819", 1)
    moved_on = "2025-06-18"


class FleetOwner:
    """粤通达客运: a coach firm with 37 vehicles, among them 粤C12A34, and an open case about one of them.

    Asking for its vehicles exercises limits on lists; the open case shows at the roadside.
    """

    uscc = uscc("91", "MA7X0002")
    plate_no = "粤C12A34"
    representative_id_no = _id_no("19750927", 3)


class ReusedPlate:
    """谢伟明 drives a car whose plate 粤C88K19 was on 梁国强's car until May 2024.

    Asked as of 2024-01-01 the plate is 梁国强's, as of today 谢伟明's; a fine of 2024-03 must not follow the plate.
    """

    plate_no = "粤C88K19"
    driver_id_no = _id_no("19830211", 1)
    former_owner_id_no = _id_no("19690730", 1)


class Minor:
    """李浩宇, thirteen, caught in an internet café; his father is party to the case as guardian.

    Every field about him is sensitive; the case against the café is published, the record about him never is.
    """

    id_no = _id_no("20130520", 1)
    guardian_id_no = _id_no("19820614", 1)
    case_no = "ZHWL-2026-CF-0000213"


class ProtectedWitness:
    """陈婉婷 saw what went on in the food factory and is protected: her record answers as if she did not exist."""

    id_no = _id_no("19910618", 2)
    case_no = "ZHXZ-CX-2026-CF-0003071"


class SealedRecord:
    """李子豪 was seventeen in 2024; his record and his case are sealed and answer as if they did not exist."""

    id_no = _id_no("20070214", 1)
    case_no = "ZHCG-2024-CF-0000871"


class MacauResident:
    """João Xavier from Macau: a travel permit, a residence permit of series 82, a 粤Z car, a flat, a parking fine.

    He is found by type 516 and its number; the residence permit is on file as his second document.
    """

    id_type = "516"
    id_no = "M99000018"
    residence_permit_no = _id_no("19781123", 3, "820000")
    plate_no = "粤Z12A3澳"


class DeadRepresentative:
    """黄国华 died in March 2025; 华顺商业连锁 still names him, is listed as unreachable, and is in business on paper."""

    uscc = uscc("91", "MA7X0005")
    representative_id_no = _id_no("19480909", 1)
    died_on = "2025-03-02"


class FiveNames:
    """A catering company that changed its name four times: each case and notice keeps the name of its day."""

    uscc = uscc("91", "MA7X0006")
    names = (
        "珠海鑫茂餐饮管理有限公司", "珠海市百味香餐饮管理有限公司", "珠海市福满堂餐饮管理有限公司", "珠海聚福餐饮管理有限公司", "珠海市众合餐饮管理有限公司",
    )  # fmt: skip


class CuriousOfficer:
    """周志强, an officer in good standing, looks up his brother 周志伟: no task of his names him.

    The answer is the one for an unknown number, and the log shows the attempt.
    """

    cert_no = "19040130217"
    id_no = _id_no("19850130", 5)
    brother_id_no = _id_no("19890712", 7)


class WithdrawnPenalty:
    """吴嘉欣's grocery was fined in February 2026; the decision was revoked on review and withdrawn three days later.

    The feed has PUBLISH and then WITHDRAW without content; the public finds nothing; the fine was refunded.
    """

    uscc = uscc("92", "MA7X0007")
    operator_id_no = _id_no("19930308", 4)
    case_no = "ZHXZ-CX-2026-CF-0000402"


PERSONAS = (
    HonestShop, MovedShop, FleetOwner, ReusedPlate, Minor, ProtectedWitness, SealedRecord, MacauResident,
    DeadRepresentative, FiveNames, CuriousOfficer, WithdrawnPenalty,
)  # fmt: skip


class Operations:
    """The identifiers that the operations of the domain study ask for, beside those of the personas."""

    party_ref = "p_7QK2M9"
    party_id_no = "440499198603120178"
    firm_ref = "e_2HV0TC"
    firm_uscc = "91440499MA7X000184"
    shop_uscc = "92440499MA7X0A12X1"
    shop_operator_id_no = _id_no("19790416", 6)
    plate_no = "粤C12A34"
    org_uscc = "1144049900700088X4"
    police_uscc = "11440499007000011Q"
    case_no = "ZHXZ-CX-2026-CF-0003071"
    payment_code = "44040026000000412376"
    roadside_task = "ZHJT-2026-JC-0004127"
    shop_task = "ZHXZ-CX-2026-JC-0018830"
    review_batch = "PC-2026-04"
    officer = "19040130215"
    co_officers = ("19040130216", "19040120488")
    approver = "19040100031"
    supervisor = "19040100007"
    officer_without_task = "19040130299"
    #: Documents of the case by the names the mutation gives them: a document's uuid is the name read as base 32.
    documents = {"0704": "YSFZAJYSS", "0705": "DCBG", "0706": "WPQD", "0308": "JYBG"}  # noqa: RUF012
