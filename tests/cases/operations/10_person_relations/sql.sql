step 0: person ← population (自然人, one)
    SELECT page.c0, page.c1, page.c2, page.c3, page.c4, page.c5, page.c6, page.c7, page.c8, page.c9, page.c10, page.c11, page.c12, page.c13, page.c14, page.c15, keys.k0, keys.k1
    FROM unnest($1::VARCHAR[], $2::VARCHAR[]) AS keys(k0, k1) JOIN LATERAL (SELECT pop.person.person_id AS c0, pop.person.name AS c1, pop.person.id_type AS c2, pop.person.id_no AS c3, pop.person.gender_code AS c4, pop.person.birth_date AS c5, pop.person.is_minor_18 AS c6, pop.person.mobile AS c7, pop.person.reg_division_code AS c8, pop.person.reg_address AS c9, pop.person.res_division_code AS c10, pop.person.res_address AS c11, pop.person.source_system AS c12, pop.person.source_updated_at AS c13, pop.person.stale AS c14, pop.person.sealed AS c15, true AS present
    FROM pop.person
    WHERE pop.person.sealed = false AND pop.person.is_minor_14 = false AND pop.person.protection_flag <= 0 AND pop.person.person_id = ANY ($3::UUID[]) AND pop.person.id_no = keys.k0 AND pop.person.id_type = keys.k1 ORDER BY coalesce(pop.person.valid_to, DATE 'infinity') DESC, pop.person.id_type = '111' DESC, pop.person.person_id DESC) AS page ON true
  step 1: person.registeredAddress.divisionName ← personnel (行政区划, scalar)
      SELECT div.division.name AS c0, div.division.code AS k0
      FROM div.division
      WHERE div.division.code = ANY ($1::VARCHAR[])
  step 2: person.residenceAddress.divisionName ← personnel (行政区划, scalar)
      SELECT div.division.name AS c0, div.division.code AS k0
      FROM div.division
      WHERE div.division.code = ANY ($1::VARCHAR[])
  step 3: person.household ← population (户, one)
      SELECT pop.household.household_no AS c0, pop.household_member.person_id AS k0
      FROM pop.household JOIN pop.household_member ON pop.household_member.household_no = pop.household.household_no
      WHERE (pop.household_member.left_on IS NULL OR pop.household_member.left_on > $1::DATE) AND (EXISTS (SELECT 1
      FROM pop.person
      WHERE pop.person.person_id = pop.household_member.person_id AND pop.person.sealed = false AND pop.person.is_minor_14 = false AND pop.person.protection_flag <= 0)) AND pop.household_member.person_id = ANY ($2::UUID[]) ORDER BY pop.household.household_no
    step 4: person.household.members ← population (户成员, list)
        SELECT page.c0, page.c1, page.c2, keys.k0
        FROM unnest($1::VARCHAR[]) AS keys(k0) JOIN LATERAL (SELECT pop.household_member.relation_code AS c0, pop.household_member.person_id AS c1, pop.household_member.household_no AS c2, true AS present
        FROM pop.household_member
        WHERE (pop.household_member.left_on IS NULL OR pop.household_member.left_on > $2::DATE) AND (EXISTS (SELECT 1
        FROM pop.person
        WHERE pop.person.person_id = pop.household_member.person_id AND pop.person.sealed = false AND pop.person.is_minor_14 = false AND pop.person.protection_flag <= 0)) AND pop.household_member.household_no = keys.k0 ORDER BY pop.household_member.household_no, pop.household_member.person_id
         LIMIT $3::INTEGER) AS page ON true
      step 5: person.household.members.person ← population (自然人, one)
          SELECT pop.person.person_id AS c0, pop.person.name AS c1, pop.person.id_no AS c2, pop.person.is_minor_18 AS c3, pop.person.person_id AS k0
          FROM pop.person
          WHERE pop.person.sealed = false AND pop.person.is_minor_14 = false AND pop.person.protection_flag <= 0 AND pop.person.person_id = ANY ($1::UUID[])
        of third persons:
          SELECT pop.person.person_id AS c0, CASE WHEN (coalesce(pop.person.name, '') = '') THEN pop.person.name ELSE (SELECT CASE WHEN (char_length(value) < 2) THEN '***' WHEN (value ~ '^(?:欧阳|太史|端木|上官|司马|东方|独孤|南宫|万俟|闻人|夏侯|诸葛|尉迟|公羊|赫连|澹台|皇甫|宗政|濮阳|公冶|太叔|申屠|公孙|慕容|仲孙|钟离|长孙|宇文|司徒|鲜于|司空|闾丘|子车|亓官|司寇|巫马|公西|颛孙|壤驷|公良|漆雕|宰父|拓跋|夹谷|轩辕|令狐|百里|呼延|东郭|南门|羊舌|微生|公户|公仪|公仲|公上|公山|公伯|西门|公祖|第五|公乘|公皙|南荣|东里|东宫|仲长|子桑|即墨|达奚|褚师|纳兰|完颜|耶律|叶赫|歐陽|東方|獨孤|南宮|聞人|諸葛|尉遲|赫連|澹臺|濮陽|公孫|仲孫|鍾離|鐘離|長孫|鮮于|司馬|閭丘|軒轅|東郭|納蘭)[〇-〇㐀-䶿一-鿿豈-﫿𠀀-𿿽]{1,2}$') THEN left(value, 2) || repeat('*', char_length(value) - 2) WHEN (value ~ '^[〇-〇㐀-䶿一-鿿豈-﫿𠀀-𿿽]{2,4}$') THEN left(value, 1) || repeat('*', char_length(value) - 1) ELSE left(value, 1) || '***' END AS anon_1
          FROM translate(pop.person.name, '
          
          
          
            ­
          
            ⁠　﻿           ​‌‍‎‏', '') AS value) END AS c1, CASE WHEN (coalesce(pop.person.id_no, '') = '') THEN pop.person.id_no ELSE (SELECT CASE WHEN (value ~ '^[0-9]{17}[0-9X]$') THEN left(value, 6) || repeat('*', char_length(value) - 10) || right(value, 4) WHEN (value ~ '^[0-9]{15}$') THEN left(value, 6) || repeat('*', char_length(value) - 9) || right(value, 3) WHEN (value ~ '^[0-9A-Z]{8,}$') THEN left(value, 1) || repeat('*', char_length(value) - 3) || right(value, 2) ELSE '***' END AS anon_2
          FROM translate(pop.person.id_no, 'abcdefghijklmnopqrstuvwxyz０１２３４５６７８９ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ＋
          
          
          
            ­
          
            ⁠　﻿           ​‌‍‎‏-‐‑‒–—―−－·•・‧･⋅', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZ+') AS value) END AS c2, CAST(NULL AS BOOLEAN) AS c3, pop.person.person_id AS k0
          FROM pop.person
          WHERE pop.person.sealed = false AND pop.person.is_minor_14 = false AND pop.person.protection_flag <= 0 AND pop.person.person_id = ANY ($1::UUID[])
  step 6: person.positions ← legal_entity (任职与出资, list)
      SELECT page.c0, page.c1, page.c2, page.c3, page.c4, keys.k0
      FROM unnest($1::UUID[]) AS keys(k0) JOIN LATERAL (SELECT ent.entity_person.role_code AS c0, ent.entity_person.since AS c1, CAST(ent.entity_person.share_ratio AS TEXT) AS c2, ent.entity_person.entity_id AS c3, ent.entity_person.person_ref AS c4, true AS present
      FROM ent.entity_person
      WHERE ent.entity_person.subject_mark <= 0 AND ent.entity_person.person_ref = keys.k0 ORDER BY ent.entity_person.entity_id, ent.entity_person.person_ref, ent.entity_person.role_code
       LIMIT $2::INTEGER) AS page ON true
    step 7: person.positions.entity ← legal_entity (市场主体与其他组织, one)
        SELECT ent.entity.uscc AS c0, ent.entity.name AS c1, ent.entity.status_code AS c2, ent.entity.entity_id AS k0
        FROM ent.entity
        WHERE ent.entity.sealed = false AND ent.entity.entity_id = ANY ($1::UUID[])
  step 8: person.vehicles ← vehicle (机动车, list)
      SELECT page.c0, page.c1, page.c2, page.c3, page.c4, keys.k0
      FROM unnest($1::UUID[]) AS keys(k0) JOIN LATERAL (SELECT veh.vehicle.plate_no AS c0, veh.vehicle.plate_type AS c1, veh.vehicle.vehicle_type AS c2, veh.vehicle.status_code AS c3, veh.vehicle.vehicle_id AS c4, true AS present
      FROM veh.vehicle JOIN veh.ownership ON veh.ownership.vehicle_id = veh.vehicle.vehicle_id
      WHERE veh.ownership.owner_type = '1' AND (veh.ownership.valid_from IS NULL OR veh.ownership.valid_from <= $2::DATE) AND (veh.ownership.valid_to IS NULL OR veh.ownership.valid_to >= $2::DATE) AND veh.vehicle.sealed = false AND veh.ownership.subject_mark <= 0 AND veh.ownership.owner_ref = keys.k0 ORDER BY veh.vehicle.vehicle_id
       LIMIT $3::INTEGER) AS page ON true
  step 9: person.realEstateRights ← property (不动产权利, list)
      SELECT page.c0, page.c1, page.c2, page.c3, keys.k0, keys.k1
      FROM unnest($1::VARCHAR[], $2::VARCHAR[]) AS keys(k0, k1) JOIN LATERAL (SELECT rea."right".right_type AS c0, CAST(rea."right".share_ratio AS TEXT) AS c1, rea."right".unit_no AS c2, rea."right".right_id AS c3, true AS present
      FROM rea."right"
      WHERE rea."right".subject_mark <= 0 AND rea."right".holder_id_type = keys.k0 AND rea."right".holder_id_no = keys.k1 ORDER BY rea."right".right_id
       LIMIT $3::INTEGER) AS page ON true
    step 10: person.realEstateRights.unit ← property (不动产单元, one)
        SELECT rea.unit.unit_no AS c0, rea.unit.location AS c1, rea.unit.planned_usage AS c2, CAST(rea.unit.building_area AS TEXT) AS c3, rea.unit.unit_no AS k0
        FROM rea.unit
        WHERE rea.unit.sealed = false AND rea.unit.unit_no = ANY ($1::VARCHAR[])
  step 11: person.certificates ← certificate (电子证照, list)
      SELECT page.c0, page.c1, page.c2, page.c3, page.c4, keys.k0
      FROM unnest($1::VARCHAR[]) AS keys(k0) JOIN LATERAL (SELECT lic.certificate.type_code AS c0, lic.certificate.cert_no AS c1, lic.certificate.valid_to AS c2, lic.certificate.status_code AS c3, lic.certificate.cert_id AS c4, true AS present
      FROM lic.certificate
      WHERE lic.certificate.holder_type = '1' AND lic.certificate.sealed = false AND lic.certificate.subject_mark <= 0 AND lic.certificate.status_code = '1' AND (lic.certificate.valid_to IS NULL OR lic.certificate.valid_to >= $2::DATE) AND lic.certificate.holder_id_no = keys.k0 ORDER BY lic.certificate.cert_id
       LIMIT $3::INTEGER) AS page ON true
  step 12: person.cases ← enforcement (案件, page)
      SELECT page.c0, page.c1, page.c2, page.c3, page.c4, page.c5, keys.k0, counted.total, page.present
      FROM unnest($1::VARCHAR[]) AS keys(k0) JOIN LATERAL (SELECT count(*) AS total
      FROM cas."case" JOIN cas.party ON cas.party.case_id = cas."case".case_id
      WHERE cas.party.role_code = '1' AND (cas."case".org_id = ANY ($2::UUID[]) OR cas."case".case_no = $3::VARCHAR) AND cas."case".sealed = false AND cas."case".secret_flag IS NOT true AND cas.party.subject_mark <= 0 AND cas."case".kind = ANY ($4::VARCHAR[]) AND cas."case".decided_on > $5::DATE AND cas.party.subject_ref = keys.k0) AS counted ON true LEFT OUTER JOIN LATERAL (SELECT cas."case".case_no AS c0, cas."case".cause_code AS c1, cas."case".decided_on AS c2, cas."case".status AS c3, cas."case".org_id AS c4, cas."case".case_id AS c5, true AS present
      FROM cas."case" JOIN cas.party ON cas.party.case_id = cas."case".case_id
      WHERE cas.party.role_code = '1' AND (cas."case".org_id = ANY ($2::UUID[]) OR cas."case".case_no = $3::VARCHAR) AND cas."case".sealed = false AND cas."case".secret_flag IS NOT true AND cas.party.subject_mark <= 0 AND cas."case".kind = ANY ($4::VARCHAR[]) AND cas."case".decided_on > $5::DATE AND cas.party.subject_ref = keys.k0 ORDER BY coalesce(cas."case".filed_on, DATE '0001-01-01') DESC, cas."case".case_id DESC
       LIMIT $6::INTEGER) AS page ON true
    step 13: person.cases.nodes.causeName ← matter (案由, scalar)
        SELECT mat.matter_cause.cause_name AS c0, mat.matter_cause.cause_code AS k0
        FROM mat.matter_cause
        WHERE mat.matter_cause.cause_code = ANY ($1::VARCHAR[])
    step 14: person.cases.nodes.org ← personnel (执法主体, one)
        SELECT "off".org.name AS c0, "off".org.org_id AS c1, "off".org.org_id AS k0
        FROM "off".org
        WHERE "off".org.sealed = false AND "off".org.org_id = ANY ($1::UUID[])
clear person (Query.person) by officer-on-a-task-links
clear person.subjectRef (Person.subjectRef) by officer-on-a-task, public-data
clear person.name (Person.name) by officer-on-a-task
clear person.idType (Person.idType) by officer-on-a-task
clear person.idNo (Person.idNo) by officer-on-a-task
clear person.gender (Person.gender) by officer-on-a-task
clear person.birthDate (Person.birthDate) by officer-on-a-task
clear person.isMinor (Person.isMinor) by officer-on-a-task
clear person.mobile (Person.mobile) by officer-on-a-task
clear person.registeredAddress.divisionName (Person.registeredAddress.divisionName) by officer-on-a-task-links
clear person.registeredAddress.divisionName.divisionName (Person.registeredAddress.divisionName) by officer-on-a-task, public-data
clear person.registeredAddress.fullText (Person.registeredAddress.fullText) by officer-on-a-task
clear person.residenceAddress.divisionName (Person.residenceAddress.divisionName) by officer-on-a-task-links
clear person.residenceAddress.divisionName.divisionName (Person.residenceAddress.divisionName) by officer-on-a-task, public-data
clear person.residenceAddress.fullText (Person.residenceAddress.fullText) by officer-on-a-task
clear person.household (Person.household) by officer-on-a-task-links
clear person.household.members (Household.members) by officer-on-a-task-links
clear person.household.members.relation (HouseholdMember.relation) by officer-on-a-task
clear person.household.members.person (HouseholdMember.person) by officer-on-a-task-links
clear person.household.members.person.subjectRef (Person.subjectRef) by officer-on-a-task, public-data
clear person.household.members.person.name (Person.name) by officer-on-a-task
clear person.household.members.person.idNo (Person.idNo) by officer-on-a-task
clear person.household.members.person.isMinor (Person.isMinor) by officer-on-a-task
clear person.positions (Person.positions) by officer-on-a-task-links
clear person.positions.role (EntityPosition.role) by officer-on-a-task, public-data
clear person.positions.since (EntityPosition.since) by officer-on-a-task, public-data
clear person.positions.ratio (EntityPosition.ratio) by officer-on-a-task, public-data
clear person.positions.entity (EntityPosition.entity) by officer-on-a-task-links, public-links
clear person.positions.entity.uscc (LegalEntity.uscc) by officer-on-a-task, public-data
clear person.positions.entity.name (LegalEntity.name) by officer-on-a-task, public-data
clear person.positions.entity.status (LegalEntity.status) by officer-on-a-task, public-data
clear person.vehicles (Person.vehicles) by officer-on-a-task-links
clear person.vehicles.plateNo (Vehicle.plateNo) by officer-general, officer-on-a-task
clear person.vehicles.plateType (Vehicle.plateType) by officer-general, officer-on-a-task
clear person.vehicles.vehicleType (Vehicle.vehicleType) by officer-general, officer-on-a-task
clear person.vehicles.status (Vehicle.status) by officer-on-a-task
clear person.realEstateRights (Person.realEstateRights) by officer-on-a-task-links
clear person.realEstateRights.rightType (RealEstateRight.rightType) by officer-on-a-task
clear person.realEstateRights.shareRatio (RealEstateRight.shareRatio) by officer-on-a-task
withheld person.realEstateRights.mortgaged (RealEstateRight.mortgaged) by step-up-of-officers: STEP_UP_REQUIRED
clear person.realEstateRights.unit (RealEstateRight.unit) by officer-on-a-task-links
clear person.realEstateRights.unit.unitNo (RealEstateUnit.unitNo) by officer-on-a-task
clear person.realEstateRights.unit.location.fullText (RealEstateUnit.location.fullText) by officer-on-a-task
clear person.realEstateRights.unit.usage (RealEstateUnit.usage) by officer-on-a-task
clear person.realEstateRights.unit.area (RealEstateUnit.area) by officer-on-a-task
clear person.certificates (Person.certificates) by officer-on-a-task-links
clear person.certificates.certType (ECertificate.certType) by officer-on-a-task, public-data
clear person.certificates.certNo (ECertificate.certNo) by officer-on-a-task
clear person.certificates.validTo (ECertificate.validTo) by officer-on-a-task
clear person.certificates.status (ECertificate.status) by officer-on-a-task
clear person.cases (Person.cases) by officer-on-a-task-links
clear person.cases.nodes.caseNo (Case.caseNo) by officer-on-a-task
clear person.cases.nodes.causeName (Case.causeName) by officer-on-a-task-links
clear person.cases.nodes.causeName.causeName (Case.causeName) by officer-on-a-task, public-data
clear person.cases.nodes.decidedOn (Case.decidedOn) by officer-on-a-task
clear person.cases.nodes.status (Case.status) by officer-on-a-task
clear person.cases.nodes.org (Case.org) by officer-on-a-task-links
clear person.cases.nodes.org.name (EnforcementOrg.name) by officer-on-a-task, public-data
clear person.meta.sourceSystem (Person.meta.sourceSystem) by officer-on-a-task, public-data
clear person.meta.sourceUpdatedAt (Person.meta.sourceUpdatedAt) by officer-on-a-task, public-data
clear person.meta.stale (Person.meta.stale) by officer-on-a-task, public-data
clear person.meta.sealed (Person.meta.sealed) by officer-on-a-task
15 statements on 8 databases
