"""The registered documents of the demo: what four of its clients ask, as they ask it."""

from __future__ import annotations

DOCUMENTS = (
    (
        "partner-finance", "PaymentStatus", "NON_TAX_PAYMENT",
        ("query PaymentStatus($codes: [String!], $documentNo: String) { nonTaxPayments(paymentCodes: $codes, documentNo: $documentNo)"
        " { paymentCode documentNo payerName itemCode { code label } amountDue surchargeDue amountPaid dueOn status"
        " instalments { no dueOn amount paid } receipts { billCode billNo amount paidAt channel { code label } } updatedAt } }"),
    ),
    (
        "partner-finance", "ReportPayment", "NON_TAX_PAYMENT",
        ("mutation ReportPayment($input: PaymentReportInput!) { reportPayment(input: $input)"
        " { payment { paymentCode status amountPaid reports { event amount billCode billNo paidAt } } errors { code path message } } }"),
    ),
    (
        "partner-finance", "Reconciliation", "NON_TAX_PAYMENT",
        ("query Reconciliation($day: Date!) { paymentReconciliation(day: $day) { day receiptsInFile receiptsReported totalInFile"
        " totalReported differences { kind paymentCode billCode billNo inFile reported } } }"),
    ),
    (
        "partner-random", "InspectionObjects", "DOUBLE_RANDOM",
        ("query InspectionObjects($org: String!, $place: String, $first: Int, $after: Cursor) { inspectionObjects(orgUscc: $org,"
        " divisionPrefix: $place, first: $first, after: $after) { asOf total digest populationDigest nodes { uscc name riskClass"
        " { code label } tickets divisionCode industryCode } pageInfo { hasNextPage endCursor } } }"),
    ),
    (
        "partner-random", "InspectionOfficers", "DOUBLE_RANDOM",
        ("query InspectionOfficers($org: String!, $place: String, $first: Int, $after: Cursor) { inspectionOfficers(orgUscc: $org,"
        " divisionPrefix: $place, first: $first, after: $after) { asOf total digest populationDigest nodes { certNo name fields"
        " certValidTo avoids } pageInfo { hasNextPage endCursor } } }"),
    ),
    (
        "partner-supervision", "UnmappedMatters", "INTERNET_SUPERVISION",
        ("query UnmappedMatters($org: String, $first: Int, $after: Cursor) { unmappedMatters(orgUscc: $org, first: $first, after: $after)"
        " { nodes { implementationCode basicCode name kind orgUscc orgName gap } pageInfo { hasNextPage endCursor } } }"),
    ),
    (
        "partner-supervision", "MatterCoverage", "INTERNET_SUPERVISION",
        ("query MatterCoverage($by: CoverageDimension!) { matterCoverage(by: $by) { orgUscc orgName kind matters mapped"
        " withChecklist } }"),
    ),
    (
        "public-site", "DisclosureList", "PUBLIC_DISCLOSURE",
        ("query DisclosureList($filter: DisclosureFilter, $first: Int!) { disclosures(filter: $filter, first: $first) { totalCount"
        " nodes { disclosureId kind documentNo subjectName subjectType subjectUscc causeName penaltyKinds { code label }"
        " fineAmount10k decidedOn publishedAt publishUntil org { name } division { code name } } } }"),
    ),
    (
        "public-site", "DisclosureDetail", "PUBLIC_DISCLOSURE",
        ("query DisclosureDetail($id: ID!) { disclosure(disclosureId: $id) { disclosureId kind documentNo subjectName causeName"
        " illegalActType facts basis content fineAmount10k decidedOn validUntil publishedAt org { name uscc } version } }"),
    ),
)  # fmt: skip
"""Client, name (which is the id that the client sends, too), purpose, text."""
