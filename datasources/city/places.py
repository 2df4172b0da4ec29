"""Zhuhai's divisions (data set of November 2024), its functional zones, roads, and addresses that are nobody's.

Twelve-digit codes: city 440400000000, district 440402000000, town 440402005000, village 440402005001. Functional zones
have no code in GB/T 2260; they carry a local one (4404Z1000000) and hold jurisdiction through their organisations.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from random import Random

CITY = "440400000000"
PROVINCE = "440000000000"
DISTRICTS = {"440402000000": "香洲区", "440403000000": "斗门区", "440404000000": "金湾区"}


@dataclass(frozen=True, kw_only=True)
class Town:
    """A street or town: its code, its share of the people (per mille), the zone that enforces there (or none)."""

    index: int
    code: str
    name: str
    short: str
    district: str
    share: int
    zone: str | None
    longitude: float
    latitude: float

    @property
    def district_name(self) -> str:
        return DISTRICTS[self.district]

    @property
    def prefix(self) -> str:
        """How an address of this town begins."""
        return f"广东省珠海市{self.district_name}{self.name}"


#: code, name, per mille of the population, functional zone, longitude, latitude
_TOWNS = (
    ("440402001", "翠香街道", 68, "", 113.567, 22.271),
    ("440402002", "梅华街道", 72, "", 113.530, 22.281),
    ("440402003", "前山街道", 100, "", 113.519, 22.247),
    ("440402004", "吉大街道", 46, "", 113.586, 22.252),
    ("440402005", "拱北街道", 74, "", 113.550, 22.222),
    ("440402006", "香湾街道", 24, "", 113.579, 22.277),
    ("440402007", "狮山街道", 24, "", 113.558, 22.262),
    ("440402008", "湾仔街道", 12, "Z4", 113.530, 22.194),
    ("440402009", "凤山街道", 20, "", 113.533, 22.312),
    ("440402100", "唐家湾镇", 90, "Z2", 113.590, 22.363),
    ("440402102", "南屏镇", 20, "", 113.498, 22.222),
    ("440402104", "横琴镇", 30, "Z1", 113.537, 22.119),
    ("440402105", "桂山镇", 1, "Z3", 113.826, 22.141),
    ("440402106", "万山镇", 1, "Z3", 113.733, 21.934),
    ("440402107", "担杆镇", 1, "Z3", 114.227, 22.048),
    ("440403001", "白藤街道", 30, "", 113.362, 22.170),
    ("440403100", "莲洲镇", 20, "", 113.229, 22.381),
    ("440403103", "斗门镇", 40, "", 113.190, 22.237),
    ("440403105", "乾务镇", 40, "Z5", 113.189, 22.146),
    ("440403106", "白蕉镇", 60, "", 113.336, 22.213),
    ("440403107", "井岸镇", 60, "", 113.293, 22.211),
    ("440404100", "三灶镇", 55, "", 113.359, 22.049),
    ("440404101", "南水镇", 22, "", 113.239, 22.019),
    ("440404103", "红旗镇", 60, "", 113.340, 22.128),
    ("440404104", "平沙镇", 30, "", 113.186, 22.101),
)
TOWNS = tuple(
    Town(
        index=index, code=f"{code}000", name=name, short=name.removesuffix("街道").removesuffix("镇"),
        district=f"{code[:6]}000000", share=share, zone=zone or None, longitude=longitude, latitude=latitude,
    )
    for index, (code, name, share, zone, longitude, latitude) in enumerate(_TOWNS)
)  # fmt: skip
TOWN_BY_CODE = {town.code: town for town in TOWNS}
_PSEUDO_TOWNS = (
    ("440402401000", "南屏科技园"), ("440402402000", "保税区"), ("440402403000", "三溪科创小镇发展中心"),
    ("440402404000", "洪湾商贸物流中心"), ("440404400000", "联港工业区"), ("440404401000", "航空产业园"),
)  # fmt: skip
#: Functional zone: letter code → (name, district it mostly lies in)
ZONES = {
    "Z1": ("横琴粤澳深度合作区", "440402000000"),
    "Z2": ("珠海高新技术产业开发区", "440402000000"),
    "Z3": ("珠海万山海洋开发试验区", "440402000000"),
    "Z4": ("珠海保税区（鹤洲新区）", "440402000000"),
    "Z5": ("富山工业园", "440403000000"),
}
_VILLAGES = {
    "440402005": "莲花 港昌 粤海 联安 关闸 侨光 夏湾 北岭 婆石", "440402001": "康宁 钰海 翠前 山场 兴业 为农",
    "440402003": "春晖 福石 造贝 南沙湾 莲塘 翠微", "440402004": "景山 石花 海湾 园林 吉莲",
    "440402100": "唐家 淇澳 那洲 会同 官塘 东岸", "440402104": "小横琴 新家园 荷塘 莲花", "440402102": "南屏 北山 广昌 洪湾",
    "440403107": "新青 井湾 江湾 南潮 西埔", "440403106": "城东 虾山 昭信 灯笼 孖湾", "440403103": "斗门 南门 小赤坎 大赤坎",
    "440404100": "海澄 中心 鱼月 金海岸", "440404103": "红旗 三板 沙脊 广益", "440404104": "平塘 前锋 大虎",
}  # fmt: skip
_ROADS = {
    "440402000000": "情侣中路 凤凰北路 人民东路 梅华西路 九洲大道 迎宾南路 莲花路 粤海东路 明珠南路 港湾大道 柠溪路 水湾路".split(),
    "440403000000": "中兴南路 江湾二路 湖心路 桥湖路 珠峰大道 白藤一路 连桥路 尖峰前路".split(),
    "440404000000": "金海岸大道 双湖路 升平大道 高栏路 机场东路 藤山一路 珠海大道 映月路".split(),
}
_ZONE_ROADS = {"Z1": "琴海东路 环岛东路 兴盛一路 港澳大道 宝兴路".split()}
ESTATES = "海晴花园 凤栖居 明湖雅苑 云岸名庭 翠柏家园 银滩华府 桃源里 晨曦公寓 望潮苑 安和小区 听涛轩 朗悦湾".split()

#: Where migrants come from: city code, full name, per mille.
ORIGINS = (
    ("440800", "广东省湛江市", 120), ("440900", "广东省茂名市", 110), ("441700", "广东省阳江市", 60), ("440700", "广东省江门市", 70),
    ("441400", "广东省梅州市", 60), ("445200", "广东省揭阳市", 50), ("430400", "湖南省衡阳市", 80), ("430500", "湖南省邵阳市", 60),
    ("431000", "湖南省郴州市", 50), ("450400", "广西壮族自治区梧州市", 60), ("450900", "广西壮族自治区玉林市", 50),
    ("360700", "江西省赣州市", 50), ("411600", "河南省周口市", 50), ("420900", "湖北省孝感市", 40), ("511600", "四川省广安市", 50),
    ("520500", "贵州省毕节市", 40),
)  # fmt: skip
_PROVINCES = {
    "43": "湖南省", "45": "广西壮族自治区", "36": "江西省", "41": "河南省", "42": "湖北省", "51": "四川省", "52": "贵州省",
}  # fmt: skip
TOWN_POOL = tuple(town for town in TOWNS for _ in range(town.share))
ORIGIN_POOL = tuple(origin for origin in ORIGINS for _ in range(origin[2] // 10))


def divisions() -> Iterator[tuple[str, str, int, str | None, bool, date | None, date | None]]:
    """Rows of div.division in the order of its columns, parents before children."""
    since = date(1979, 3, 5)
    yield PROVINCE, "广东省", 1, None, False, since, None
    for province, name in _PROVINCES.items():
        yield f"{province}0000000000", name, 1, None, False, since, None
    yield CITY, "珠海市", 2, PROVINCE, False, since, None
    for code, name, _ in ORIGINS:
        city = name.removeprefix("广东省").removeprefix(_PROVINCES.get(code[:2], ""))
        yield f"{code}000000", city, 2, f"{code[:2]}0000000000", False, since, None
    yield "440402000000", "香洲区", 3, CITY, False, date(1984, 6, 1), None
    yield "440403000000", "斗门区", 3, CITY, False, date(2001, 4, 4), None
    yield "440404000000", "金湾区", 3, CITY, False, date(2001, 4, 4), None
    yield "440421000000", "斗门县", 3, CITY, False, since, date(2001, 4, 4)
    for zone, (name, _) in ZONES.items():
        yield f"4404{zone}000000", name, 3, CITY, True, date(2010, 1, 1), None
    for town in TOWNS:
        yield town.code, town.name, 4, town.district, False, date(2001, 4, 4), None
    for code, name in _PSEUDO_TOWNS:
        yield code, name, 4, f"{code[:6]}000000", True, date(2005, 1, 1), None
    for town in TOWNS:
        for number, name in enumerate(_VILLAGES.get(town.code[:9], "中心 新村").split(), 1):
            kind = "社区居民委员会" if town.name.endswith("街道") else "村民委员会"
            yield f"{town.code[:9]}{number:03d}", name + kind, 5, town.code, False, date(2005, 1, 1), None


def street(dice: Random, town: Town, *, numbered: bool = True) -> str:
    """A road and house number of that town; no number when the record is to lack one."""
    roads = _ZONE_ROADS.get(town.zone or "") or _ROADS[town.district]
    road = roads[int(dice.random() * len(roads))]
    return f"{road}{int(dice.random() * 480) + 1}号" if numbered else road


def home(dice: Random, town: Town, *, numbered: bool = True) -> str:
    """A whole address of a flat."""
    if not numbered:
        return town.prefix + street(dice, town, numbered=False)
    estate = ESTATES[int(dice.random() * len(ESTATES))]
    pick = dice.random()
    block, floor, flat = int(pick * 12) + 1, int(pick * 1200) % 28 + 1, int(pick * 24000) % 6 + 1
    return f"{town.prefix}{street(dice, town)}{estate}{block}栋{floor}{flat:02d}房"


def point(dice: Random, town: Town) -> tuple[float, float]:
    """Longitude and latitude within about two kilometres of the town's centre."""
    return (
        round(town.longitude + dice.random() * 0.036 - 0.018, 6),
        round(town.latitude + dice.random() * 0.036 - 0.018, 6),
    )
