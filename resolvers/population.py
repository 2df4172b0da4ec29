"""Persons, their documents, households and residence registrations (人口库); master: public security (公安)."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from sqlalchemy import Integer, String, any_, func, literal_column, or_

from datasources.tables import certificate as lic
from datasources.tables import legal_entity as ent
from datasources.tables import personnel as off
from datasources.tables import population as t
from datasources.tables import property as rea
from resolvers import checks
from resolvers.args import after_arg, filter_arg, first_arg, key_arg, where_field
from resolvers.conditions import ONESELF, TODAY, age_on, any_of, at_least, at_most, equals, prefix
from resolvers.entity_parts import EntityPosition
from resolvers.fields import INT, PER, PUB, RES, SEN, code, column, hidden, link, named, pseudonym, root, sealed_id
from resolvers.holdings import vehicles_of
from resolvers.involvement import cases_of
from resolvers.paging import Connection
from resolvers.scalars import Cursor
from resolvers.sources import Branch, Order
from resolvers.subject import CURRENT_FIRST, Subject, SubjectType, person_reference
from resolvers.types import filters, record, value
from resolvers.validity import certificate_arguments, current_only
from resolvers.values import Address, Code, Node, RecordMeta, address_of, meta_of

if TYPE_CHECKING:
    from resolvers.case import Case
    from resolvers.certificate import ECertificate
    from resolvers.personnel import Division
    from resolvers.property import RealEstateRight
    from resolvers.vehicle import Vehicle

person, document, household, member = t.person, t.id_document, t.household, t.household_member
floating = t.floating_population

RESIDENT_CARD, REGISTER = "111", "113"
"""Document types (GA/T 517): the resident identity card, and the household register that shows a number too."""

LIVES_THERE = or_(member.c.left_on.is_(None), member.c.left_on > TODAY)


def certified_number(id_type: str, id_no: str) -> str | None:
    """The number under which certificates name their holder: of two people with one number, the card holder's."""
    return None if id_type == REGISTER else id_no


def registry_document(id_type: str, id_no: str) -> tuple[str, str]:
    """A document as the property register has it: TD/T 1066 knows the identity card (1), the rest is other (99)."""
    return ("1" if id_type == RESIDENT_CARD else "99", id_no)


@record(
    document,
    "身份证件",
    key=(document.c.id_type, document.c.id_no),
    hidden=(hidden(document.c.person_id, INT, "人员标识"),),
)
class IdDocument:
    """An identity document (GA/T 517) that a person holds or held."""

    id_type: Code | None = code(document.c.id_type, PER, "证件类型")
    id_no: str | None = column(document.c.id_no, PER, "证件号码", mask="id_6_4")
    issuing_org: str | None = column(document.c.issuing_org, PER, "签发机关")
    valid_from: datetime.date | None = column(document.c.valid_from, PER, "有效期起")
    valid_to: datetime.date | None = column(document.c.valid_to, PER, "有效期止")
    lost: bool | None = column(document.c.lost_flag, PER, "挂失标识")


@record(
    floating,
    "流动人口登记",
    key=floating.c.person_id,
    hidden=(hidden(floating.c.person_id, INT, "人员标识"), hidden(floating.c.landlord_ref, PER, "房东")),
)
class FloatingPopulation:
    """The registration of a resident from elsewhere."""

    origin_division_code: str | None = column(
        floating.c.origin_division_code, PER, "来源地", doc="Six digits, GB/T 2260"
    )
    registered_on: datetime.date | None = column(floating.c.registered_on, PER, "登记日期")
    expires_on: datetime.date | None = column(floating.c.expires_on, PER, "到期日期")
    landlord: Person | None = link(PER, "房东", key=floating.c.landlord_ref, match=person.c.person_id)


@record(
    member,
    "户成员",
    key=(member.c.household_no, member.c.person_id),
    hidden=(hidden(member.c.household_no, PER, "户号"), hidden(member.c.person_id, INT, "成员")),
)
class HouseholdMember:
    """A person in a household: a third person, where the question is about somebody else."""

    relation: Code | None = code(member.c.relation_code, PER, "与户主关系")
    joined_on: datetime.date | None = column(member.c.joined_on, PER, "迁入日期")
    left_on: datetime.date | None = column(member.c.left_on, PER, "迁出日期")
    person: Person | None = link(PER, "成员", key=member.c.person_id, match=person.c.person_id)


