step 0: vehicle ← vehicle (机动车, one)
    SELECT page.c0, page.c1, page.c2, page.c3, page.c4, page.c5, page.c6, page.c7, page.c8, page.c9, page.c10, page.c11, page.c12, page.c13, page.c14, page.c15, page.c16, page.c17, keys.k0, keys.k1 
    FROM unnest($1::VARCHAR[], $2::VARCHAR[]) AS keys(k0, k1) JOIN LATERAL (SELECT veh.vehicle.plate_no AS c0, veh.vehicle.plate_type AS c1, veh.vehicle.brand_model AS c2, veh.vehicle.vehicle_type AS c3, veh.vehicle.body_colour AS c4, veh.vehicle.usage_nature AS c5, veh.vehicle.fuel_type AS c6, veh.vehicle.inspection_valid_to AS c7, veh.vehicle.insurance_to AS c8, veh.vehicle.status_code AS c9, veh.vehicle.vin AS c10, veh.vehicle.vehicle_id AS c11, (SELECT veh.ownership.owner_type 
    FROM veh.ownership 
    WHERE veh.ownership.vehicle_id = veh.vehicle.vehicle_id AND (veh.ownership.valid_from IS NULL OR veh.ownership.valid_from <= $3::DATE) AND (veh.ownership.valid_to IS NULL OR veh.ownership.valid_to >= $3::DATE) ORDER BY veh.ownership.valid_from DESC 
     LIMIT $4::INTEGER) AS c12, (SELECT veh.ownership.owner_ref 
    FROM veh.ownership 
    WHERE veh.ownership.vehicle_id = veh.vehicle.vehicle_id AND (veh.ownership.valid_from IS NULL OR veh.ownership.valid_from <= $3::DATE) AND (veh.ownership.valid_to IS NULL OR veh.ownership.valid_to >= $3::DATE) ORDER BY veh.ownership.valid_from DESC 
     LIMIT $5::INTEGER) AS c13, (SELECT veh.transport_permit.permit_no 
    FROM veh.transport_permit 
    WHERE veh.transport_permit.vehicle_id = veh.vehicle.vehicle_id ORDER BY coalesce(veh.transport_permit.valid_to, DATE 'infinity') DESC, veh.transport_permit.permit_no DESC 
     LIMIT $6::INTEGER) AS c14, veh.vehicle.source_system AS c15, veh.vehicle.source_updated_at AS c16, veh.vehicle.stale AS c17, true AS present 
    FROM veh.vehicle 
    WHERE (veh.vehicle.valid_from IS NULL OR veh.vehicle.valid_from <= $7::DATE) AND (veh.vehicle.valid_to IS NULL OR veh.vehicle.valid_to >= $7::DATE) AND veh.vehicle.plate_no = keys.k0 AND veh.vehicle.plate_type = keys.k1 ORDER BY coalesce(veh.vehicle.valid_from, DATE '0001-01-01') DESC, veh.vehicle.vehicle_id DESC) AS page ON true
  step 1: vehicle.owner ← population (自然人, one)
      SELECT pop.person.person_id AS c0, pop.person.name AS c1, pop.person.id_no AS c2, pop.person.mobile AS c3, pop.person.res_division_code AS c4, pop.person.person_id AS k0 
      FROM pop.person 
      WHERE pop.person.person_id = ANY ($1::UUID[]) ORDER BY pop.person.person_id
    step 2: vehicle.owner.residenceAddress.divisionName ← personnel (行政区划, scalar)
        SELECT div.division.name AS c0, div.division.code AS k0 
        FROM div.division 
        WHERE div.division.code = ANY ($1::VARCHAR[]) ORDER BY div.division.code
  step 3: vehicle.owner ← legal_entity (市场主体与其他组织, one)
      SELECT ent.entity.entity_id AS c0, ent.entity.name AS c1, ent.entity.uscc AS c2, ent.entity.status_code AS c3, ent.entity.legal_rep_name AS c4, ent.entity.legal_rep_mobile AS c5, ent.entity.entity_id AS k0 
      FROM ent.entity 
      WHERE ent.entity.entity_id = ANY ($1::UUID[]) ORDER BY ent.entity.entity_id
  step 4: vehicle.roadTransportPermit ← certificate (电子证照, one)
      SELECT lic.certificate.cert_no AS c0, lic.certificate.valid_to AS c1, lic.certificate.status_code AS c2, lic.certificate.seal_verified AS c3, lic.certificate.cert_no AS k0 
      FROM lic.certificate 
      WHERE lic.certificate.type_code = '11440499007000011Q045' AND lic.certificate.cert_no = ANY ($1::VARCHAR[]) ORDER BY lic.certificate.cert_id
  step 5: vehicle.openCases ← enforcement (案件, page)
      SELECT page.c0, page.c1, page.c2, page.c3, page.c4, page.c5, keys.k0, counted.total, page.present 
      FROM unnest($1::VARCHAR[]) AS keys(k0) JOIN LATERAL (SELECT count(*) AS total 
      FROM cas."case" JOIN cas.party ON cas.party.case_id = cas."case".case_id 
      WHERE cas."case".closed_on IS NULL AND cas.party.role_code = '1' AND cas.party.subject_ref = keys.k0) AS counted ON true LEFT OUTER JOIN LATERAL (SELECT cas."case".case_no AS c0, cas."case".kind AS c1, cas."case".cause_code AS c2, cas."case".status AS c3, cas."case".org_id AS c4, cas."case".filed_on AS c5, true AS present 
      FROM cas."case" JOIN cas.party ON cas.party.case_id = cas."case".case_id 
      WHERE cas."case".closed_on IS NULL AND cas.party.role_code = '1' AND cas.party.subject_ref = keys.k0 ORDER BY coalesce(cas."case".filed_on, DATE '0001-01-01') DESC, cas."case".case_id DESC 
       LIMIT $2::INTEGER) AS page ON true
    step 6: vehicle.openCases.nodes.causeName ← matter (案由, scalar)
        SELECT mat.matter_cause.cause_name AS c0, mat.matter_cause.cause_code AS k0 
        FROM mat.matter_cause 
        WHERE mat.matter_cause.cause_code = ANY ($1::VARCHAR[]) ORDER BY mat.matter_cause.cause_code
    step 7: vehicle.openCases.nodes.org ← personnel (执法主体, one)
        SELECT "off".org.name AS c0, "off".org.org_id AS k0 
        FROM "off".org 
        WHERE "off".org.org_id = ANY ($1::UUID[]) ORDER BY "off".org.uscc
8 statements on 7 databases
