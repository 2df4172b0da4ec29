-- $1 a unified social credit code
SELECT uscc, name, established_on AS "establishedOn", term_end AS "termEnd", registration_org AS "registrationOrg",
       contact_name AS "contactName", contact_phone AS "contactPhone", employee_count AS "employeeCount"
FROM ent.entity WHERE uscc = $1 AND NOT sealed