@record(
    household,
    "户",
    key=household.c.household_no,
    hidden=(hidden(household.c.head_person_id, INT, "户主"),),
)
class Household:
    """A household under the register (户口), of a family or of a dormitory."""

    household_no: str | None = column(household.c.household_no, PER, "户号", mask="keep_last_4")
    household_type: Code | None = code(household.c.household_type, PER, "户类型")
    division_code: str | None = column(household.c.division_code, PER, "区划", mask="cut_6")
    division: Annotated[Division, strawberry.lazy("resolvers.personnel")] | None = link(
        PER, "区划", key=household.c.division_code, match=off.division.c.code
    )
    head: Person | None = link(PER, "户主", key=household.c.head_person_id, match=person.c.person_id)
    members: list[HouseholdMember] | None = link(
        PER,
        "户成员",
        key=household.c.household_no,
        match=member.c.household_no,
        where=(LIVES_THERE,),
        args=(first_arg(50),),
        doc="Who lives there today",
    )


@record(
    person,
    "自然人",
    key=person.c.person_id,
    named_by=(person.c.person_id,),
    hidden=(
        hidden(person.c.person_id, INT, "人员标识"),
        hidden(person.c.name_pinyin, PER, "姓名拼音"),
        hidden(person.c.protection_flag, RES, "保护标识"),
        hidden(person.c.valid_to, PUB, "记录有效期止"),
    ),
)
class Person(Subject, Node):
    """A natural person as the population database knows them today."""

    id: strawberry.ID = sealed_id(person.c.person_id)
    subject_ref: strawberry.ID = pseudonym(
        person.c.person_id, "主体引用", person_reference, doc="How case systems refer to the subject"
    )
    subject_type: SubjectType = named(literal_column("'1'", String()), PUB, "主体类型", SubjectType)
    display_name: str | None = column(person.c.name, PER, "姓名", mask="name_surname", doc="The name")
    name: str | None = column(person.c.name, PER, "姓名", mask="name_surname")
    former_name: str | None = column(person.c.former_name, PER, "曾用名", mask="name_surname")
    id_type: Code | None = code(person.c.id_type, PER, "证件类型")
    id_no: str | None = column(person.c.id_no, PER, "证件号码(公民身份号码)", mask="id_6_4")
    gender: Code | None = code(person.c.gender_code, PER, "性别代码")
    birth_date: datetime.date | None = column(person.c.birth_date, PER, "出生日期", mask="date_to_year")
    birth_year: int | None = column(func.date_part("year", person.c.birth_date).cast(Integer), PER, "出生年份")
    age: int | None = column(age_on(person.c.birth_date, TODAY), PER, "年龄", doc="Completed years today")
    ethnicity: Code | None = code(person.c.ethnicity_code, SEN, "民族代码")
    nationality: Code | None = code(person.c.nationality_code, PER, "国籍代码")
    mobile: str | None = column(person.c.mobile, PER, "手机号码", mask="mobile_3_4")
    registered_address: Address | None = address_of(
        person.c.reg_address,
        person.c.reg_division_code,
        PER,
        "户籍地址",
        place_label="户籍地行政区划",
        place_mask="cut_6",
    )
    residence_address: Address | None = address_of(
        person.c.res_address,
        person.c.res_division_code,
        PER,
        "现居住地址",
        place_label="现住地行政区划",
        place_mask="cut_6",
    )
    residence_permit_no: str | None = column(person.c.res_permit_no, PER, "居住证号", mask="keep_last_4")
    marital_status: Code | None = code(person.c.marital_code, SEN, "婚姻状况代码")
    education: Code | None = code(person.c.education_code, PER, "文化程度代码")
    photo: str | None = column(person.c.photo_ref, SEN, "照片引用", doc="Reference of the photograph")
    death_date: datetime.date | None = column(person.c.death_date, PER, "死亡日期")
    is_minor: bool | None = column(person.c.is_minor_18, PER, "未成年", doc="Under 18")
    is_under14: bool | None = column(person.c.is_minor_14, PER, "未满十四周岁", doc="Under 14: all data are sensitive")
    id_documents: list[IdDocument] | None = link(
        PER, "身份证件", key=person.c.person_id, match=document.c.person_id, args=(first_arg(20),)
    )
    household: Household | None = link(
        PER,
        "户",
        key=person.c.person_id,
        match=member.c.person_id,
        join=((member, member.c.household_no == household.c.household_no),),
        where=(LIVES_THERE,),
        order=Order(columns=(household.c.household_no,)),
    )
    floating_registration: FloatingPopulation | None = link(
        PER, "流动人口登记", key=person.c.person_id, match=floating.c.person_id
    )
    positions: list[EntityPosition] | None = link(
        PER,
        "任职",
        key=person.c.person_id,
        match=ent.entity_person.c.person_ref,
        args=(current_only(ent.entity_person.c.until), first_arg(50)),
        doc="Offices and shares in organisations",
    )
    vehicles: list[Annotated[Vehicle, strawberry.lazy("resolvers.vehicle")]] | None = vehicles_of(
        person.c.person_id, literal_column("'1'")
    )
    real_estate_rights: list[Annotated[RealEstateRight, strawberry.lazy("resolvers.property")]] | None = link(
        PER,
        "不动产权利",
        key=(person.c.id_type, person.c.id_no),
        match=(rea.right.c.holder_id_type, rea.right.c.holder_id_no),
        transform=registry_document,
        args=(first_arg(10),),
        doc="Registered to the number of the person's document (以人查房)",
    )
    certificates: list[Annotated[ECertificate, strawberry.lazy("resolvers.certificate")]] | None = link(
        PER,
        "电子证照",
        key=(person.c.id_type, person.c.id_no),
        match=lic.certificate.c.holder_id_no,
        transform=certified_number,
        where=(lic.certificate.c.holder_type == literal_column("'1'"),),
        args=certificate_arguments(),
    )
    cases: Connection[Annotated[Case, strawberry.lazy("resolvers.case")]] | None = cases_of(
        person.c.person_id, person_reference
    )
    meta: RecordMeta = meta_of(person)


