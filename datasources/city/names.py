"""Names of people as Guangdong has them: weights of surnames, fashions of given names by decade, the rarer kinds."""

from __future__ import annotations

from functools import lru_cache
from random import Random

from datasources.city.pinyin import initials, syllables

#: Surnames of locals in per mille (approximate), compound ones included.
_LOCAL = (
    "陈105 李80 黄80 张60 梁50 林50 刘40 吴40 王35 何30 罗25 杨25 周22 谢20 郑20 叶17 邓17 曾15 冯15 潘12 谭12 卢12 "
    "胡11 朱11 钟11 赖9 许12 蔡11 苏10 吕7 余8 麦6 关5 简4 容3 古4 莫6 温6 彭8 徐7 郭10 孙4 赵6 高4 马4 唐5 董2 萧4 "
    "欧3 区2 冼3 招1 甘2 鲍2 霍2 伍3 阮2 植1 庞1 布1 单1 仇1 翟1 缪1 查1 解1 华1 任2 覃3 岑2 尹2 邱4 廖9 姚4 江6 戴3 "
    "欧阳1 司徒1 上官1"
)
#: Surnames of the forty per cent that came from other provinces.
_NATIONAL = (
    "王71 李72 张68 刘54 陈45 杨31 黄22 赵21 吴20 周19 徐14 孙13 马12 朱12 胡12 郭11 何11 林11 高10 罗10 郑9 梁9 谢8 宋8 "
    "唐8 许7 韩7 冯7 邓7 曹7 彭7 曾6 肖6 田6 董6 潘5 袁5 蔡5 蒋5 余5 于5 杜5 叶5 程5 魏4 苏4 吕4 丁4 任4 卢4 姚4 沈4 钟4 "
    "姜4 崔4 谭4 陆4 范4 汪4 廖4 石4 金4 韦4 贾3 夏3 付3 方3 邹3 熊3 白3 孟3 秦3 邱3 侯3 江3 尹3 薛3 闫3 段3 雷3 龙3 黎3 "
    "史3 陶3 贺3 毛3 郝3 顾3 龚3 邵3 万3 覃2 武2 戴2 孔2 汤2 庄2 施2 牛2 乐1 盖1 朴1 诸葛1 夏侯1 尉迟1 皇甫1"
)
_ENGLISH_GIVEN = "John Michael David Peter Anna Maria Grace Helen Daniel Sarah Thomas Alice".split()
_ENGLISH_FAMILY = "Smith Brown Taylor Wilson Walker Hughes Bennett Clarke Foster Mason".split()
_PORTUGUESE_GIVEN = "António José João Manuel Carlos Luísa Teresa Isabel Fátima Rui Pedro Inês".split()
_PORTUGUESE_FAMILY = "da Silva|dos Santos|Pereira|de Sousa|do Rosário|Xavier|Nunes|Rodrigues|Gomes|Lopes".split("|")
_MINORITY_GIVEN = "阿依古丽 古丽娜尔 艾尔肯 买合木提 帕提曼 热依汗 玉素甫 扎西 卓玛 达瓦 索朗 巴特尔".split()
_MINORITY_FAMILY = "买买提 艾合买提 吐尔逊 阿不都 尼玛 旺堆 次仁 才让 巴图 苏和".split()
_RARE = ("𬭛", "㛃", "䶮")

#: Fashions: (first birth year, men's first, men's second, women's first, women's second characters, one-character names)
_FASHIONS = (
    (1900, "建国志永德文光家振明", "国华强生明才祥荣福林", "秀桂玉凤美月淑丽兰惠", "英兰珍芳梅莲娥华香琴", "华英明兰"),
    (1960, "建国志伟永文少锦卫学", "平军华强明雄辉良坚东", "秀丽美燕小惠玉少淑彩", "芳英红玲娟霞萍珍梅云", "军红芳勇"),
    (
        1970,
        "志伟俊建文海永国少锦",
        "强伟明辉锋华东雄斌军",
        "丽美燕晓艳雪淑小慧彩",
        "芳娟玲霞敏红华平琴珍",
        "伟丽勇静敏",
    ),
    (
        1980,
        "俊志嘉伟家文海浩健永",
        "杰伟辉华豪强鹏明锋斌",
        "晓丽嘉美婷雪静思慧燕",
        "婷敏欣仪玲莹雯君怡芬",
        "伟丽静超磊婷",
    ),
    (
        1990,
        "俊浩嘉子梓家志文泽伟",
        "杰文轩豪辉明鹏锋宇聪",
        "嘉思婉欣晓雪颖诗雅佩",
        "欣仪婷琪莹怡雯敏瑶君",
        "浩欣颖杰鑫宇",
    ),
    (2005, "子梓浩宇俊泽梓子嘉博", "轩杰睿涵宇阳豪然晨铭", "梓子雨欣诗思语可芷若", "涵萱怡彤琪瑶晴妍悦桐", "睿轩涵桐"),
)
#: What whole decades were called: drawn ahead of the free combinations, so same-name crowding appears.
_FAVOURITES = (
    (("建国", "志强", "国华", "永祥"), ("秀英", "桂兰", "玉珍", "凤英")),
    (("建国", "卫东", "志明", "建军"), ("秀英", "丽芳", "美玲", "小红")),
    (("志强", "伟明", "建华", "海波"), ("丽娟", "晓燕", "美芳", "雪梅")),
    (("俊杰", "嘉豪", "志伟", "健锋"), ("晓敏", "嘉欣", "婉仪", "丽婷")),
    (("俊杰", "嘉俊", "浩文", "梓豪"), ("嘉欣", "思婷", "欣怡", "晓彤")),
    (("子轩", "浩宇", "梓睿", "俊熙"), ("梓涵", "欣怡", "子晴", "诗琪")),
)
COMPOUND_SURNAMES = ("欧阳", "司徒", "上官", "诸葛", "夏侯", "尉迟", "皇甫")


