"""Cases with all their parts."""

from __future__ import annotations

from tests.resolvers.conftest import Ask


async def only(ask: Ask, selection: str, case_no: str = "AN-10") -> dict[str, object]:
    """The selection over a case; there must be no errors."""
    payload = await ask(f"query($no: String!) {{ case(caseNo: $no) {{ {selection} }} }}", no=case_no)
    assert "errors" not in payload
    found: dict[str, object] = payload["data"]["case"]
    return found


async def test_a_case_and_what_it_is_filed_under(ask: Ask) -> None:
    assert await only(
        ask,
        """kind status stage causeName filedOn servedOn procedure { code label } org { name division { code name } }
        division { name } matter { implementationCode name version } meta { sourceSystem stale }""",
    ) == {
        "kind": "PENALTY",
        "status": "DECIDED",
        "stage": "DECISION",
        "causeName": "经营标签不符的食品案",
        "filedOn": "2026-08-01",
        "servedOn": "2026-10-08",
        "procedure": {"code": "2", "label": "普通程序"},
        "org": {"name": "香洲局", "division": {"code": "440402000000", "name": "香洲区"}},
        "division": {"name": "拱北街道"},
        "matter": {"implementationCode": "M1", "name": "事项1", "version": 1},
        "meta": {"sourceSystem": "test", "stale": False},
    }


async def test_parties_are_a_snapshot_beside_todays_record(ask: Ask) -> None:
    found = await only(ask, "subjects { role { label } nameAtDecision subject { __typename displayName } }")
    assert found["subjects"] == [
        {
            "role": {"label": "当事人"},
            "nameAtDecision": "百分百果汁店",
            "subject": {"__typename": "LegalEntity", "displayName": "100%果汁店"},
        },
        {"role": {"label": "第三人"}, "nameAtDecision": "路人", "subject": None},
        {
            "role": {"label": "证人"},
            "nameAtDecision": "陈俊杰",
            "subject": {"__typename": "Person", "displayName": "陈俊杰"},
        },
    ]


async def test_an_officer_is_named_once_whatever_the_number_of_subjects(ask: Ask) -> None:
    found = await only(ask, "officers { role { label } officer { certNo name org { name } } }")
    assert found["officers"] == [
        {"role": {"label": "主办"}, "officer": {"certNo": "19040130001", "name": "李明", "org": {"name": "香洲局"}}},
        {"role": {"label": "协办"}, "officer": {"certNo": "19040130002", "name": "何丽", "org": {"name": "香洲局"}}},
    ]


async def test_events_follow_their_number_and_name_who_held_the_certificate_then(ask: Ask) -> None:
    found = await only(
        ask,
        "timeline(first: 2) { nodes { seq remote actor { name } recordingIds } pageInfo { hasNextPage endCursor } }",
    )
    page = found["timeline"]
    assert isinstance(page, dict)
    assert page["nodes"] == [
        {"seq": 1, "remote": False, "actor": None, "recordingIds": ["r1", "r2"]},
        {"seq": 2, "remote": True, "actor": {"name": "新持证人"}, "recordingIds": ["r1", "r2"]},
    ]
    assert page["pageInfo"]["hasNextPage"] is True
    rest = await ask(
        """query($after: Cursor) { case(caseNo: "AN-10") { timeline(first: 2, after: $after) {
          nodes { seq actor { name } action { label } } pageInfo { hasNextPage } } } }""",
        after=page["pageInfo"]["endCursor"],
    )
    assert rest["data"]["case"]["timeline"] == {
        "nodes": [{"seq": 3, "actor": {"name": "旧持证人"}, "action": {"label": "证据登记保存"}}],
        "pageInfo": {"hasNextPage": False},
    }


async def test_the_decision_cites_the_articles_its_matter_threatens_with(ask: Ask) -> None:
    found = await only(
        ask,
        """decision { documentNo decidedOn penaltyKinds { code label } fineAmount confiscatedAmount discretionGrade
        basisText basis { articleNo text regulation { title } } }""",
    )
    assert found["decision"] == {
        "documentNo": "珠香市监罚〔2026〕10号",
        "decidedOn": "2026-09-30",
        "penaltyKinds": [{"code": "03", "label": "罚款"}, {"code": "04", "label": "没收违法所得"}],
        "fineAmount": "6000.00",
        "confiscatedAmount": "123.45",
        "discretionGrade": "从轻",
        "basisText": "《食品安全法》第一百二十五条",
        "basis": [{"articleNo": "第一百二十五条", "text": "新条文", "regulation": {"title": "食品安全法"}}],
    }