@filters("自然人筛选")
class PersonFilter:
    """Which persons; a list is for work on a known group, a single person is asked for by number."""

    name: str | None = where_field(equals(person.c.name), "姓名", check=checks.keyword, doc="The whole name")
    genders: list[str] | None = where_field(any_of(person.c.gender_code), "性别代码", check=checks.codes)
    born_from: datetime.date | None = where_field(at_least(person.c.birth_date), "出生日期起")
    born_to: datetime.date | None = where_field(at_most(person.c.birth_date), "出生日期止")
    residence_prefix: str | None = where_field(
        prefix(person.c.res_division_code), "现住地行政区划前缀", check=checks.code
    )
    registered_prefix: str | None = where_field(
        prefix(person.c.reg_division_code), "户籍地行政区划前缀", check=checks.code
    )


@value("人口查询")
class PopulationQuery:
    """Persons."""

    me: Person | None = root(
        PER,
        "本人",
        to=(Branch(target="Person", where=(person.c.person_id == any_(ONESELF),)),),
        doc="The person who asks about themselves; null to everybody else, and to an enterprise",
    )
    person: Person | None = root(
        PER,
        "按证件查人员",
        by=("idNo", "idType"),
        match=(person.c.id_no, person.c.id_type),
        order=CURRENT_FIRST,
        args=(
            key_arg("idNo", str, "证件号码", check=checks.identity_number),
            key_arg("idType", str, "证件类型", default=RESIDENT_CARD, check=checks.code),
        ),
        doc="A person by the number and type (GA/T 517) of the identity document",
    )
    persons: Connection[Person] | None = root(
        PER, "人员列表", args=(filter_arg(PersonFilter), first_arg(20), after_arg(Cursor | None))
    )