def _flat(weights: str) -> tuple[str, ...]:
    pool: list[str] = []
    for entry in weights.split():
        surname = entry.rstrip("0123456789")
        pool += [surname] * int(entry[len(surname) :])
    return tuple(pool)


_LOCAL_POOL = _flat(_LOCAL)
_NATIONAL_POOL = _flat(_NATIONAL)


@lru_cache(maxsize=256)
def _fashion(year: int) -> int:
    return max(index for index, fashion in enumerate(_FASHIONS) if fashion[0] <= year)


def surname(dice: Random, *, migrant: bool) -> str:
    """A surname on the Guangdong mix, or on the national one for people from elsewhere."""
    pool = _NATIONAL_POOL if migrant else _LOCAL_POOL
    return pool[int(dice.random() * len(pool))]


def given(dice: Random, year: int, *, male: bool) -> str:
    """A given name in the fashion of the birth year: 88 % two characters, 11 % one, 0.05 % with a rare character."""
    index = _fashion(year)
    _, men_first, men_second, women_first, women_second, single = _FASHIONS[index]
    chance = dice.random()
    if chance < 0.11:
        return single[int(dice.random() * len(single))]
    if chance < 0.16:
        favourites = _FAVOURITES[index][0 if male else 1]
        return favourites[int(dice.random() * len(favourites))]
    first, second = (men_first, men_second) if male else (women_first, women_second)
    pick = dice.random() * 100
    if chance > 0.9995:
        return first[int(pick) // 10] + _RARE[int(pick) % 3]
    return first[int(pick) // 10] + second[int(pick) % 10]


def foreign(dice: Random) -> str:
    """An English or Portuguese name, as Macau residents have them."""
    if dice.random() < 0.5:
        return f"{dice.choice(_ENGLISH_GIVEN)} {dice.choice(_ENGLISH_FAMILY)}"
    return f"{dice.choice(_PORTUGUESE_GIVEN)} {dice.choice(_PORTUGUESE_FAMILY)}"


def minority(dice: Random) -> str:
    """A name with an interpunct, as several ethnic groups write them in Chinese."""
    return f"{dice.choice(_MINORITY_GIVEN)}·{dice.choice(_MINORITY_FAMILY)}"


def pinyin(name: str) -> str:
    """The search form: surname word, given-name word, initials, all lower case ("chen junjie cjj")."""
    if name.isascii() or " " in name:
        words = _plain(name).lower().split()
        return f"{' '.join(words)} {''.join(word[0] for word in words)}"
    if "·" in name:
        words = ["".join(syllables(part, surname=False)) for part in name.split("·")]
        return f"{' '.join(words)} {''.join(initials(part) for part in name.split('·'))}"
    head = 2 if name[:2] in COMPOUND_SURNAMES else 1
    first, rest = syllables(name[:head], surname=True), syllables(name[head:], surname=False)
    return f"{''.join(first)} {''.join(rest)} {''.join(part[0] for part in first + rest)}"


def _plain(name: str) -> str:
    return name.translate(_ACCENTS)


_ACCENTS = str.maketrans("áàâãçéêíóôõúÁÉÍÓÚÇ", "aaaaceeiooouAEIOUC")


def alphabet() -> str:
    """Every Chinese character a name can have; the pinyin table covers exactly these (and those of the personas)."""
    texts = [_LOCAL, _NATIONAL, *_MINORITY_GIVEN, *_MINORITY_FAMILY, *_RARE]
    texts += [part for fashion in _FASHIONS for part in fashion[1:]]
    texts += [name for pair in _FAVOURITES for names in pair for name in names]
    return "".join(sorted({character for text in texts for character in text if ord(character) > 0x2FFF}))
