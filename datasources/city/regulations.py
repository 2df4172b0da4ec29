"""Laws and rules: real titles, placeholder text. Fifty article rows each, ten of them superseded wordings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from datasources.city.acts import FIELDS
from datasources.city.dice import stream
from datasources.city.record import Record, record
from datasources.city.sizes import Domain, Size, day, key

#: Article rows of a regulation: 0 to 39 are today's articles 1 to 40; 40 to 49 earlier wordings of some of them.
ARTICLES = 50
CURRENT = 40
_GENERAL = (
    "中华人民共和国行政处罚法 中华人民共和国行政强制法 中华人民共和国行政许可法 中华人民共和国行政复议法 中华人民共和国个人信息保护法 "
    "中华人民共和国数据安全法 政务数据共享条例 行政执法监督条例 中华人民共和国政府信息公开条例 广东省行政执法监督条例 广东省规范行政处罚自由裁量权规定 "
    "珠海经济特区行政执法与刑事司法衔接工作条例"
).split()
_TOPICS = (
    "安全生产 市容环境 道路运输 食品安全 药品监管 建筑市场 物业管理 水资源 河道管理 海域使用 渔业船舶 出租屋管理 旅游市场 文化市场 校外培训 "
    "劳动监察 社会保险 医疗机构 公共场所卫生 消防安全 燃气经营 危险化学品 建筑垃圾 户外广告 噪声污染 扬尘治理 餐厨垃圾 养犬管理 停车场 网络交易 "
    "特种设备 计量监督 价格监督 知识产权 电梯安全 农产品质量 动物防疫 烟草零售 医疗保障基金 民办教育"
).split()
_FORMS = (
    ("广东省{}条例", "3", "广东省人民代表大会常务委员会"), ("珠海经济特区{}条例", "4", "珠海市人民代表大会常务委员会"),
    ("{}监督管理办法", "5", "国务院有关部门"), ("广东省{}管理办法", "6", "广东省人民政府"), ("珠海市{}管理规定", "6", "珠海市人民政府"),
    ("珠海市{}行政处罚裁量基准", "7", "珠海市有关行政机关"), ("{}行政处罚程序规定", "5", "国务院有关部门"), ("{}实施细则", "5", "国务院有关部门"),
    ("广东省{}执法工作指引", "7", "广东省有关部门"), ("珠海市{}双随机抽查工作规范", "7", "珠海市有关行政机关"), ("{}信用管理办法", "5", "国务院有关部门"),
    ("广东省{}应急预案管理规定", "7", "广东省人民政府办公厅"), ("珠海市{}行政检查办法", "7", "珠海市人民政府办公室"), ("{}技术服务管理规定", "5", "国务院有关部门"),
    ("珠海经济特区{}促进条例", "4", "珠海市人民代表大会常务委员会"), ("广东省{}规定", "6", "广东省人民政府"), ("{}行政许可实施办法", "5", "国务院有关部门"),
    ("珠海市{}若干规定", "3", "珠海市人民代表大会常务委员会"), ("广东省{}管理条例", "3", "广东省人民代表大会常务委员会"), ("{}事故报告办法", "5", "国务院有关部门"),
    ("珠海市{}工作规程", "7", "珠海市有关行政机关"), ("广东省{}信息公开办法", "7", "广东省有关部门"), ("{}分级分类监管办法", "7", "国务院有关部门"),
    ("珠海市{}举报奖励办法", "7", "珠海市有关行政机关"), ("广东省{}标准化办法", "7", "广东省有关部门"), ("{}监测管理办法", "5", "国务院有关部门"),
    ("广东省{}数据管理办法", "7", "广东省有关部门"), ("珠海市{}专项整治方案", "7", "珠海市有关行政机关"),
)  # fmt: skip
_DIGITS = "〇一二三四五六七八九"
_CLAUSES = (
    "从事本办法所称活动的单位和个人应当依法取得许可，并按照许可的范围开展经营", "应当建立健全管理制度，如实记录有关信息，记录保存期限不得少于二年",
    "主管部门依法实施监督检查，被检查对象应当予以配合，不得拒绝、阻挠", "违反前条规定的，由主管部门责令限期改正，可以处以罚款；情节严重的，责令停产停业",
    "有违法所得的，没收违法所得；构成犯罪的，依法追究刑事责任", "主管部门应当将处理结果依法向社会公开，接受社会监督",
    "当事人对处理决定不服的，可以依法申请行政复议或者提起行政诉讼", "本条所称有关标准，由主管部门会同有关部门制定并公布",
)  # fmt: skip


class Regulation(NamedTuple):
    """One law or rule; ordinals are proleptic day numbers."""

    number: int
    key: UUID
    title: str
    doc_no: str
    level: str
    issuer: str
    promulgated: int
    effective: int
    amended: int
    repealed: int
    status: str


def _titles() -> Iterator[tuple[str, str, str]]:
    """(title, level, issuer): general law, then each field's law, then rules of the state, the province and the city."""
    seen = set()
    for title in (*_GENERAL, *(law for field in FIELDS for law in field.laws)):
        if title not in seen:
            seen.add(title)
            yield title, *_rank(title)
    for pattern, level, issuer in _FORMS:
        for topic in _TOPICS:
            title = pattern.format(topic)
            if title not in seen:
                yield title, level, issuer


