"""Faults put into one to three of a hundred records on purpose, each with a label in the record's `quality_flags`."""

from __future__ import annotations

LOWERCASE_X = "LOWERCASE_X"
FULLWIDTH_DIGITS = "FULLWIDTH_DIGITS"
STRAY_SPACES = "STRAY_SPACES"
MISSING_TOWN = "MISSING_TOWN"
PARTY_NAME_DIFFERS = "PARTY_NAME_DIFFERS"
EXPIRED_OFFICER = "EXPIRED_OFFICER"
SHARED_NUMBER = "SHARED_NUMBER"
DOUBLE_IDENTITY = "DOUBLE_IDENTITY"
PLATE_MOVED = "PLATE_MOVED"
MOVED_DISTRICT = "MOVED_DISTRICT"
ABOLISHED_MATTER = "ABOLISHED_MATTER"
WRONG_BRACKETS = "WRONG_BRACKETS"
NO_HOUSE_NUMBER = "NO_HOUSE_NUMBER"
FUTURE_DATE = "FUTURE_DATE"

#: label → (Chinese term, the tables whose records can carry it)
KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    LOWERCASE_X: ("身份证号末位小写x", ("veh.vehicle", "cas.case")),
    FULLWIDTH_DIGITS: ("全角数字", ("pop.person", "ent.entity")),
    STRAY_SPACES: ("多余空格", ("pop.person", "ent.entity", "cas.case")),
    MISSING_TOWN: ("缺镇街代码", ("pop.person", "ent.entity", "rea.unit")),
    PARTY_NAME_DIFFERS: ("当事人名称与基础库不一致", ("cas.case",)),
    EXPIRED_OFFICER: ("在办案件经办人证件已过期", ("cas.case",)),
    SHARED_NUMBER: ("两人一证号", ("pop.person",)),
    DOUBLE_IDENTITY: ("一人双证", ("pop.person",)),
    PLATE_MOVED: ("号牌转移至他车", ("veh.vehicle",)),
    MOVED_DISTRICT: ("企业跨区迁移", ("ent.entity",)),
    ABOLISHED_MATTER: ("案件引用已取消的事项版本", ("cas.case",)),
    WRONG_BRACKETS: ("文号括号错误", ("cas.case", "cas.disclosure")),
    NO_HOUSE_NUMBER: ("地址缺门牌号", ("pop.person", "rea.unit")),
    FUTURE_DATE: ("日期在未来", ("veh.vehicle", "lic.certificate")),
}

_FULLWIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


def fullwidth(text: str) -> str:
    """Digits as a Chinese input method writes them in full-width mode."""
    return text.translate(_FULLWIDTH)


def spaced(text: str) -> str:
    """A space after the third and before the last character, as typed from a paper form."""
    return f"{text[:3]} {text[3:-1]} {text[-1:]}"


def rebracketed(document_no: str, variant: int) -> str:
    """The year of a document number in other brackets than the prescribed 〔〕."""
    left, right = ("[]", "()", "（）")[variant % 3]
    return document_no.replace("〔", left).replace("〕", right)


def misnamed(name: str) -> str:
    """A name as it was heard or as it once was: one word left out, or a character doubled."""
    for word in ("有限", "市", "区"):
        if word in name[1:]:
            return name.replace(word, "", 1)
    return name + name[-1]
