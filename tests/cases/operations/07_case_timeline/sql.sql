step 0: case ← enforcement (案件, one)
    SELECT CAST(cas."case".case_id AS TEXT) AS c0, cas."case".case_no AS c1, cas."case".kind AS c2, cas."case".cause_code AS c3, cas."case".status AS c4, cas."case".stage AS c5, cas."case".org_id AS c6, cas."case".implementation_code AS c7, cas."case".matter_version AS c8, cas."case".case_id AS c9, cas."case".procedure_code AS c10, cas."case".filed_on AS c11, cas."case".decided_on AS c12, cas."case".served_on AS c13, cas."case".closed_on AS c14, cas."case".excluded_days AS c15, cas."case".extension_count AS c16, cas."case".disclosure_class AS c17, (SELECT cas.disclosure.state
    FROM cas.disclosure
    WHERE cas.disclosure.case_id = cas."case".case_id) AS c18, (SELECT cas.disclosure.published_at
    FROM cas.disclosure
    WHERE cas.disclosure.case_id = cas."case".case_id) AS c19, cas."case".case_no AS k0
    FROM cas."case"
    WHERE cas."case".division_code >= $1::VARCHAR AND cas."case".division_code < $2::VARCHAR AND cas."case".sealed = false AND cas."case".secret_flag IS NOT true AND cas."case".case_no = ANY ($3::VARCHAR[]) ORDER BY coalesce(cas."case".filed_on, DATE '0001-01-01') DESC, cas."case".case_id DESC
  step 1: case.causeName ← matter (案由, scalar)
      SELECT mat.matter_cause.cause_name AS c0, mat.matter_cause.cause_code AS k0
      FROM mat.matter_cause
      WHERE mat.matter_cause.cause_code = ANY ($1::VARCHAR[])
  step 2: case.org ← personnel (执法主体, one)
      SELECT "off".org.name AS c0, "off".org.division_code AS c1, "off".org.org_id AS c2, "off".org.org_id AS k0
      FROM "off".org
      WHERE "off".org.sealed = false AND "off".org.org_id = ANY ($1::UUID[])
    step 3: case.org.division ← personnel (行政区划, one)
        SELECT div.division.code AS c0, div.division.name AS c1, div.division.is_functional_zone AS c2, div.division.code AS k0
        FROM div.division
        WHERE div.division.code = ANY ($1::VARCHAR[])
  step 4: case.matter ← matter (执法事项, one)
      SELECT page.c0, page.c1, page.c2, page.c3, keys.k0, keys.k1
      FROM unnest($1::VARCHAR[], $2::INTEGER[]) AS keys(k0, k1) JOIN LATERAL (SELECT mat.matter.implementation_code AS c0, mat.matter.name AS c1, mat.matter.version AS c2, mat.matter.matter_id AS c3, true AS present
      FROM mat.matter
      WHERE mat.matter.sealed = false AND mat.matter.implementation_code = keys.k0 AND mat.matter.version = keys.k1 ORDER BY mat.matter.implementation_code, mat.matter.version) AS page ON true
  step 5: case.subjects ← enforcement (当事人, list)
      SELECT cas.party.role_code AS c0, cas.party.subject_ref AS c1, cas.party.party_id AS c2, cas.party.case_id AS k0
      FROM cas.party
      WHERE cas.party.subject_mark <= 0 AND cas.party.case_id = ANY ($1::UUID[]) ORDER BY cas.party.role_code, cas.party.party_id
    step 6: case.subjects.subject ← population (自然人, one)
        SELECT pop.person.person_id AS c0, CASE WHEN (coalesce(pop.person.name, '') = '') THEN pop.person.name ELSE (SELECT CASE WHEN (char_length(value) < 2) THEN '***' WHEN (value ~ '^(?:欧阳|太史|端木|上官|司马|东方|独孤|南宫|万俟|闻人|夏侯|诸葛|尉迟|公羊|赫连|澹台|皇甫|宗政|濮阳|公冶|太叔|申屠|公孙|慕容|仲孙|钟离|长孙|宇文|司徒|鲜于|司空|闾丘|子车|亓官|司寇|巫马|公西|颛孙|壤驷|公良|漆雕|宰父|拓跋|夹谷|轩辕|令狐|百里|呼延|东郭|南门|羊舌|微生|公户|公仪|公仲|公上|公山|公伯|西门|公祖|第五|公乘|公皙|南荣|东里|东宫|仲长|子桑|即墨|达奚|褚师|纳兰|完颜|耶律|叶赫|歐陽|東方|獨孤|南宮|聞人|諸葛|尉遲|赫連|澹臺|濮陽|公孫|仲孫|鍾離|鐘離|長孫|鮮于|司馬|閭丘|軒轅|東郭|納蘭)[〇-〇㐀-䶿一-鿿豈-﫿𠀀-𿿽]{1,2}$') THEN left(value, 2) || repeat('*', char_length(value) - 2) WHEN (value ~ '^[〇-〇㐀-䶿一-鿿豈-﫿𠀀-𿿽]{2,4}$') THEN left(value, 1) || repeat('*', char_length(value) - 1) ELSE left(value, 1) || '***' END AS anon_1
        FROM translate(pop.person.name, '
        
        
        
          ­
        
          ⁠　﻿           ​‌‍‎‏', '') AS value) END AS c1, pop.person.person_id AS k0
        FROM pop.person
        WHERE pop.person.sealed = false AND pop.person.is_minor_14 = false AND pop.person.protection_flag <= 0 AND pop.person.person_id = ANY ($1::UUID[])
    step 7: case.subjects.subject ← legal_entity (市场主体与其他组织, one)
        SELECT ent.entity.entity_id AS c0, ent.entity.name AS c1, ent.entity.entity_id AS k0
        FROM ent.entity
        WHERE ent.entity.sealed = false AND ent.entity.entity_id = ANY ($1::UUID[])
  step 8: case.officers ← personnel (办案人员, list)
      SELECT "off".assignment.role_code AS c0, "off".assignment.officer_id AS c1, "off".assignment.task_no AS c2, "off".assignment.task_no AS k0
      FROM "off".assignment
      WHERE NOT (EXISTS (SELECT *
      FROM "off".assignment AS other
      WHERE other.task_no = "off".assignment.task_no AND other.officer_id = "off".assignment.officer_id AND other.subject_ref < "off".assignment.subject_ref)) AND "off".assignment.task_no = ANY ($1::VARCHAR[]) ORDER BY "off".assignment.role_code, "off".assignment.officer_id
    step 9: case.officers.officer ← personnel (执法人员, one)
        SELECT "off".officer.cert_no AS c0, "off".officer.name AS c1, "off".officer.cert_status AS c2, "off".officer.officer_id AS c3, "off".officer.officer_id AS k0
        FROM "off".officer
        WHERE "off".officer.sealed = false AND "off".officer.officer_id = ANY ($1::UUID[])
  step 10: case.timeline ← enforcement (办案记录, page)
      SELECT page.c0, page.c1, page.c2, page.c3, page.c4, page.c5, page.c6, page.c7, page.c8, page.c9, page.s0, keys.k0
      FROM unnest($1::UUID[]) AS keys(k0) JOIN LATERAL (SELECT cas.event.seq AS c0, cas.event.at AS c1, cas.event.stage AS c2, cas.event.action_code AS c3, cas.event.actor_cert_no AS c4, CAST(timezone('Asia/Shanghai', cas.event.at) AS DATE) AS c5, cas.event.actor_role AS c6, cas.event.document_id AS c7, cas.event.uploaded_at > cas.event.at + INTERVAL '1 minute' AS c8, cas.event.case_id AS c9, CAST(cas.event.seq AS TEXT) AS s0, true AS present
      FROM cas.event
      WHERE cas.event.case_id = keys.k0 ORDER BY cas.event.seq
       LIMIT $2::INTEGER) AS page ON true
    step 11: case.timeline.nodes.actor ← personnel (执法人员, one)
        SELECT page.c0, page.c1, page.c2, keys.k0, keys.k1
        FROM unnest($1::VARCHAR[], $2::DATE[]) AS keys(k0, k1) JOIN LATERAL (SELECT "off".officer.cert_no AS c0, "off".officer.name AS c1, "off".officer.officer_id AS c2, true AS present
        FROM "off".officer
        WHERE "off".officer.sealed = false AND "off".officer.cert_no = keys.k0 AND ("off".officer.valid_from IS NULL OR "off".officer.valid_from <= keys.k1) AND ("off".officer.valid_to IS NULL OR "off".officer.valid_to >= keys.k1) ORDER BY "off".officer.cert_no, "off".officer.officer_id) AS page ON true
    step 12: case.timeline.nodes.document ← enforcement (案件文书, one)
        SELECT cas.document.doc_type AS c0, cas.document.document_no AS c1, CAST(cas.document.seal_info ->> $1::TEXT AS BOOLEAN) AS c2, cas.document.digest_sm3 AS c3, cas.document.document_id AS c4, cas.document.document_id AS k0
        FROM cas.document
        WHERE (EXISTS (SELECT 1
        FROM cas."case" AS owner
        WHERE owner.case_id = cas.document.case_id AND owner.division_code >= $2::VARCHAR AND owner.division_code < $3::VARCHAR AND owner.sealed = false AND owner.secret_flag IS NOT true)) AND cas.document.document_id = ANY ($4::UUID[])
  step 13: case.decision ← enforcement (处罚决定, one)
      SELECT cas.decision.document_no AS c0, cas.decision.decided_on AS c1, cas.decision.penalty_kinds AS c2, CAST(cas.decision.fine_amount AS TEXT) AS c3, cas."case".legally_reviewed AS c4, cas."case".collective_discussion AS c5, cas.decision.discretion_grade AS c6, cas.decision.case_id AS k0
      FROM cas.decision JOIN cas."case" ON cas."case".case_id = cas.decision.case_id
      WHERE cas."case".sealed = false AND cas."case".secret_flag IS NOT true AND cas.decision.case_id = ANY ($1::UUID[]) ORDER BY cas.decision.document_no
  step 14: case.disclosure ← gateway (公示信息, one)
      SELECT gw.disclosure.disclosure_id AS c0, gw.disclosure.published_at AS c1, gw.disclosure.publish_until AS c2, gw.disclosure.version AS c3, gw.disclosure.case_id AS k0
      FROM gw.disclosure
      WHERE gw.disclosure.state = '2' AND (gw.disclosure.publish_until IS NULL OR gw.disclosure.publish_until >= $1::DATE) AND gw.disclosure.sealed IS false AND gw.disclosure.sealed = false AND gw.disclosure.case_id = ANY ($2::UUID[]) ORDER BY gw.disclosure.decided_on DESC, gw.disclosure.disclosure_id DESC
  step 15: case.payments ← enforcement (罚款缴款, list)
      SELECT cas.payment.status AS c0, CAST(cas.payment.amount_due AS TEXT) AS c1, CAST(cas.payment.amount_paid AS TEXT) AS c2, cas.payment.payment_code AS c3, cas.payment.case_id AS k0
      FROM cas.payment JOIN cas."case" ON cas."case".case_id = cas.payment.case_id
      WHERE cas.payment.sealed = false AND cas."case".sealed = false AND cas."case".secret_flag IS NOT true AND cas.payment.case_id = ANY ($1::UUID[]) ORDER BY cas.payment.due_on, cas.payment.payment_code
clear case (Query.case) by supervisor-links
clear case.caseId (Case.caseId) by supervisor-internal
clear case.caseNo (Case.caseNo) by supervisor-internal
clear case.kind (Case.kind) by published-case, supervisor-internal
clear case.causeName (Case.causeName) by supervisor-links
clear case.causeName.causeName (Case.causeName) by public-data, supervisor-internal
clear case.status (Case.status) by supervisor-internal
clear case.stage (Case.stage) by supervisor-internal
clear case.org (Case.org) by supervisor-links
clear case.org.name (EnforcementOrg.name) by public-data, supervisor-internal
clear case.org.division (EnforcementOrg.division) by public-links
clear case.org.division.code (Division.code) by public-data, supervisor-internal
clear case.org.division.name (Division.name) by public-data, supervisor-internal
clear case.org.division.isFunctionalZone (Division.isFunctionalZone) by public-data, supervisor-internal
clear case.matter (Case.matter) by supervisor-links
clear case.matter.implementationCode (Matter.implementationCode) by public-data, supervisor-internal
clear case.matter.name (Matter.name) by public-data, supervisor-internal
clear case.matter.version (Matter.version) by public-data, supervisor-internal
clear case.subjects (Case.subjects) by supervisor-links-to-parties
clear case.subjects.role (CaseSubject.role) by supervisor-personal
clear case.subjects.subject (CaseSubject.subject) by supervisor-links-to-parties
clear case.subjects.subject.subjectRef (Person.subjectRef) by public-data, supervisor-internal
masked case.subjects.subject.displayName (Person.displayName) by supervisor-masked
clear case.subjects.subject.subjectRef (LegalEntity.subjectRef) by public-data, supervisor-internal
clear case.subjects.subject.displayName (LegalEntity.displayName) by public-data, supervisor-internal
clear case.officers (Case.officers) by supervisor-links
clear case.officers.role (CaseOfficer.role) by supervisor-internal
clear case.officers.officer (CaseOfficer.officer) by supervisor-links
clear case.officers.officer.certNo (Officer.certNo) by public-data, supervisor-internal
clear case.officers.officer.name (Officer.name) by public-data, supervisor-internal
clear case.officers.officer.certStatus (Officer.certStatus) by public-data, supervisor-internal
clear case.deadlines (Case.deadlines) by supervisor-internal
clear case.timeline (Case.timeline) by supervisor-links, supervisor-links-to-parties
clear case.timeline.nodes.seq (CaseEvent.seq) by supervisor-internal
clear case.timeline.nodes.at (CaseEvent.at) by supervisor-internal
clear case.timeline.nodes.stage (CaseEvent.stage) by supervisor-internal
clear case.timeline.nodes.action (CaseEvent.action) by supervisor-internal
clear case.timeline.nodes.actor (CaseEvent.actor) by supervisor-links
clear case.timeline.nodes.actor.certNo (Officer.certNo) by public-data, supervisor-internal
clear case.timeline.nodes.actor.name (Officer.name) by public-data, supervisor-internal
clear case.timeline.nodes.actorRole (CaseEvent.actorRole) by supervisor-internal
clear case.timeline.nodes.document (CaseEvent.document) by supervisor-links
clear case.timeline.nodes.document.docType (CaseDocument.docType) by supervisor-internal
clear case.timeline.nodes.document.documentNo (CaseDocument.documentNo) by supervisor-internal
clear case.timeline.nodes.document.sealVerified (CaseDocument.sealVerified) by supervisor-internal
clear case.timeline.nodes.document.sha (CaseDocument.sha) by supervisor-internal
withheld case.timeline.nodes.recordingIds (CaseEvent.recordingIds) by step-up-of-supervisors: STEP_UP_REQUIRED
clear case.timeline.nodes.remote (CaseEvent.remote) by supervisor-internal
clear case.decision (Case.decision) by supervisor-links, supervisor-links-to-parties
clear case.decision.documentNo (Decision.documentNo) by results-of-published-cases, supervisor-internal
clear case.decision.decidedOn (Decision.decidedOn) by results-of-published-cases, supervisor-internal
clear case.decision.penaltyKinds (Decision.penaltyKinds) by results-of-published-cases, supervisor-internal
clear case.decision.fineAmount (Decision.fineAmount) by results-of-published-cases, supervisor-internal
clear case.decision.legallyReviewed (Decision.legallyReviewed) by supervisor-internal
clear case.decision.collectiveDiscussion (Decision.collectiveDiscussion) by supervisor-internal
clear case.decision.discretionGrade (Decision.discretionGrade) by supervisor-internal
clear case.disclosure (Case.disclosure) by public-links, supervisor-links-to-parties
clear case.disclosure.disclosureId (Disclosure.disclosureId) by public-data, supervisor-internal
clear case.disclosure.publishedAt (Disclosure.publishedAt) by public-data, supervisor-internal
clear case.disclosure.publishUntil (Disclosure.publishUntil) by public-data, supervisor-internal
clear case.disclosure.version (Disclosure.version) by public-data, supervisor-internal
clear case.payments (Case.payments) by supervisor-links, supervisor-links-to-parties
withheld case.payments.paymentCode (NonTaxPayment.paymentCode) by default-deny: FORBIDDEN
clear case.payments.status (NonTaxPayment.status) by supervisor-internal
clear case.payments.amountDue (NonTaxPayment.amountDue) by supervisor-internal
clear case.payments.amountPaid (NonTaxPayment.amountPaid) by supervisor-internal
withheld case.criminalTransfer (Case.criminalTransfer) by step-up-of-supervisors: STEP_UP_REQUIRED
16 statements on 6 databases
