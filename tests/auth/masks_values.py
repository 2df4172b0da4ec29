"""Values for the masks, from a seeded generator: as they should be, as they come in, and as they come in worst."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from random import Random

from auth import patterns
from tests.auth.masks_signs import words

SURNAMES = "陈李黄张梁林刘吴王何罗杨周谢郑叶邓曾冯潘谭卢区欧司上东公长南𬭛"
GIVEN = "建国志永德文光家振明俊嘉思婉欣诗雅佩子梓浩宇阳修行会社𬭛㛃䶮𠮷"
FOREIGN = ("John Smith", "António da Silva", "Élodie", "Ｊｏｈｎ　Ｓｍｉｔｈ", "O'Neil", "佐々木義行", "さくら", "Иван")
MINORITY = ("阿依古丽·买买提", "艾尔肯•吐尔逊", "扎西・尼玛", "阿依古丽", "阿不都热合曼", "迈克尔.杰克逊")
ROADS = ("莲花路", "情侣中路", "镇海路", "县道", "乡道", "步行街", "人民南大街", "街道口", "镇江路", "路桥大道")
ESTATES = (
    "明珠花城东区",
    "安和小区",
    "海湾社区",
    "桃源里",
    "阳光城市花园",
    "好又多超市",
    "乡村花园",
    "华发新城",
    "红旗小镇",
)
PLACES = (
    "广西壮族自治区梧州市万秀区城东镇",
    "湖南省衡阳市雁峰区先锋街道",
    "江苏省镇江市",
    "江西省景德镇市珠山区",
    "浙江省宁波市镇海区招宝山街道",
    "广东省东莞市虎门镇",
    "北京市朝阳区建外街道",
    "海南省琼中黎族苗族自治县湾岭镇",
    "内蒙古自治区通辽市科尔沁左翼中旗",
    "河北省唐山市路北区",
    "四川省阿坝藏族羌族自治州",
    "湖南省邵阳市城步苗族自治县丹口镇",
    "湖北省恩施土家族苗族自治州恩施市白果乡",
    "山东省青岛市市南区香港中路街道",
    "澳门特别行政区花地玛堂区",
    "贵州省毕节市",
    "广东省珠海市斗门县",
    "浙江省台州市路桥区路桥街道",
    "重庆市渝中区",
    "湖南省湘乡市",
)
SAID = (
    "当事人",
    "驾驶车辆",
    "（身份证号：",
    "），联系电话",
    "，账号",
    "。2026年3月12日经营额1234.50元",
    "依据〔2026〕12号",
    " 第35条;",
)
JUNK = " \t\u3000\u200b-－·.()（）*?/'\"\\%:$1aｚ９省市区县街道镇乡路号某·々〇é😀"

Make = Callable[[Random], str]


def digits(dice: Random, count: int) -> str:
    return "".join(dice.choices("0123456789", k=count))


def signs(dice: Random, count: int) -> str:
    return "".join(dice.choices("0123456789ABCDEFGHJKLMNPRSTUVWXYZ", k=count))


def identity(dice: Random) -> str:
    birth = f"{dice.randint(1920, 2026)}{dice.randint(1, 12):02}{dice.randint(1, 28):02}"
    area = dice.choice(("440499", "440402", "810000", "820000", "830000", "911440"))
    return dice.choice(
        (
            area + birth + digits(dice, 3) + dice.choice("0123456789Xx"),
            area + birth + digits(dice, 4),
            area + birth[2:] + digits(dice, 3),
            dice.choice("EGHMDPSK") + digits(dice, dice.choice((8, 10))),
            digits(dice, 8),
            "9" + signs(dice, 17),
            f"军字第{digits(dice, 7)}号",
        )
    )


def person(dice: Random) -> str:
    given = "".join(dice.choices(GIVEN, k=dice.choice((1, 2, 2, 2, 3))))
    compound = dice.choice(words(patterns.COMPOUND_SURNAMES))
    return dice.choice((dice.choice(SURNAMES) + given, compound + given, compound, dice.choice(FOREIGN + MINORITY)))


def firm(dice: Random) -> str:
    ending = dice.choice(words(patterns.ORGANISATION_ENDINGS))
    stem = dice.choice(("珠海市", "香洲区拱北", "", "", "老", "横琴（澳门）"))
    form = dice.choice(("", "", "（有限合伙）", "(个体工商户)", "（张三的）", "（张三、李四）"))
    western = f"{dice.choice(FOREIGN)} Trading {dice.choice(words(patterns.LEGAL_FORMS))}{dice.choice(('', '.'))}"
    return dice.choice((stem + person(dice) + ending + form, stem + ending + form, western))


def phone(dice: Random) -> str:
    mobile = f"1{dice.randint(30, 99)}{digits(dice, 8)}"
    prefix = dice.choice(("", "", "+86", "+86 ", "0086-", "86", "＋86"))
    return dice.choice(
        (
            prefix + mobile,
            f"{mobile[:3]}-{mobile[3:7]} {mobile[7:]}",
            f"0756-{digits(dice, 7)}",
            f"(0756){digits(dice, 7)}",
            f"{dice.choice(('020', '010', '0769', '0012', '0200'))}{dice.choice(('-', ' ', ''))}{digits(dice, 8)}",
            f"{dice.choice(('+853', '00852', '+852 ', '853'))}{digits(dice, 8)}",
            f"400-{digits(dice, 7)}",
            digits(dice, dice.randint(1, 8)),
        )
    )


def detail(dice: Random) -> str:
    """The part of an address that is never shown."""
    parts = (
        dice.choice(ROADS),
        f"{dice.randint(1, 480)}号",
        dice.choice(ESTATES),
        f"{dice.randint(1, 12)}栋{digits(dice, 3)}房",
    )
    kept = [part for part in parts if dice.random() < 0.7]
    return "".join(kept or parts)


def home_address(dice: Random) -> tuple[str, str]:
    """An address in the city, and the divisions that it begins with."""
    district = dice.choice(words(patterns.OWN_DISTRICTS))
    town = dice.choice(words(patterns.TOWNS)) + dice.choice(("街道", "镇"))
    above = dice.choice(("广东省珠海市", "珠海市", "中国广东省珠海市"))
    head = dice.choice((above + district + town, above + district, above + town, above, district + town, district))
    return head + detail(dice), head


def address(dice: Random) -> str:
    return dice.choice(
        (home_address(dice)[0], dice.choice(PLACES) + detail(dice), detail(dice), "长沙市岳麓区" + detail(dice))
    )


def plate(dice: Random) -> str:
    head = dice.choice(patterns.PLATE_HEADS) + dice.choice("ABCDZ") + dice.choice(("", "", "·", " "))
    return head + dice.choice((signs(dice, 5), signs(dice, 6), signs(dice, 4) + dice.choice(patterns.PLATE_ENDS)))


def secret(dice: Random) -> str:
    """Something that may not be in a free text: an identity number, a mobile, a bank card, a plate."""
    card = digits(dice, dice.choice((16, 19)))
    grouped = " ".join(card[at : at + 4] for at in range(0, len(card), 4))
    mobile = f"1{dice.randint(30, 99)}{digits(dice, 8)}"
    spoken = mobile.translate(str.maketrans("0123456789", "零一二三四五六七八九"))
    number = f"440499{dice.randint(1920, 2026)}1112{digits(dice, 3)}X"
    wide = number.translate({code: code + 0xFEE0 for code in range(0x30, 0x7B)})
    split = f"{number[:6]} {number[6:14]} {number[14:]}"
    dotted = f"{mobile[:3]}.{mobile[3:7]}.{mobile[7:]}"
    passport = dice.choice("EGHM") + digits(dice, 8)
    return dice.choice(
        (card, grouped, mobile, f"+86{mobile}", spoken, number, wide, split, dotted, passport, plate(dice))
    )


def sentence(dice: Random, secrets: list[str]) -> str:
    return "".join(dice.choice(SAID) + found + dice.choice(SAID) for found in secrets)


def free_text(dice: Random) -> str:
    return sentence(dice, [secret(dice) for _ in range(dice.randint(0, 3))])


def number(dice: Random) -> Decimal:
    scale = dice.randint(0, 14)
    return Decimal(dice.randint(-(10**scale), 10**scale)) / dice.choice((1, 1, 10, 100))


def one_of(*makes: Make) -> Make:
    return lambda dice: dice.choice(makes)(dice)


MAKES: dict[str, Make] = {
    "id_6_4": identity,
    "id_1_1": identity,
    "name_surname": one_of(person, person, firm),
    "disclosure_name": one_of(person, firm),
    "published_name": one_of(person, firm),
    "mobile_3_4": phone,
    "addr_to_town": address,
    "addr_to_town for sole traders at home": address,
    "cut_6": lambda dice: dice.choice(("440402", "4404Z1", "44AB02")) + "0" * dice.randint(0, 3) + digits(dice, 6),
    "vin_3_4": lambda dice: signs(dice, 17),
    "keep_last_4": lambda dice: dice.choice(
        (signs(dice, dice.randint(1, 20)), f"粤(2020)珠海市不动产权第{digits(dice, 7)}号")
    ),
    "account_last_4": lambda dice: digits(dice, dice.randint(4, 24)),
    "unit_keep_12": lambda dice: digits(dice, 12) + f"GB{digits(dice, 5)}F{digits(dice, 8)}",
    "plate_keep_5": plate,
    "token": one_of(identity, person),
    "free_text_scan": free_text,
}


def mangled(dice: Random, value: str) -> str:
    """The value with the faults of data that people type and systems copy."""
    place = dice.randint(0, len(value))
    kind = dice.randint(0, 9)
    if kind == 0:
        return value[:place]
    if kind == 1:
        return value[place:]
    if kind == 2:
        return value.lower().translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)})
    if kind == 3:
        return value[:place] + dice.choice(JUNK) + value[place:]
    if kind == 4:
        return "".join(dice.choice((sign, sign + dice.choice(JUNK))) for sign in value)
    if kind == 5:
        return "".join(dice.choices(JUNK + "0123456789陈欧阳", k=dice.randint(0, 12)))
    return value


def values(rule: str, count: int) -> list[str]:
    """So many values for a rule, the same at every run."""
    dice = Random(rule)
    return [mangled(dice, MAKES[rule](dice)) for _ in range(count)]
