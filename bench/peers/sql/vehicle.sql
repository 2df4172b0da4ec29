-- $1 a plate, $2 the day
SELECT v.plate_no AS "plateNo", v.vin, v.brand_model AS "brandModel", v.first_registered_on AS "firstRegisteredOn",
       v.inspection_valid_to AS "inspectionValidTo", v.status_code, o.owner_type, o.owner_ref
FROM veh.vehicle v
LEFT JOIN LATERAL (
    SELECT owner_type, owner_ref FROM veh.ownership
    WHERE vehicle_id = v.vehicle_id AND (valid_from IS NULL OR valid_from <= $2::date)
      AND (valid_to IS NULL OR valid_to >= $2::date)
    ORDER BY valid_from DESC LIMIT 1
) o ON true
WHERE v.plate_no = $1 AND v.plate_type = '02' AND NOT v.sealed