async def test_documents_evidence_and_reviews(ask: Ask) -> None:
    found = await only(
        ask,
        """documents(types: ["0302", "0704"]) { docType { label } documentNo sealed sealVerified sealInfo }
        evidence { kind { label } collectedBy { name } } recordings { deviceNo startedAt } coercions { itemList dueOn }
        reviews { batchNo score defects }""",
    )
    assert found == {
        "documents": [
            {
                "docType": {"label": "行政检查通知书"},
                "documentNo": "文1",
                "sealed": False,
                "sealVerified": None,
                "sealInfo": None,
            },
            {
                "docType": {"label": "涉嫌犯罪案件移送书"},
                "documentNo": "文3",
                "sealed": True,
                "sealVerified": False,
                "sealInfo": {"印章": "香洲局", "验证结果": False},
            },
        ],
        "evidence": [{"kind": {"label": "物证"}, "collectedBy": [{"name": "李明"}, {"name": "新持证人"}]}],
        "recordings": [{"deviceNo": "D1", "startedAt": "2026-09-01T01:00:00+00:00"}],
        "coercions": [{"itemList": [{"name": "果汁", "count": 12}], "dueOn": "2026-09-02"}],
        "reviews": [{"batchNo": "PC-1", "score": "88.5", "defects": ["缺页"]}],
    }


async def test_an_inspection_with_its_draw_and_the_case_that_followed(ask: Ask) -> None:
    found = await only(
        ask,
        """matter { name } decision { documentNo } inspection { taskNo mode { label } result { label } qrScanned
        location { longitude latitude } notice { documentNo } officers { officer { name } }
        draw { seed algorithm result } followupCase { caseNo kind } }""",
        "AN-11",
    )
    assert found == {
        "matter": None,
        "decision": None,
        "inspection": {
            "taskNo": "T-11",
            "mode": {"label": "双随机抽查"},
            "result": {"label": "发现问题已责令改正"},
            "qrScanned": True,
            "location": {"longitude": 113.55, "latitude": 22.22},
            "notice": {"documentNo": "文1"},
            "officers": [{"officer": {"name": "何丽"}}],
            "draw": {"seed": "7", "algorithm": "sha256", "result": {"objects": ["e_3"]}},
            "followupCase": {"caseNo": "AN-10", "kind": "PENALTY"},
        },
    }


async def test_the_deadlines_follow_from_the_case_and_its_publication(ask: Ask) -> None:
    found = await only(ask, "deadlines { rule dueOn excludedDays state { label } provisional }")
    assert found["deadlines"] == [
        {
            "rule": rule,
            "dueOn": due,
            "excludedDays": 0,
            "state": {"label": state},
            "provisional": due > "2026-12-31",
        }
        for rule, due, state in (
            ("作出行政处罚决定", "2026-10-30", "按期完成"),
            ("送达行政处罚决定书", "2026-10-15", "按期完成"),
            ("公示行政处罚决定", "2026-10-15", "按期完成"),
            ("申请行政复议", "2026-12-07", "未到期"),
            ("提起行政诉讼", "2027-04-08", "未到期"),
        )
    ]


async def test_what_the_public_sees_and_how_far_its_publication_is(ask: Ask) -> None:
    seen = "disclosure { disclosureId } disclosureHandling { state { label } withdrawReason }"
    assert await only(ask, seen) == {
        "disclosure": {"disclosureId": "GS10"},
        "disclosureHandling": {"state": {"label": "公示中"}, "withdrawReason": None},
    }
    assert await only(ask, seen, "AN-15") == {
        "disclosure": None,
        "disclosureHandling": {"state": {"label": "已撤下"}, "withdrawReason": "DECISION_REVOKED"},
    }


async def listed(ask: Ask, **conditions: object) -> list[str]:
    """The numbers of the cases that fit the filter."""
    payload = await ask("query($f: CaseFilter) { cases(filter: $f) { nodes { caseNo } } }", f=conditions)
    return [node["caseNo"] for node in payload["data"]["cases"]["nodes"]]


async def test_cases_are_found_by_what_they_are_about(ask: Ask) -> None:
    assert await listed(ask, subjectRef="e_3") == ["AN-10"]
    assert await listed(ask, subjectRef="p_4") == []  # a witness has no case of its own
    assert await listed(ask, kinds=["INSPECTION"], matterCode="M1") == ["AN-11"]
    assert await listed(ask, divisionPrefix="440403") == ["AN-16"]
    assert await listed(ask, statuses=["INVESTIGATING", "REGISTERED"]) == ["AN-17", "AN-18"]
    assert await listed(ask, decidedFrom="2026-09-10", decidedTo="2026-09-30", openOnly=True) == ["AN-11", "AN-10"]


async def test_pages_of_cases_have_every_case_once(ask: Ask) -> None:
    seen: list[str] = []
    after = None
    while True:
        payload = await ask(
            """query($after: Cursor) { cases(filter: {causeCodes: ["C1"]}, first: 2, after: $after) {
              totalCount nodes { caseNo } pageInfo { hasNextPage endCursor } } }""",
            after=after,
        )
        page = payload["data"]["cases"]
        assert page["totalCount"] == 9
        seen.extend(node["caseNo"] for node in page["nodes"])
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert sorted(seen) == [f"AN-{number}" for number in range(10, 19)]
    assert seen[-1] == "AN-18"  # not filed: after everything that is
