"""The words and patterns by which a mask knows what a value is: names, addresses, organisations, numbers in text.

PostgreSQL advanced regular expressions, written without a backslash, so that they mean the same whatever
``standard_conforming_strings`` is, and without ``[:classes:]``, whose members depend on the locale. Every quantifier is
greedy: PostgreSQL then takes the longest match of the whole, and the words of a group may be in any order.
"""

from __future__ import annotations

BLANKS = "\t\n\v\f\r \u00a0\u00ad\u2028\u2029\u202f\u205f\u2060\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x2010)))
"""What separates and is not seen: white space and the zero-width characters."""

DASHES = "-‐‑‒–—―−－"
DOTS = "·•・‧･⋅"

_FULL_WIDTH = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})
_DIGITS = "0123456789"
_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LOWER = _UPPER.lower()

FOLDED = _LOWER + (_DIGITS + _UPPER + _LOWER + "+").translate(_FULL_WIDTH)
FOLDED_TO = _UPPER + _DIGITS + _UPPER + _UPPER + "+"
"""``translate(value, FOLDED, FOLDED_TO)``: full-width digits and letters (全角) as ASCII, all letters upper-case."""

_HAN = ((0x3007, 0x3007), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFD))
"""Ideographs, first and last: 〇, extension A, the basic block, compatibility, and the planes of the rare ones."""


def _ideographs(without: str = "") -> str:
    """The inside of a bracket expression that matches any ideograph but these."""
    ranges = []
    for first, last in _HAN:
        start = first
        for code in sorted(map(ord, set(without))):
            if start <= code <= last:
                ranges.append((start, code - 1))
                start = code + 1
        ranges.append((start, last))
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges if first <= last)


HAN = _ideographs()

# --- names of people -------------------------------------------------------------------------------------------------

COMPOUND_SURNAMES = (
    "欧阳|太史|端木|上官|司马|东方|独孤|南宫|万俟|闻人|夏侯|诸葛|尉迟|公羊|赫连|澹台|皇甫|宗政|濮阳|公冶|太叔|申屠|"
    "公孙|慕容|仲孙|钟离|长孙|宇文|司徒|鲜于|司空|闾丘|子车|亓官|司寇|巫马|公西|颛孙|壤驷|公良|漆雕|宰父|拓跋|夹谷|"
    "轩辕|令狐|百里|呼延|东郭|南门|羊舌|微生|公户|公仪|公仲|公上|公山|公伯|西门|公祖|第五|公乘|公皙|南荣|东里|东宫|"
    "仲长|子桑|即墨|达奚|褚师|纳兰|完颜|耶律|叶赫|"
    "歐陽|東方|獨孤|南宮|聞人|諸葛|尉遲|赫連|澹臺|濮陽|公孫|仲孫|鍾離|鐘離|長孫|鮮于|司馬|閭丘|軒轅|東郭|納蘭"
)
"""复姓, simplified and traditional. Without those whose first character is a common surname and whose second one begins
common given names (乐正 梁丘 段干 左丘 谷梁): read as 复姓, such a name would show a part of the given name."""

CHINESE_NAME = f"^[{HAN}]{{2,4}}$"
WITH_COMPOUND_SURNAME = f"^(?:{COMPOUND_SURNAMES})[{HAN}]{{1,2}}$"
BEGINS_CHINESE = f"^[{HAN}]"

# --- names of organisations ------------------------------------------------------------------------------------------

# One character where no given name ends so, two where one might: 行 社 会 部 所 场 园 城 are in given names.
ORGANISATION_ENDINGS = (
    "店|厂|廠|院|局|馆|館|校|站|队|隊|铺|舖|档|檔|坊|屋|摊|公司|企业|企業|集团|集團|中心|商行|银行|銀行|车行|車行|药行|"
    "支行|分行|米行|琴行|合作社|经济社|旅行社|出版社|杂志社|报社|协会|協會|商会|商會|基金会|委员会|联合会|研究会|促进会|"
    "工会|居委会|村委会|理事会|经营部|门市部|维修部|服务部|营业部|经销部|配送部|销售部|供应部|修理部|俱乐部|小卖部|事务所|"
    "诊所|派出所|研究所|招待所|交易所|管理所|卫生所|服务所|市场|商场|农场|林场|渔场|养殖场|停车场|加工场|公园|幼儿园|"
    "果园|花园|庄园|产业园|工业园|科技园|工作室|办公室|商城|食城|酒楼|茶楼|餐厅|餐廳|食府|超市|网吧|酒吧|政府|农庄"
)
LEGAL_FORMS = (
    "Ltd|LTD|Limited|LIMITED|Limitada|LIMITADA|Lda|LDA|Inc|INC|LLC|Corporation|CORPORATION|Company|COMPANY|GmbH|GMBH"
)
ORGANISATION = (
    f"^(?:[{HAN}0-9A-Za-z０-９Ａ-Ｚａ-ｚ()（）〔〕“”&·-]{{3,}}(?:{ORGANISATION_ENDINGS})(?:[(（][{HAN}]{{2,12}}[)）])?"
    f"|[0-9A-Za-zÀ-ɏ][0-9A-Za-zÀ-ɏ .,&()'-]* (?:{LEGAL_FORMS})[.]?)$"
)
"""A name that can only be an organisation's: a Chinese one has four characters at least and no blank or comma in it.
The bracket at its end is the form: （有限合伙）, （个体工商户）."""

