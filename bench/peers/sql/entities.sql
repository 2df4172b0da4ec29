-- $1 the first day of establishment, $2 how many
SELECT uscc, name, established_on AS "establishedOn", term_end AS "termEnd",
       registered_capital::text AS "registeredCapital", registration_org AS "registrationOrg",
       contact_name AS "contactName", contact_phone AS "contactPhone", employee_count AS "employeeCount",
       business_scope AS "businessScope"
FROM ent.entity WHERE established_on >= $1::date AND NOT sealed ORDER BY entity_id LIMIT $2
