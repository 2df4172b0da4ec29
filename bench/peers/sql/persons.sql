-- $1 keys of persons
SELECT person_id AS key, name AS "displayName", id_no AS "idNo", mobile
FROM pop.person
WHERE person_id = ANY ($1::uuid[]) AND NOT sealed AND NOT is_minor_14 AND protection_flag = 0
