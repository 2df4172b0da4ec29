"""The staged cases: those of the personas and of the operations, and the food penalties of 香洲 in autumn 2026."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from datasources.city.personas import FiveNames, Minor, Operations, SealedRecord, WithdrawnPenalty
from datasources.city.places import TOWN_BY_CODE, Town
from datasources.city.workdays import is_working, next_working

_INSPECT, _PUNISH, _COERCE = "1", "2", "3"
#: Organisations by row number, the same in every size; see `organisations._drafts`.
_XIANGZHOU, _TRANSPORT, _URBAN, _CULTURE, _DOUMEN = 1, 2, 6, 11, 20


@dataclass(frozen=True, kw_only=True)
class StagedCase:
    """What of a case is fixed. Without `decided` it is still open; amounts are whole yuan."""

    case_no: str
    kind: str
    org: int
    filed: date
    owner: tuple[str, int]
    town: str
    act: str
    source: str = "1"
    decided: date | None = None
    fine: int = 0
    ordinary: bool = True
    repeat: bool = False
    name: str | None = None
    others: tuple[tuple[str, str, int], ...] = ()
    facts: str = ""
    sealed: bool = False
    undisclosed: str = ""
    withdrawn: tuple[date, str, str] | None = None
    payment_code: str | None = None
    story: str = ""
    officers: tuple[str, ...] = ()

    @property
    def place(self) -> Town:
        return TOWN_BY_CODE[f"{self.town}000"]


def _staged(
    case_no: str, org: int, filed: str, owner: tuple[str, int], town: str, act: str, **more: object
) -> StagedCase:
    kind = {"JC": _INSPECT, "CF": _PUNISH, "QZ": _COERCE}[case_no.split("-")[-2]]
    decided = more.pop("decided", None)
    return StagedCase(
        case_no=case_no, kind=kind, org=org, filed=date.fromisoformat(filed), owner=owner, town=town, act=act,
        decided=date.fromisoformat(decided) if isinstance(decided, str) else None, **more,  # type: ignore[arg-type]
    )  # fmt: skip


_MARKET_TEAM = (Operations.officer, Operations.co_officers[0])
_NAMED = tuple(
    _staged(f"ZHXZ-CX-{filed[:4]}-CF-{2101 + place:07d}", _XIANGZHOU, filed, ("e", 6), "440402005", act, name=name,
            decided=decided, fine=2_000 * (place + 1), repeat=place > 2)
    for place, (filed, decided, act, name) in enumerate(
        (
            ("2023-11-13", "2023-12-05", "未建立进货查验记录", FiveNames.names[0]),
            ("2024-08-13", "2024-09-06", "超过保质期", FiveNames.names[1]),
            ("2025-03-13", "2025-04-07", "健康证明", FiveNames.names[2]),
            ("2025-10-13", "2025-11-10", "标签", FiveNames.names[3]),
            ("2026-05-13", "2026-06-09", "贮存条件", FiveNames.names[4]),
        )
    )
)  # fmt: skip
_ACTS = (
    "超过保质期的食品",
    "食品经营者未取得许可",
    "食品经营者未按规定查验",
    "食品经营者采购使用",
    "网络食品经营者未按规定公示",
    "食品生产者生产经营标签",
)


def _autumn() -> tuple[StagedCase, ...]:
    """Twenty-four penalties about food in 香洲, decided on working days from August to October 2026, from 5,000 yuan up."""
    made = []
    decided = date(2026, 8, 3).toordinal()
    for place in range(24):
        while not is_working(date.fromordinal(decided)):
            decided += 1
        number = 10 + place % 20
        town = ("440402005", "440402003", "440402001", "440402004", "440402002")[(10 + place % 20) % 5]
        made.append(
            StagedCase(
                case_no=f"ZHXZ-CX-2026-CF-{3201 + place:07d}", kind=_PUNISH, org=_XIANGZHOU,
                filed=date.fromordinal(next_working(decided - 30 - place)), owner=("e", number), town=town, act=_ACTS[place % len(_ACTS)],
                decided=date.fromordinal(decided), fine=(5_000, 8_000, 12_000, 20_000, 50_000)[place % 5], source="124"[place % 3],
            )
        )  # fmt: skip
        decided += 3 + place % 2
    return tuple(made)


STAGED: tuple[StagedCase, ...] = (
    _staged(Operations.case_no, _XIANGZHOU, "2026-07-06", ("e", 1), "440402003", "食品生产者采购使用不符合安全标准",
            decided="2026-09-21", fine=186_000, source="2", others=(("1", "p", 29), ("5", "p", 0)), officers=_MARKET_TEAM,
            payment_code=Operations.payment_code, story="transfer",
            facts="当事人使用超过保质期的食品原料生产糕点，并以更改生产日期的方式将不合格食品冒充合格食品销售，货值金额六万八千元。"),
    _staged(Operations.shop_task, _XIANGZHOU, "2026-11-02", ("e", 0), "440402005", "食品经营日常", source="4",
            officers=_MARKET_TEAM),
    _staged(Operations.roadside_task, _TRANSPORT, "2026-11-03", ("e", 2), "440402005", "客运车辆路面",
            officers=(Operations.officer, Operations.co_officers[1])),
    _staged("ZHJT-2026-CF-0000968", _TRANSPORT, "2026-10-19", ("e", 2), "440402003", "道路客运经营者不按批准的客运站点停靠", source="2"),
    _staged("ZHJT-2026-CF-0000411", _TRANSPORT, "2026-03-16", ("e", 2), "440402003", "道路客运经营者", decided="2026-04-20", fine=3_000,
            ordinary=False),
    _staged("ZHXZ-CX-2024-CF-0001207", _XIANGZHOU, "2024-05-08", ("e", 0), "440402005", "餐饮服务提供者从业人员无健康证明",
            decided="2024-06-12", fine=1_000, ordinary=False),
    _staged("ZHXZ-CX-2025-CF-0002588", _XIANGZHOU, "2025-09-22", ("e", 0), "440402005", "餐饮服务提供者未建立进货查验记录",
            decided="2025-11-04", fine=6_000, repeat=True),
    _staged("ZHXZ-CX-2026-QZ-0000064", _XIANGZHOU, "2026-01-13", ("e", 0), "440402005", "扣押不符合食品安全标准", decided="2026-01-13"),
    _staged("ZHXZ-CX-2026-QZ-0000119", _XIANGZHOU, "2026-07-06", ("e", 1), "440402003", "查封违法从事食品", decided="2026-07-06",
            others=(("1", "p", 29),)),
    _staged("ZHXZ-CX-2024-CF-0000533", _XIANGZHOU, "2024-02-27", ("p", 29), "440402005", "网络食品经营者未按规定公示", decided="2024-03-19",
            fine=500, ordinary=False),
    _staged("ZHCG-2025-CF-0000702", _URBAN, "2025-04-11", ("p", 29), "440402005", "单位或者个人", decided="2025-05-15", fine=2_000),
    _staged("ZHXZ-CX-2025-JC-0009120", _XIANGZHOU, "2025-06-09", ("e", 3), "440402004", "餐饮服务食品安全", decided="2025-06-09", source="4"),
    _staged("ZHDM-SJ-2024-CF-0000305", _DOUMEN, "2024-04-17", ("e", 4), "440403107", "", decided="2024-05-21", fine=800, ordinary=False),
    _staged("ZHXZ-CX-2026-CF-0001944", _XIANGZHOU, "2026-05-20", ("e", 4), "440402003", "超过保质期的食品", decided="2026-06-29", fine=4_000),
    _staged("ZHXZ-CX-2025-JC-0013377", _XIANGZHOU, "2025-08-25", ("e", 5), "440402002", "登记事项", decided="2025-08-25", source="4",
            story="unreachable"),
    *_NAMED,
    _staged(WithdrawnPenalty.case_no, _XIANGZHOU, "2026-01-12", ("e", 7), "440402004", "食用农产品销售者未明码标价", decided="2026-02-05",
            fine=5_000, withdrawn=(date(2026, 6, 18), "DECISION_REVOKED", "经行政复议，原行政处罚决定被撤销。")),
    _staged(Minor.case_no, _CULTURE, "2026-07-20", ("e", 9), "440402001", "互联网上网服务营业场所接纳未成年人", decided="2026-08-26", fine=8_000,
            others=(("4", "p", 35), ("2", "p", 33)), source="2"),
    _staged("ZHCG-2026-CF-0000377", _URBAN, "2026-04-13", ("p", 35), "440402001", "单位或者个人", decided="2026-04-28", fine=0, ordinary=True,
            others=(("2", "p", 33),), undisclosed="被处罚人系未成年人，依法不予公开。", story="warning"),
    _staged(SealedRecord.case_no, _URBAN, "2024-06-24", ("p", 1), "440402002", "单位或者个人", decided="2024-07-22", fine=500, sealed=True,
            undisclosed="记录已封存，依法不予公开。"),
    _staged("ZHCG-2026-CF-0000518", _URBAN, "2026-05-18", ("p", 2), "440402005", "单位或者个人", decided="2026-05-18", fine=200, ordinary=False),
    _staged("ZHJT-2024-CF-0000266", _TRANSPORT, "2024-03-11", ("p", 3), "440403107", "道路客运经营者未取得", decided="2024-04-12", fine=5_000),
    _staged("ZHJT-2026-CF-0000744", _TRANSPORT, "2026-08-17", ("p", 12), "440402005", "道路客运经营者使用未取得", decided="2026-09-09", fine=3_000),
    _staged("ZHXZ-CX-2026-CF-0003555", _XIANGZHOU, "2026-08-03", ("e", 11), "440402003", "食品经营者", officers=("19040130244",)),
    *_autumn(),
)  # fmt: skip