# --- addresses -------------------------------------------------------------------------------------------------------

PROVINCES = (
    "北京市|天津市|上海市|重庆市|河北省|山西省|辽宁省|吉林省|黑龙江省|江苏省|浙江省|安徽省|福建省|江西省|山东省|河南省|"
    "湖北省|湖南省|广东省|海南省|四川省|贵州省|云南省|陕西省|甘肃省|青海省|台湾省|内蒙古自治区|广西壮族自治区|西藏自治区|"
    "宁夏回族自治区|新疆维吾尔自治区|香港特别行政区|澳门特别行政区"
)
CITY = "珠海市"
OWN_DISTRICTS = "香洲区|斗门区|金湾区|横琴粤澳深度合作区"
"""Districts of the city whose names no other city has: an address may begin with them."""
DISTRICTS = f"{OWN_DISTRICTS}|斗门县|横琴新区|高新区|万山区|高栏港经济区|鹤洲新区"
TOWNS = (
    "翠香|梅华|前山|吉大|拱北|香湾|狮山|湾仔|凤山|唐家湾|南屏|横琴|桂山|万山|担杆|"
    "白藤|莲洲|斗门|乾务|白蕉|井岸|三灶|南水|红旗|平沙"
)

# Elsewhere a division is known by its ending alone. Words of streets, villages and buildings end the search, so that
# 人民路乡 is no township; where a real name has such a word in it, the address is cut one level higher.
NOT_IN_NAMES = "省市区县旗镇乡村路街巷弄里号栋幢座楼室院园苑厦场道"
_WORD = _ideographs(without=NOT_IN_NAMES)
_OTHER_CITY = f"(?:景德镇|镇江|[萍新]乡|[{_WORD}]{{2,8}})(?:市|自治州|地区|盟)(?!场|民|政府)"
_OTHER_DISTRICT = (
    f"(?:(?:路[桥南北]|市[中南北]|沙市|道[里外]|镇[海平远安宁雄康沅原巴坪赉]|[{_WORD}]{{1,14}})"
    "(?:(?<![小社园宅活舍墅厂校库营片业景属])区|县(?!道)|旗(?![舰镇])|(?<![超夜菜花鱼集闹城都门])市(?![场民政中府口])))"
)
_OTHER_TOWN = (
    f"[{_WORD}]{{1,10}}(?:(?<![大老横正行业])街道(?![口路边旁])|(?<!小)镇(?![海江]路)|乡(?![道村音愁亲情土里间]))"
)
TO_TOWN = (
    "^(?:中国|中华人民共和国)?(?:"
    f"(?:(?:广东省)?{CITY}(?:{DISTRICTS})?|(?:{OWN_DISTRICTS}))(?:(?:{TOWNS})(?:街道|镇))?|"
    f"(?:{PROVINCES})(?!{CITY})(?:(?:{_OTHER_CITY}(?:{_OTHER_DISTRICT})?|{_OTHER_DISTRICT})(?:{_OTHER_TOWN})?)?)"
)
"""The divisions at the head of an address without blanks, down to the town (街道 镇 乡). In the own city they are known
by name, elsewhere below the province by their endings."""

# --- numbers and plates ----------------------------------------------------------------------------------------------

PLATE_HEADS = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领"
PLATE_ENDS = "挂学警港澳试超领"
PLATE = f"^[{PLATE_HEADS}][A-Z][0-9A-Z]{{4,5}}[0-9A-Z{PLATE_ENDS}]$"
"""GA 36-2018: seven characters or (new energy) eight, folded."""

_LETTER = "A-Za-zＡ-Ｚａ-ｚ"
_DIGIT = "0-9０-９"
_SAID = f"{_DIGIT}〇零○一二三四五六七八九幺"
_BETWEEN = f"{BLANKS}{DOTS}{DASHES[1:]}"
_GAP = f"(?:[{_BETWEEN}-]{{0,3}}|[.．](?=[{_SAID}]{{3}}))"
PLATE_IN_TEXT = f"[{PLATE_HEADS}][{_LETTER}][{_BETWEEN}.-]?[{_LETTER}{_DIGIT}]{{4,5}}[{_LETTER}{_DIGIT}{PLATE_ENDS}]?"
NUMBER_IN_TEXT = f"[+＋]?[{_SAID}](?:{_GAP}[{_SAID}]){{10,}}(?:{_GAP}[XxＸｘ])?"
"""Eleven digits or more, grouped or not, also as 一三八…: mobiles, identity numbers of 15 and 18, bank cards."""
DOCUMENT_IN_TEXT = f"[{_LETTER}]{{1,2}}[{_DIGIT}]{{7,10}}"
"""Passports and travel permits (护照, 往来港澳通行证, 回乡证)."""
