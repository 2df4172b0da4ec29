step 0: legalEntity ← legal_entity (市场主体与其他组织, one)
    SELECT ent.entity.uscc AS c0, ent.entity.name AS c1, ent.entity.entity_type AS c2, ent.entity.status_code AS c3, ent.entity.industry_code AS c4, ent.entity.established_on AS c5, ent.entity.division_code AS c6, ent.entity.registered_address AS c7, ent.entity.entity_id AS c8, ent.entity.business_scope AS c9, CASE WHEN (ent.entity.legal_rep_mark <= 1) THEN ent.entity.legal_rep_name END AS c10, CASE WHEN (ent.entity.legal_rep_mark <= 1) THEN ent.entity.legal_rep_id_no END AS c11, CASE WHEN (ent.entity.legal_rep_mark <= 1) THEN ent.entity.legal_rep_mobile END AS c12, ent.entity.risk_class AS c13, ent.entity.source_system AS c14, ent.entity.source_updated_at AS c15, ent.entity.stale AS c16, ent.entity.uscc AS k0
    FROM ent.entity
    WHERE ent.entity.sealed = false AND ent.entity.uscc = ANY ($1::VARCHAR[]) ORDER BY ent.entity.entity_id
  of third persons:
    SELECT ent.entity.uscc AS c0, ent.entity.name AS c1, ent.entity.entity_type AS c2, ent.entity.status_code AS c3, ent.entity.industry_code AS c4, ent.entity.established_on AS c5, ent.entity.division_code AS c6, ent.entity.registered_address AS c7, ent.entity.entity_id AS c8, ent.entity.business_scope AS c9, CASE WHEN (ent.entity.legal_rep_mark <= 1) THEN ent.entity.legal_rep_name END AS c10, CASE WHEN (ent.entity.legal_rep_mark <= 1) THEN CASE WHEN (coalesce(ent.entity.legal_rep_id_no, '') = '') THEN ent.entity.legal_rep_id_no ELSE (SELECT CASE WHEN (value ~ '^[0-9]{17}[0-9X]$') THEN left(value, 6) || repeat('*', char_length(value) - 10) || right(value, 4) WHEN (value ~ '^[0-9]{15}$') THEN left(value, 6) || repeat('*', char_length(value) - 9) || right(value, 3) WHEN (value ~ '^[0-9A-Z]{8,}$') THEN left(value, 1) || repeat('*', char_length(value) - 3) || right(value, 2) ELSE '***' END AS anon_1
    FROM translate(ent.entity.legal_rep_id_no, 'abcdefghijklmnopqrstuvwxyz０１２３４５６７８９ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ＋
    
    
    
      ­
    
      ⁠　﻿           ​‌‍‎‏-‐‑‒–—―−－·•・‧･⋅', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZ+') AS value) END END AS c11, CASE WHEN (ent.entity.legal_rep_mark <= 1) THEN CASE WHEN (coalesce(ent.entity.legal_rep_mobile, '') = '') THEN ent.entity.legal_rep_mobile ELSE (SELECT CASE WHEN (value ~ '^(?:[+]86|0086|86)?1[3-9][0-9]{9}$') THEN left(right(value, 11), 3) || '****' || right(value, 4) WHEN (value ~ '^(?:010|02[0-9])[0-9]{7,8}$') THEN left(value, 3) || '-' || repeat('*', char_length(value) - 6) || right(value, 3) WHEN (value ~ '^0[3-9][0-9]{9,10}$') THEN left(value, 4) || '-' || repeat('*', char_length(value) - 7) || right(value, 3) WHEN (value ~ '^(?:[+]|00)85[23][0-9]{8}$') THEN '+' || left(right(value, 11), 3) || '-*****' || right(value, 3) ELSE '***' END AS anon_2
    FROM translate(ent.entity.legal_rep_mobile, 'abcdefghijklmnopqrstuvwxyz０１２３４５６７８９ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ＋
    
    
    
      ­
    
      ⁠　﻿           ​‌‍‎‏-‐‑‒–—―−－·•・‧･⋅()（）', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZ+') AS value) END END AS c12, ent.entity.risk_class AS c13, ent.entity.source_system AS c14, ent.entity.source_updated_at AS c15, ent.entity.stale AS c16, ent.entity.uscc AS k0
    FROM ent.entity
    WHERE ent.entity.sealed = false AND ent.entity.uscc = ANY ($1::VARCHAR[]) ORDER BY ent.entity.entity_id
  step 1: legalEntity.registeredAddress.divisionName ← personnel (行政区划, scalar)
      SELECT div.division.name AS c0, (SELECT string_agg(DISTINCT "off".org.uscc, ',') AS string_agg_1
      FROM "off".org_jurisdiction JOIN "off".org ON "off".org.org_id = "off".org_jurisdiction.org_id
      WHERE "off".org_jurisdiction.division_code IN (div.division.code, left(div.division.code, 9) || '000', left(div.division.code, 6) || '000000', left(div.division.code, 4) || '00000000') AND ("off".org_jurisdiction.valid_from IS NULL OR "off".org_jurisdiction.valid_from <= $1::DATE) AND ("off".org_jurisdiction.valid_to IS NULL OR "off".org_jurisdiction.valid_to >= $1::DATE)) AS c1, (SELECT string_agg(DISTINCT ("off".org.uscc || "off".org_jurisdiction.matter_type), ',') AS string_agg_2
      FROM "off".org_jurisdiction JOIN "off".org ON "off".org.org_id = "off".org_jurisdiction.org_id
      WHERE "off".org_jurisdiction.division_code IN (div.division.code, left(div.division.code, 9) || '000', left(div.division.code, 6) || '000000', left(div.division.code, 4) || '00000000') AND ("off".org_jurisdiction.valid_from IS NULL OR "off".org_jurisdiction.valid_from <= $1::DATE) AND ("off".org_jurisdiction.valid_to IS NULL OR "off".org_jurisdiction.valid_to >= $1::DATE)) AS c2, div.division.code AS k0
      FROM div.division
      WHERE div.division.code = ANY ($2::VARCHAR[])
    step 8: legalEntity.applicableMatters ← matter (执法事项, page)
        SELECT page.c0, page.c1, keys.k0, keys.k1
        FROM unnest($1::VARCHAR[], $2::VARCHAR[]) AS keys(k0, k1) JOIN LATERAL (SELECT mat.matter.implementation_code AS c0, mat.matter.name AS c1, true AS present
        FROM mat.matter
        WHERE mat.matter.status_code = '1' AND (mat.matter.effective_from IS NULL OR mat.matter.effective_from <= $3::DATE) AND (mat.matter.effective_to IS NULL OR mat.matter.effective_to >= $3::DATE) AND mat.matter.sealed = false AND mat.matter.type_code = $4::VARCHAR AND mat.matter.org_uscc = ANY (string_to_array(keys.k0, ',')) AND (mat.matter.org_uscc || mat.matter.type_code) = ANY (string_to_array(keys.k1, ',')) ORDER BY mat.matter.implementation_code, mat.matter.version
         LIMIT $5::INTEGER) AS page ON true
  step 2: legalEntity.operatingAddresses ← legal_entity (经营场所, list)
      SELECT page.c0, page.c1, keys.k0
      FROM unnest($1::UUID[]) AS keys(k0) JOIN LATERAL (SELECT ent.operating_site.division_code AS c0, ent.operating_site.address AS c1, true AS present
      FROM ent.operating_site
      WHERE ent.operating_site.entity_id = keys.k0 ORDER BY ent.operating_site.site_id
       LIMIT $2::INTEGER) AS page ON true
    step 3: legalEntity.operatingAddresses.divisionName ← personnel (行政区划, scalar)
        SELECT div.division.name AS c0, div.division.code AS k0
        FROM div.division
        WHERE div.division.code = ANY ($1::VARCHAR[])
  step 4: legalEntity.licences ← legal_entity (行政许可, list)
      SELECT page.c0, page.c1, page.c2, page.c3, page.c4, keys.k0
      FROM unnest($1::UUID[]) AS keys(k0) JOIN LATERAL (SELECT ent.licence.licence_no AS c0, ent.licence.name AS c1, ent.licence.licensing_org AS c2, ent.licence.valid_to AS c3, ent.licence.status_code AS c4, true AS present
      FROM ent.licence
      WHERE ent.licence.entity_id = keys.k0 ORDER BY ent.licence.licence_no
       LIMIT $2::INTEGER) AS page ON true
  step 5: legalEntity.certificates ← certificate (电子证照, list)
      SELECT page.c0, page.c1, page.c2, page.c3, page.c4, keys.k0
      FROM unnest($1::VARCHAR[]) AS keys(k0) JOIN LATERAL (SELECT lic.certificate.cert_id AS c0, lic.certificate.type_code AS c1, lic.certificate.valid_to AS c2, lic.certificate.status_code AS c3, lic.certificate.seal_verified AS c4, true AS present
      FROM lic.certificate
      WHERE lic.certificate.holder_type = '2' AND lic.certificate.sealed = false AND lic.certificate.subject_mark <= 0 AND lic.certificate.type_code = $2::VARCHAR AND lic.certificate.status_code = '1' AND (lic.certificate.valid_to IS NULL OR lic.certificate.valid_to >= $3::DATE) AND lic.certificate.holder_id_no = keys.k0 ORDER BY lic.certificate.cert_id
       LIMIT $4::INTEGER) AS page ON true
  step 6: legalEntity.abnormalListings ← legal_entity (异常名录, list)
      SELECT page.c0, page.c1, page.c2, keys.k0
      FROM unnest($1::UUID[]) AS keys(k0) JOIN LATERAL (SELECT ent.abnormal_listing.reason AS c0, ent.abnormal_listing.listed_on AS c1, ent.abnormal_listing.removed_on AS c2, true AS present
      FROM ent.abnormal_listing
      WHERE ent.abnormal_listing.entity_id = keys.k0 ORDER BY ent.abnormal_listing.listed_on DESC, ent.abnormal_listing.listing_id DESC
       LIMIT $2::INTEGER) AS page ON true
  step 7: legalEntity.inspectionQuota ← legal_entity (年度检查频次, one)
      SELECT ent.inspection_quota.annual_cap AS c0, ent.inspection_quota.done_count AS c1, ent.inspection_quota.planned_count AS c2, ent.inspection_quota.exempt_reason AS c3, ent.inspection_quota.entity_id AS c4, ent.inspection_quota.year AS c5, ent.inspection_quota.entity_id AS k0
      FROM ent.inspection_quota
      WHERE ent.inspection_quota.year = $1::INTEGER AND ent.inspection_quota.entity_id = ANY ($2::UUID[]) ORDER BY ent.inspection_quota.entity_id, ent.inspection_quota.year
  step 9: legalEntity.cases ← enforcement (案件, page)
      SELECT page.c0, page.c1, page.c2, page.c3, page.c4, page.c5, keys.k0, counted.total, page.present
      FROM unnest($1::VARCHAR[]) AS keys(k0) JOIN LATERAL (SELECT count(*) AS total
      FROM cas."case" JOIN cas.party ON cas.party.case_id = cas."case".case_id
      WHERE cas.party.role_code = '1' AND (cas."case".org_id = ANY ($2::UUID[]) OR cas."case".case_no = $3::VARCHAR) AND cas."case".sealed = false AND cas."case".secret_flag IS NOT true AND cas.party.subject_mark <= 0 AND cas."case".kind = ANY ($4::VARCHAR[]) AND cas."case".decided_on > $5::DATE AND cas.party.subject_ref = keys.k0) AS counted ON true LEFT OUTER JOIN LATERAL (SELECT cas."case".case_no AS c0, cas."case".cause_code AS c1, cas."case".decided_on AS c2, cas."case".status AS c3, cas."case".case_id AS c4, cas."case".org_id AS c5, true AS present
      FROM cas."case" JOIN cas.party ON cas.party.case_id = cas."case".case_id
      WHERE cas.party.role_code = '1' AND (cas."case".org_id = ANY ($2::UUID[]) OR cas."case".case_no = $3::VARCHAR) AND cas."case".sealed = false AND cas."case".secret_flag IS NOT true AND cas.party.subject_mark <= 0 AND cas."case".kind = ANY ($4::VARCHAR[]) AND cas."case".decided_on > $5::DATE AND cas.party.subject_ref = keys.k0 ORDER BY coalesce(cas."case".filed_on, DATE '0001-01-01') DESC, cas."case".case_id DESC
       LIMIT $6::INTEGER) AS page ON true
    step 10: legalEntity.cases.nodes.causeName ← matter (案由, scalar)
        SELECT mat.matter_cause.cause_name AS c0, mat.matter_cause.cause_code AS k0
        FROM mat.matter_cause
        WHERE mat.matter_cause.cause_code = ANY ($1::VARCHAR[])
    step 11: legalEntity.cases.nodes.decision ← enforcement (处罚决定, one)
        SELECT cas.decision.document_no AS c0, CAST(cas.decision.fine_amount AS TEXT) AS c1, cas.decision.case_id AS k0
        FROM cas.decision JOIN cas."case" ON cas."case".case_id = cas.decision.case_id
        WHERE cas."case".sealed = false AND cas."case".secret_flag IS NOT true AND cas.decision.case_id = ANY ($1::UUID[]) ORDER BY cas.decision.document_no
    step 12: legalEntity.cases.nodes.org ← personnel (执法主体, one)
        SELECT "off".org.name AS c0, "off".org.org_id AS c1, "off".org.org_id AS k0
        FROM "off".org
        WHERE "off".org.sealed = false AND "off".org.org_id = ANY ($1::UUID[])
