-- $1 numbers of holders, $2 the kind of number: the first three of each
SELECT holder.no AS key, r.*
FROM unnest($1::text[]) AS holder(no)
JOIN LATERAL (
    SELECT certificate_no AS "certificateNo", registered_on AS "registeredOn" FROM rea."right"
    WHERE holder_id_type = $2 AND holder_id_no = holder.no
    ORDER BY right_id LIMIT 3
) r ON true
