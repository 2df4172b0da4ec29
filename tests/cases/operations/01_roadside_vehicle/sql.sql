step 0: vehicle ← vehicle (机动车, one)
    SELECT page.c0, page.c1, page.c2, page.c3, page.c4, page.c5, page.c6, page.c7, page.c8, page.c9, page.c10, page.c11, page.c12, page.c13, page.c14, page.c15, page.c16, page.c17, keys.k0, keys.k1
    FROM unnest($1::VARCHAR[], $2::VARCHAR[]) AS keys(k0, k1) JOIN LATERAL (SELECT veh.vehicle.plate_no AS c0, veh.vehicle.plate_type AS c1, veh.vehicle.brand_model AS c2, veh.vehicle.vehicle_type AS c3, veh.vehicle.body_colour AS c4, veh.vehicle.usage_nature AS c5, veh.vehicle.fuel_type AS c6, veh.vehicle.inspection_valid_to AS c7, veh.vehicle.insurance_to AS c8, veh.vehicle.status_code AS c9, veh.vehicle.vin AS c10, veh.vehicle.vehicle_id AS c11, (SELECT veh.ownership.owner_type
    FROM veh.ownership
    WHERE veh.ownership.vehicle_id = veh.vehicle.vehicle_id AND (veh.ownership.valid_from IS NULL OR veh.ownership.valid_from <= $3::DATE) AND (veh.ownership.valid_to IS NULL OR veh.ownership.valid_to >= $3::DATE) AND veh.ownership.subject_mark <= 0 ORDER BY veh.ownership.valid_from DESC
     LIMIT $4::INTEGER) AS c12, (SELECT veh.ownership.owner_ref
    FROM veh.ownership
    WHERE veh.ownership.vehicle_id = veh.vehicle.vehicle_id AND (veh.ownership.valid_from IS NULL OR veh.ownership.valid_from <= $3::DATE) AND (veh.ownership.valid_to IS NULL OR veh.ownership.valid_to >= $3::DATE) AND veh.ownership.subject_mark <= 0 ORDER BY veh.ownership.valid_from DESC
     LIMIT $5::INTEGER) AS c13, (SELECT veh.transport_permit.permit_no
    FROM veh.transport_permit
    WHERE veh.transport_permit.vehicle_id = veh.vehicle.vehicle_id ORDER BY coalesce(veh.transport_permit.valid_to, DATE 'infinity') DESC, veh.transport_permit.permit_no DESC
     LIMIT $6::INTEGER) AS c14, veh.vehicle.source_system AS c15, veh.vehicle.source_updated_at AS c16, veh.vehicle.stale AS c17, true AS present
    FROM veh.vehicle
    WHERE veh.vehicle.sealed = false AND (veh.vehicle.valid_from IS NULL OR veh.vehicle.valid_from <= $7::DATE) AND (veh.vehicle.valid_to IS NULL OR veh.vehicle.valid_to >= $7::DATE) AND veh.vehicle.plate_no = keys.k0 AND veh.vehicle.plate_type = keys.k1 ORDER BY coalesce(veh.vehicle.valid_from, DATE '0001-01-01') DESC, veh.vehicle.vehicle_id DESC) AS page ON true
  step 1: vehicle.owner ← population (自然人, one)
      SELECT pop.person.person_id AS c0, pop.person.name AS c1, pop.person.id_no AS c2, pop.person.mobile AS c3, pop.person.res_division_code AS c4, pop.person.person_id AS k0
      FROM pop.person
      WHERE pop.person.sealed = false AND pop.person.is_minor_14 = false AND pop.person.protection_flag <= 0 AND pop.person.person_id = ANY ($1::UUID[])
    of third persons:
      SELECT pop.person.person_id AS c0, CASE WHEN (coalesce(pop.person.name, '') = '') THEN pop.person.name ELSE (SELECT CASE WHEN (char_length(value) < 2) THEN '***' WHEN (value ~ '^(?:欧阳|太史|端木|上官|司马|东方|独孤|南宫|万俟|闻人|夏侯|诸葛|尉迟|公羊|赫连|澹台|皇甫|宗政|濮阳|公冶|太叔|申屠|公孙|慕容|仲孙|钟离|长孙|宇文|司徒|鲜于|司空|闾丘|子车|亓官|司寇|巫马|公西|颛孙|壤驷|公良|漆雕|宰父|拓跋|夹谷|轩辕|令狐|百里|呼延|东郭|南门|羊舌|微生|公户|公仪|公仲|公上|公山|公伯|西门|公祖|第五|公乘|公皙|南荣|东里|东宫|仲长|子桑|即墨|达奚|褚师|纳兰|完颜|耶律|叶赫|歐陽|東方|獨孤|南宮|聞人|諸葛|尉遲|赫連|澹臺|濮陽|公孫|仲孫|鍾離|鐘離|長孫|鮮于|司馬|閭丘|軒轅|東郭|納蘭)[〇-〇㐀-䶿一-鿿豈-﫿𠀀-𿿽]{1,2}$') THEN left(value, 2) || repeat('*', char_length(value) - 2) WHEN (value ~ '^[〇-〇㐀-䶿一-鿿豈-﫿𠀀-𿿽]{2,4}$') THEN left(value, 1) || repeat('*', char_length(value) - 1) ELSE left(value, 1) || '***' END AS anon_1
      FROM translate(pop.person.name, '
      
      
      
        ­
      
        ⁠　﻿           ​‌‍‎‏', '') AS value) END AS c1, CASE WHEN (coalesce(pop.person.id_no, '') = '') THEN pop.person.id_no ELSE (SELECT CASE WHEN (value ~ '^[0-9]{17}[0-9X]$') THEN left(value, 6) || repeat('*', char_length(value) - 10) || right(value, 4) WHEN (value ~ '^[0-9]{15}$') THEN left(value, 6) || repeat('*', char_length(value) - 9) || right(value, 3) WHEN (value ~ '^[0-9A-Z]{8,}$') THEN left(value, 1) || repeat('*', char_length(value) - 3) || right(value, 2) ELSE '***' END AS anon_2
      FROM translate(pop.person.id_no, 'abcdefghijklmnopqrstuvwxyz０１２３４５６７８９ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ＋
      
      
      
        ­
      
        ⁠　﻿           ​‌‍‎‏-‐‑‒–—―−－·•・‧･⋅', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZ+') AS value) END AS c2, CASE WHEN (coalesce(pop.person.mobile, '') = '') THEN pop.person.mobile ELSE (SELECT CASE WHEN (value ~ '^(?:[+]86|0086|86)?1[3-9][0-9]{9}$') THEN left(right(value, 11), 3) || '****' || right(value, 4) WHEN (value ~ '^(?:010|02[0-9])[0-9]{7,8}$') THEN left(value, 3) || '-' || repeat('*', char_length(value) - 6) || right(value, 3) WHEN (value ~ '^0[3-9][0-9]{9,10}$') THEN left(value, 4) || '-' || repeat('*', char_length(value) - 7) || right(value, 3) WHEN (value ~ '^(?:[+]|00)85[23][0-9]{8}$') THEN '+' || left(right(value, 11), 3) || '-*****' || right(value, 3) ELSE '***' END AS anon_3
      FROM translate(pop.person.mobile, 'abcdefghijklmnopqrstuvwxyz０１２３４５６７８９ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ＋
      
      
      
        ­
      
        ⁠　﻿           ​‌‍‎‏-‐‑‒–—―−－·•・‧･⋅()（）', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZ+') AS value) END AS c3, CAST(NULL AS VARCHAR(12)) AS c4, pop.person.person_id AS k0
      FROM pop.person
      WHERE pop.person.sealed = false AND pop.person.is_minor_14 = false AND pop.person.protection_flag <= 0 AND pop.person.person_id = ANY ($1::UUID[])
    step 2: vehicle.owner.residenceAddress.divisionName ← personnel (行政区划, scalar)
        SELECT div.division.name AS c0, div.division.code AS k0
        FROM div.division
        WHERE div.division.code = ANY ($1::VARCHAR[])
  step 3: vehicle.owner ← legal_entity (市场主体与其他组织, one)
      SELECT ent.entity.entity_id AS c0, ent.entity.name AS c1, ent.entity.uscc AS c2, ent.entity.status_code AS c3, CASE WHEN (ent.entity.legal_rep_mark <= 1) THEN ent.entity.legal_rep_name END AS c4, CASE WHEN (ent.entity.legal_rep_mark <= 1) THEN ent.entity.legal_rep_mobile END AS c5, ent.entity.entity_id AS k0
      FROM ent.entity
      WHERE ent.entity.sealed = false AND ent.entity.entity_id = ANY ($1::UUID[])
    of third persons:
      SELECT ent.entity.entity_id AS c0, ent.entity.name AS c1, ent.entity.uscc AS c2, ent.entity.status_code AS c3, CASE WHEN (ent.entity.legal_rep_mark <= 1) THEN ent.entity.legal_rep_name END AS c4, CASE WHEN (ent.entity.legal_rep_mark <= 1) THEN CASE WHEN (coalesce(ent.entity.legal_rep_mobile, '') = '') THEN ent.entity.legal_rep_mobile ELSE (SELECT CASE WHEN (value ~ '^(?:[+]86|0086|86)?1[3-9][0-9]{9}$') THEN left(right(value, 11), 3) || '****' || right(value, 4) WHEN (value ~ '^(?:010|02[0-9])[0-9]{7,8}$') THEN left(value, 3) || '-' || repeat('*', char_length(value) - 6) || right(value, 3) WHEN (value ~ '^0[3-9][0-9]{9,10}$') THEN left(value, 4) || '-' || repeat('*', char_length(value) - 7) || right(value, 3) WHEN (value ~ '^(?:[+]|00)85[23][0-9]{8}$') THEN '+' || left(right(value, 11), 3) || '-*****' || right(value, 3) ELSE '***' END AS anon_1
      FROM translate(ent.entity.legal_rep_mobile, 'abcdefghijklmnopqrstuvwxyz０１２３４５６７８９ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ＋
      
      
      
        ­
      
        ⁠　﻿           ​‌‍‎‏-‐‑‒–—―−－·•・‧･⋅()（）', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZ+') AS value) END END AS c5, ent.entity.entity_id AS k0
      FROM ent.entity
      WHERE ent.entity.sealed = false AND ent.entity.entity_id = ANY ($1::UUID[])
  step 4: vehicle.roadTransportPermit ← certificate (电子证照, one)
      SELECT lic.certificate.cert_no AS c0, lic.certificate.valid_to AS c1, lic.certificate.status_code AS c2, lic.certificate.seal_verified AS c3, lic.certificate.cert_id AS c4, lic.certificate.cert_no AS k0
      FROM lic.certificate
      WHERE lic.certificate.type_code = '11440499007000011Q045' AND lic.certificate.sealed = false AND lic.certificate.subject_mark <= 0 AND lic.certificate.cert_no = ANY ($1::VARCHAR[]) ORDER BY lic.certificate.cert_id
  step 5: vehicle.openCases ← enforcement (案件, page)
      SELECT page.c0, page.c1, page.c2, page.c3, page.c4, page.c5, page.c6, keys.k0, counted.total, page.present
      FROM unnest($1::VARCHAR[]) AS keys(k0) JOIN LATERAL (SELECT count(*) AS total
      FROM cas."case" JOIN cas.party ON cas.party.case_id = cas."case".case_id
      WHERE cas."case".closed_on IS NULL AND cas.party.role_code = '1' AND (cas."case".org_id = ANY ($2::UUID[]) OR cas."case".case_no = $3::VARCHAR) AND cas."case".sealed = false AND cas."case".secret_flag IS NOT true AND cas.party.subject_mark <= 0 AND cas.party.subject_ref = keys.k0) AS counted ON true LEFT OUTER JOIN LATERAL (SELECT cas."case".case_no AS c0, cas."case".kind AS c1, cas."case".cause_code AS c2, cas."case".status AS c3, cas."case".org_id AS c4, cas."case".filed_on AS c5, cas."case".case_id AS c6, true AS present
      FROM cas."case" JOIN cas.party ON cas.party.case_id = cas."case".case_id
      WHERE cas."case".closed_on IS NULL AND cas.party.role_code = '1' AND (cas."case".org_id = ANY ($2::UUID[]) OR cas."case".case_no = $3::VARCHAR) AND cas."case".sealed = false AND cas."case".secret_flag IS NOT true AND cas.party.subject_mark <= 0 AND cas.party.subject_ref = keys.k0 ORDER BY coalesce(cas."case".filed_on, DATE '0001-01-01') DESC, cas."case".case_id DESC
       LIMIT $4::INTEGER) AS page ON true
    step 6: vehicle.openCases.nodes.causeName ← matter (案由, scalar)
        SELECT mat.matter_cause.cause_name AS c0, mat.matter_cause.cause_code AS k0
        FROM mat.matter_cause
        WHERE mat.matter_cause.cause_code = ANY ($1::VARCHAR[])
    step 7: vehicle.openCases.nodes.org ← personnel (执法主体, one)
        SELECT "off".org.name AS c0, "off".org.org_id AS c1, "off".org.org_id AS k0
        FROM "off".org
        WHERE "off".org.sealed = false AND "off".org.org_id = ANY ($1::UUID[])
clear vehicle (Query.vehicle) by officer-general-links, officer-on-a-task-links
clear vehicle.plateNo (Vehicle.plateNo) by officer-general, officer-on-a-task
clear vehicle.plateType (Vehicle.plateType) by officer-general, officer-on-a-task
clear vehicle.brandModel (Vehicle.brandModel) by officer-general, officer-on-a-task
clear vehicle.vehicleType (Vehicle.vehicleType) by officer-general, officer-on-a-task
clear vehicle.bodyColour (Vehicle.bodyColour) by officer-general, officer-on-a-task
clear vehicle.usageNature (Vehicle.usageNature) by officer-general, officer-on-a-task
clear vehicle.fuelType (Vehicle.fuelType) by officer-on-a-task
clear vehicle.inspectionValidTo (Vehicle.inspectionValidTo) by officer-general, officer-on-a-task
clear vehicle.compulsoryInsuranceTo (Vehicle.compulsoryInsuranceTo) by officer-on-a-task
clear vehicle.status (Vehicle.status) by officer-on-a-task
clear vehicle.vin (Vehicle.vin) by officer-on-a-task
clear vehicle.owner (Vehicle.owner) by officer-on-a-task-links
clear vehicle.owner.subjectRef (Person.subjectRef) by officer-on-a-task, public-data
clear vehicle.owner.displayName (Person.displayName) by officer-on-a-task
clear vehicle.owner.idNo (Person.idNo) by officer-on-a-task
clear vehicle.owner.mobile (Person.mobile) by officer-on-a-task
clear vehicle.owner.residenceAddress.divisionName (Person.residenceAddress.divisionName) by officer-on-a-task-links
clear vehicle.owner.residenceAddress.divisionName.divisionName (Person.residenceAddress.divisionName) by officer-on-a-task, public-data
clear vehicle.owner.subjectRef (LegalEntity.subjectRef) by officer-on-a-task, public-data
clear vehicle.owner.displayName (LegalEntity.displayName) by officer-on-a-task, public-data
clear vehicle.owner.uscc (LegalEntity.uscc) by officer-on-a-task, public-data
clear vehicle.owner.name (LegalEntity.name) by officer-on-a-task, public-data
clear vehicle.owner.status (LegalEntity.status) by officer-on-a-task, public-data
clear vehicle.owner.legalRepresentative.name (LegalEntity.legalRepresentative.name) by officer-on-a-task, public-data
clear vehicle.owner.legalRepresentative.mobile (LegalEntity.legalRepresentative.mobile) by officer-on-a-task
clear vehicle.roadTransportPermit (Vehicle.roadTransportPermit) by officer-on-a-task-links, public-links
clear vehicle.roadTransportPermit.certNo (ECertificate.certNo) by officer-on-a-task
clear vehicle.roadTransportPermit.validTo (ECertificate.validTo) by officer-on-a-task
clear vehicle.roadTransportPermit.status (ECertificate.status) by officer-on-a-task
clear vehicle.roadTransportPermit.sealVerified (ECertificate.sealVerified) by officer-on-a-task
clear vehicle.openCases (Vehicle.openCases) by officer-on-a-task-links
clear vehicle.openCases.nodes.caseNo (Case.caseNo) by officer-on-a-task
clear vehicle.openCases.nodes.kind (Case.kind) by officer-general, officer-on-a-task
clear vehicle.openCases.nodes.causeName (Case.causeName) by officer-on-a-task-links
clear vehicle.openCases.nodes.causeName.causeName (Case.causeName) by officer-on-a-task, public-data
clear vehicle.openCases.nodes.status (Case.status) by officer-on-a-task
clear vehicle.openCases.nodes.org (Case.org) by officer-on-a-task-links
clear vehicle.openCases.nodes.org.name (EnforcementOrg.name) by officer-on-a-task, public-data
clear vehicle.openCases.nodes.filedOn (Case.filedOn) by officer-on-a-task
clear vehicle.meta.sourceSystem (Vehicle.meta.sourceSystem) by officer-on-a-task, public-data
clear vehicle.meta.sourceUpdatedAt (Vehicle.meta.sourceUpdatedAt) by officer-on-a-task, public-data
clear vehicle.meta.stale (Vehicle.meta.stale) by officer-on-a-task, public-data
8 statements on 7 databases