clear legalEntity (Query.legalEntity) by officer-on-a-task-links, public-links
clear legalEntity.uscc (LegalEntity.uscc) by officer-on-a-task, public-data
clear legalEntity.name (LegalEntity.name) by officer-on-a-task, public-data
clear legalEntity.entityType (LegalEntity.entityType) by officer-on-a-task, public-data
clear legalEntity.status (LegalEntity.status) by officer-on-a-task, public-data
clear legalEntity.industry (LegalEntity.industry) by officer-on-a-task, public-data
clear legalEntity.establishedOn (LegalEntity.establishedOn) by officer-on-a-task, public-data
clear legalEntity.registeredAddress.divisionCode (LegalEntity.registeredAddress.divisionCode) by officer-on-a-task, public-data
clear legalEntity.registeredAddress.divisionName (LegalEntity.registeredAddress.divisionName) by officer-on-a-task-links, public-links
clear legalEntity.registeredAddress.divisionName.divisionName (LegalEntity.registeredAddress.divisionName) by officer-on-a-task-links, public-links
clear legalEntity.registeredAddress.fullText (LegalEntity.registeredAddress.fullText) by officer-on-a-task, public-data
clear legalEntity.operatingAddresses (LegalEntity.operatingAddresses) by officer-on-a-task-links, public-links
clear legalEntity.operatingAddresses.divisionName (OperatingSite.divisionName) by officer-on-a-task-links, public-links
clear legalEntity.operatingAddresses.divisionName.divisionName (OperatingSite.divisionName) by officer-on-a-task-links, public-links
clear legalEntity.operatingAddresses.fullText (OperatingSite.fullText) by officer-on-a-task, public-data
clear legalEntity.businessScope (LegalEntity.businessScope) by officer-on-a-task, public-data
clear legalEntity.legalRepresentative.name (LegalEntity.legalRepresentative.name) by officer-on-a-task, public-data
clear legalEntity.legalRepresentative.idNo (LegalEntity.legalRepresentative.idNo) by officer-on-a-task
clear legalEntity.legalRepresentative.mobile (LegalEntity.legalRepresentative.mobile) by officer-on-a-task
clear legalEntity.licences (LegalEntity.licences) by officer-on-a-task-links, public-links
clear legalEntity.licences.licenceNo (AdministrativeLicence.licenceNo) by officer-on-a-task, public-data
clear legalEntity.licences.name (AdministrativeLicence.name) by officer-on-a-task, public-data
clear legalEntity.licences.licensingOrg (AdministrativeLicence.licensingOrg) by officer-on-a-task, public-data
clear legalEntity.licences.validTo (AdministrativeLicence.validTo) by officer-on-a-task, public-data
clear legalEntity.licences.status (AdministrativeLicence.status) by officer-on-a-task, public-data
clear legalEntity.certificates (LegalEntity.certificates) by officer-on-a-task-links, public-links
clear legalEntity.certificates.certId (ECertificate.certId) by officer-on-a-task
clear legalEntity.certificates.certType (ECertificate.certType) by officer-on-a-task, public-data
clear legalEntity.certificates.validTo (ECertificate.validTo) by officer-on-a-task
clear legalEntity.certificates.status (ECertificate.status) by officer-on-a-task
clear legalEntity.certificates.sealVerified (ECertificate.sealVerified) by officer-on-a-task
clear legalEntity.riskClass (LegalEntity.riskClass) by officer-general, officer-on-a-task
clear legalEntity.abnormalListings (LegalEntity.abnormalListings) by officer-on-a-task-links, public-links
clear legalEntity.abnormalListings.reason (AbnormalListing.reason) by officer-on-a-task, public-data
clear legalEntity.abnormalListings.listedOn (AbnormalListing.listedOn) by officer-on-a-task, public-data
clear legalEntity.abnormalListings.removedOn (AbnormalListing.removedOn) by officer-on-a-task, public-data
clear legalEntity.inspectionQuota (LegalEntity.inspectionQuota) by officer-general-links, officer-on-a-task-links
clear legalEntity.inspectionQuota.annualCap (InspectionQuota.annualCap) by officer-general, officer-on-a-task
clear legalEntity.inspectionQuota.done (InspectionQuota.done) by officer-general, officer-on-a-task
clear legalEntity.inspectionQuota.planned (InspectionQuota.planned) by officer-general, officer-on-a-task
clear legalEntity.inspectionQuota.exemptReason (InspectionQuota.exemptReason) by officer-general, officer-on-a-task
clear legalEntity.applicableMatters (LegalEntity.applicableMatters) by officer-on-a-task-links, public-links
clear legalEntity.applicableMatters.nodes.implementationCode (Matter.implementationCode) by officer-on-a-task, public-data
clear legalEntity.applicableMatters.nodes.name (Matter.name) by officer-on-a-task, public-data
clear legalEntity.cases (LegalEntity.cases) by officer-on-a-task-links
clear legalEntity.cases.nodes.caseNo (Case.caseNo) by officer-on-a-task
clear legalEntity.cases.nodes.causeName (Case.causeName) by officer-on-a-task-links
clear legalEntity.cases.nodes.causeName.causeName (Case.causeName) by officer-on-a-task, public-data
clear legalEntity.cases.nodes.decidedOn (Case.decidedOn) by officer-on-a-task
clear legalEntity.cases.nodes.status (Case.status) by officer-on-a-task
clear legalEntity.cases.nodes.decision (Case.decision) by officer-on-a-task-links
clear legalEntity.cases.nodes.decision.documentNo (Decision.documentNo) by officer-on-a-task
clear legalEntity.cases.nodes.decision.fineAmount (Decision.fineAmount) by officer-on-a-task
clear legalEntity.cases.nodes.org (Case.org) by officer-on-a-task-links
clear legalEntity.cases.nodes.org.name (EnforcementOrg.name) by officer-on-a-task, public-data
clear legalEntity.meta.sourceSystem (LegalEntity.meta.sourceSystem) by officer-on-a-task, public-data
clear legalEntity.meta.sourceUpdatedAt (LegalEntity.meta.sourceUpdatedAt) by officer-on-a-task, public-data
clear legalEntity.meta.stale (LegalEntity.meta.stale) by officer-on-a-task, public-data
13 statements on 5 databases
