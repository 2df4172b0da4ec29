-- $1 numbers of holders, $2 their kind, $3 the day: the first three in force of each
SELECT holder.no AS key, c.*
FROM unnest($1::text[]) AS holder(no)
JOIN LATERAL (
    SELECT cert_no AS "certNo", valid_to AS "validTo", issuer_uscc FROM lic.certificate
    WHERE holder_type = $2 AND holder_id_no = holder.no AND NOT sealed AND status_code = '1'
      AND (valid_to IS NULL OR valid_to >= $3::date)
    ORDER BY cert_id LIMIT 3
) c ON true