def _rank(title: str) -> tuple[str, str]:
    if title.startswith("珠海经济特区"):
        return "4", "珠海市人民代表大会常务委员会"
    if title.startswith("广东省"):
        return ("3", "广东省人民代表大会常务委员会") if title.endswith("条例") else ("6", "广东省人民政府")
    if title.endswith("法") and not title.endswith("办法"):
        return "1", "全国人民代表大会常务委员会"
    return ("2", "国务院") if title.endswith("条例") else ("5", "国务院有关部门")


@lru_cache(maxsize=4)
def regulations(size: Size, seed: int) -> tuple[Regulation, ...]:
    """All of the city's law, the titles of `acts.FIELDS` among the first."""
    made = []
    for number, (title, level, issuer) in zip(range(size.regulations), _titles(), strict=False):
        dice = stream(seed, Domain.REGULATION, number)
        year = dice.randint(1996, 2021)
        promulgated = date(year, 1, 1).toordinal() + dice.randrange(330)
        effective = promulgated + dice.choice((0, 30, 60, 180))
        amended = date(dice.randint(2021, 2026), 1, 1).toordinal() + dice.choice((0, 60, 120, 181))
        fate = dice.random() if number >= 110 else 0.0
        repealed = date(2024, 1, 1).toordinal() + dice.randrange(700) if fate > 0.96 else 0
        status = "3" if repealed else "2" if dice.random() < 0.3 else "1"
        made.append(
            Regulation(
                number, key(Domain.REGULATION, number), title, _doc_no(level, year, dice.randrange(1, 99)), level, issuer,
                promulgated, effective, amended, repealed, status,
            )
        )  # fmt: skip
    return tuple(made)


def _doc_no(level: str, year: int, number: int) -> str:
    if level in ("3", "4"):
        return f"公告第{number}号"
    office = {"1": "主席令", "2": "国务院令", "5": "部令", "6": "政府令"}.get(level)
    return f"{office}第{number}号" if office else f"珠府办〔{year}〕{number}号"


def numeral(number: int) -> str:
    """A number below one hundred in Chinese, as articles are counted."""
    tens, ones = divmod(number, 10)
    return ("" if tens < 2 else _DIGITS[tens]) + ("十" if tens else "") + (_DIGITS[ones] if ones or not tens else "")


def article_key(regulation: int, row: int) -> UUID:
    """The uuid of an article row (0 to 49) of a regulation."""
    return key(Domain.ARTICLE, regulation * ARTICLES + row)


def regulation_rows(
    size: Size, seed: int, start: int, stop: int
) -> Iterator[tuple[UUID, str, str, str, str, date, date, date | None, str, *Record]]:
    """Rows of reg.regulation."""
    for made in regulations(size, seed)[start:stop]:
        yield (
            made.key, made.title, made.doc_no, made.level, made.issuer, day(made.promulgated), day(made.effective),
            day(made.repealed) if made.repealed else None, made.status,
            *record("SF-FGK", None, made.number * 0.37 % 1),
        )  # fmt: skip


def article_rows(size: Size, seed: int, start: int, stop: int) -> Iterator[tuple[object, ...]]:
    """Rows of reg.article of the regulations `start` to `stop`."""
    for made in regulations(size, seed)[start:stop]:
        for row in range(ARTICLES):
            superseded = row >= CURRENT
            position = (row - CURRENT) * 4 + 1 if superseded else row
            reworded = position % 4 == 1
            text = f"{_CLAUSES[(position + made.number) % len(_CLAUSES)]}（演示文本{'，原文' if superseded else ''}）。"
            begins = made.effective if superseded or not reworded else made.amended
            ends = made.amended - 1 if superseded else made.repealed
            yield (
                article_key(made.number, row), made.key, f"第{numeral(position + 1)}条",
                f"第{numeral(position % 3 + 1)}款" if position % 2 else None, None, text, day(begins),
                day(ends) if ends else None,
                article_key(made.number, CURRENT + position // 4) if reworded and not superseded else None,
            )  # fmt: skip
