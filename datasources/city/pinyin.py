"""Pinyin of the characters that names in the city use, and the readings that surnames have of their own."""

from __future__ import annotations

_READINGS = (
    "a阿 ai艾 an安 ba巴 bai白 bao鲍 bin彬斌 bing炳 bo博波𬭛 bu不布 cai彩才蔡 can灿 cao曹 cen岑 cha查 "
    "chao超 chen晨陈 cheng成程 chi迟 chou仇 ci次 cong聪 cui崔 da达 dai戴 dan单 de德 deng邓 di翟 "
    "ding丁 dong东栋董 du杜都 duan段 dui堆 e娥 er尔 fan范 fang方芳 fen芬 feng冯凤锋 fu付甫福 gai盖 "
    "gan甘 gao高 ge葛 gong龚 gu古顾 guan关官 guang光 gui桂 guo国郭 hai海 han汗涵韩 hao浩豪郝 he何合和贺 "
    "hong红 hou侯 hu胡 hua华 huang皇黄 hui惠慧辉 huo霍 ji吉 jia嘉家贾 jian健坚建简 jiang姜江蒋 jie㛃婕杰解 "
    "jin金锦 jing静 juan娟 jun俊军君 kai凯 ke可 ken肯 kong孔 kun坤 lai赖 lan兰 lang朗 le乐 lei磊雷 "
    "li丽李黎 lian莲 liang梁良 liao廖 lin林 ling玲 liu刘 long龙 lu卢陆 luo罗 lv吕 ma玛马 mai买麦 "
    "man曼 mao毛 mei妹梅美 meng孟 min敏 ming明铭 mo莫 mou缪 mu木 na娜 ni尼 niu牛 nuo诺 ou欧 pa帕 "
    "pan潘 pang庞 pei佩 peng彭鹏 ping平萍 pu朴 qi琪 qian谦 qiang强 qin琴秦 qing晴 qiu邱 qu区 "
    "quan权泉 ran然 rang让 re热 ren仁任 rong容荣 ruan阮 rui睿锐 run润 ruo若 sen森 shan珊 shang上 "
    "shao少邵 shen沈 sheng生胜 shi史施石诗 shu淑 si司思 song宋 su素苏 sun孙 suo索 tan覃谭 tang唐棠汤 "
    "tao陶 te特 ti提 tian田 ting婷 tong彤桐 tu吐图徒 wa瓦 wan万婉 wang旺汪王 wei伟卫尉炜韦魏 wen文温雯 "
    "wu伍吴武 xi熙西 xia夏霞 xian冼 xiang祥香 xiao小晓肖萧 xie谢 xin欣鑫 xiong熊雄 xiu秀 xu徐许 xuan萱轩 "
    "xue学薛雪 xun逊 ya雅 yan䶮妍燕艳闫 yang杨阳 yao姚瑶 ye叶烨 yi仪依怡 yin尹 ying英莹颖 yong勇永 "
    "yu于余宇玉瑜语雨 yuan袁 yue悦月 yun云 ze泽 zeng曾 zha扎 zhang张 zhao招赵钊 zhen振珍 zheng郑 "
    "zhi志植芷 zhong钟 zhou周 zhu朱珠诸 zhuang庄 zhuo卓 zi子梓 zou邹"
)
_CHARACTERS = {
    character: entry.rstrip(entry.lstrip("abcdefghijklmnopqrstuvwxyz"))
    for entry in _READINGS.split()
    for character in entry.lstrip("abcdefghijklmnopqrstuvwxyz")
}
#: Read differently as a surname than elsewhere; every general-purpose table gets these wrong.
_SURNAMES = {
    "区": "ou", "单": "shan", "仇": "qiu", "解": "xie", "曾": "zeng", "查": "zha", "盖": "ge", "翟": "zhai", "缪": "miao",
    "任": "ren", "华": "hua", "覃": "qin", "乐": "yue", "朴": "piao", "冼": "xian", "万": "wan", "尉": "yu", "侯": "hou",
}  # fmt: skip


def syllables(text: str, *, surname: bool) -> list[str]:
    """One lower-case syllable without tone per character; KeyError for a character no name in the city has."""
    if surname:
        return [_SURNAMES.get(character) or _CHARACTERS[character] for character in text]
    return [_CHARACTERS[character] for character in text]


def initials(text: str) -> str:
    """The first letters of the syllables."""
    return "".join(syllable[0] for syllable in syllables(text, surname=False))
