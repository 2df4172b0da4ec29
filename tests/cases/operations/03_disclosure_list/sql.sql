step 0: disclosures ← gateway (公示信息, page)
    SELECT page.c0, page.c1, page.c2, page.c3, page.c4, page.c5, page.c6, page.c7, page.c8, page.c9, page.c10, page.c11, page.c12, page.c13, page.s0, page.s1, counted.total, page.present
    FROM (SELECT count(*) AS total
    FROM (SELECT 1 AS item
    FROM gw.disclosure
    WHERE gw.disclosure.state = '2' AND (gw.disclosure.publish_until IS NULL OR gw.disclosure.publish_until >= $1::DATE) AND gw.disclosure.sealed IS false AND gw.disclosure.kind = ANY ($2::VARCHAR[]) AND gw.disclosure.sealed = false AND gw.disclosure.kind = ANY ($3::VARCHAR[]) AND gw.disclosure.division_code LIKE $4::VARCHAR ESCAPE '\' AND gw.disclosure.decided_on >= $5::DATE AND gw.disclosure.decided_on <= $6::DATE AND (gw.disclosure.illegal_act_type ILIKE $7::VARCHAR ESCAPE '\' OR regexp_replace(gw.disclosure.facts, '[0-9A-Za-z*]{5,}', '', 'g') ILIKE $7::VARCHAR ESCAPE '\' OR gw.disclosure.subject_uscc IS NOT NULL AND gw.disclosure.subject_name ILIKE $7::VARCHAR ESCAPE '\') AND gw.disclosure.fine_amount >= $8::NUMERIC
     LIMIT $9::INTEGER) AS items) AS counted LEFT OUTER JOIN (SELECT gw.disclosure.disclosure_id AS c0, gw.disclosure.kind AS c1, gw.disclosure.document_no AS c2, CASE WHEN (gw.disclosure.subject_uscc IS NOT NULL) THEN gw.disclosure.subject_name ELSE CASE WHEN (coalesce(gw.disclosure.subject_name, '') = '') THEN gw.disclosure.subject_name ELSE regexp_replace(CASE WHEN (gw.disclosure.subject_name ~ '^(?:[〇-〇㐀-䶿一-鿿豈-﫿𠀀-𿿽0-9A-Za-z０-９Ａ-Ｚａ-ｚ()（）〔〕“”&·-]{3,}(?:店|厂|廠|院|局|馆|館|校|站|队|隊|铺|舖|档|檔|坊|屋|摊|公司|企业|企業|集团|集團|中心|商行|银行|銀行|车行|車行|药行|支行|分行|米行|琴行|合作社|经济社|旅行社|出版社|杂志社|报社|协会|協會|商会|商會|基金会|委员会|联合会|研究会|促进会|工会|居委会|村委会|理事会|经营部|门市部|维修部|服务部|营业部|经销部|配送部|销售部|供应部|修理部|俱乐部|小卖部|事务所|诊所|派出所|研究所|招待所|交易所|管理所|卫生所|服务所|市场|商场|农场|林场|渔场|养殖场|停车场|加工场|公园|幼儿园|果园|花园|庄园|产业园|工业园|科技园|工作室|办公室|商城|食城|酒楼|茶楼|餐厅|餐廳|食府|超市|网吧|酒吧|政府|农庄)(?:[(（][〇-〇㐀-䶿一-鿿豈-﫿𠀀-𿿽]{2,12}[)）])?|[0-9A-Za-zÀ-ɏ][0-9A-Za-zÀ-ɏ .,&()''-]* (?:Ltd|LTD|Limited|LIMITED|Limitada|LIMITADA|Lda|LDA|Inc|INC|LLC|Corporation|CORPORATION|Company|COMPANY|GmbH|GMBH)[.]?)$') THEN gw.disclosure.subject_name ELSE (SELECT CASE WHEN (char_length(value) < 2) THEN '***' WHEN (value ~ '^(?:欧阳|太史|端木|上官|司马|东方|独孤|南宫|万俟|闻人|夏侯|诸葛|尉迟|公羊|赫连|澹台|皇甫|宗政|濮阳|公冶|太叔|申屠|公孙|慕容|仲孙|钟离|长孙|宇文|司徒|鲜于|司空|闾丘|子车|亓官|司寇|巫马|公西|颛孙|壤驷|公良|漆雕|宰父|拓跋|夹谷|轩辕|令狐|百里|呼延|东郭|南门|羊舌|微生|公户|公仪|公仲|公上|公山|公伯|西门|公祖|第五|公乘|公皙|南荣|东里|东宫|仲长|子桑|即墨|达奚|褚师|纳兰|完颜|耶律|叶赫|歐陽|東方|獨孤|南宮|聞人|諸葛|尉遲|赫連|澹臺|濮陽|公孫|仲孫|鍾離|鐘離|長孫|鮮于|司馬|閭丘|軒轅|東郭|納蘭)[〇-〇㐀-䶿一-鿿豈-﫿𠀀-𿿽]{1,2}$') THEN left(value, 2) || '某' WHEN (value ~ '^[〇-〇㐀-䶿一-鿿豈-﫿𠀀-𿿽]') THEN left(value, 1) || '某' ELSE left(value, 1) || '***' END AS anon_1
    FROM translate(gw.disclosure.subject_name, '
    
    
    
      ­
    
      ⁠　﻿           ​‌‍‎‏', '') AS value) END, '某$', CASE WHEN ($10::VARCHAR = 'SURNAME') THEN '**' ELSE '某' END) END END AS c3, CASE WHEN (gw.disclosure.subject_uscc IS NULL) THEN '1' WHEN (gw.disclosure.subject_uscc LIKE '92%') THEN '3' WHEN (gw.disclosure.subject_uscc LIKE '91%') THEN '2' ELSE '4' END AS c4, gw.disclosure.subject_uscc AS c5, gw.disclosure.cause_code AS c6, gw.disclosure.penalty_kinds AS c7, CAST(CAST(gw.disclosure.fine_amount / CAST(10000 AS NUMERIC) AS NUMERIC(18, 6)) AS TEXT) AS c8, gw.disclosure.decided_on AS c9, gw.disclosure.published_at AS c10, gw.disclosure.publish_until AS c11, gw.disclosure.org_id AS c12, gw.disclosure.division_code AS c13, CAST(gw.disclosure.decided_on AS TEXT) AS s0, CAST(gw.disclosure.disclosure_id AS TEXT) AS s1, true AS present
    FROM gw.disclosure
    WHERE gw.disclosure.state = '2' AND (gw.disclosure.publish_until IS NULL OR gw.disclosure.publish_until >= $1::DATE) AND gw.disclosure.sealed IS false AND gw.disclosure.kind = ANY ($2::VARCHAR[]) AND gw.disclosure.sealed = false AND gw.disclosure.kind = ANY ($3::VARCHAR[]) AND gw.disclosure.division_code LIKE $4::VARCHAR ESCAPE '\' AND gw.disclosure.decided_on >= $5::DATE AND gw.disclosure.decided_on <= $6::DATE AND (gw.disclosure.illegal_act_type ILIKE $7::VARCHAR ESCAPE '\' OR regexp_replace(gw.disclosure.facts, '[0-9A-Za-z*]{5,}', '', 'g') ILIKE $7::VARCHAR ESCAPE '\' OR gw.disclosure.subject_uscc IS NOT NULL AND gw.disclosure.subject_name ILIKE $7::VARCHAR ESCAPE '\') AND gw.disclosure.fine_amount >= $8::NUMERIC ORDER BY gw.disclosure.decided_on DESC, gw.disclosure.disclosure_id DESC
     LIMIT $11::INTEGER) AS page ON true
  step 1: disclosures.nodes.causeName ← matter (案由, scalar)
      SELECT mat.matter_cause.cause_name AS c0, mat.matter_cause.cause_code AS k0
      FROM mat.matter_cause
      WHERE mat.matter_cause.cause_code = ANY ($1::VARCHAR[])
  step 2: disclosures.nodes.org ← personnel (执法主体, one)
      SELECT "off".org.name AS c0, "off".org.org_id AS k0
      FROM "off".org
      WHERE "off".org.sealed = false AND "off".org.org_id = ANY ($1::UUID[])
  step 3: disclosures.nodes.division ← personnel (行政区划, one)
      SELECT div.division.code AS c0, div.division.name AS c1, div.division.code AS k0
      FROM div.division
      WHERE div.division.code = ANY ($1::VARCHAR[])
clear disclosures (Query.disclosures) by public-links
clear disclosures.nodes.disclosureId (Disclosure.disclosureId) by public-data
clear disclosures.nodes.kind (Disclosure.kind) by public-data
clear disclosures.nodes.documentNo (Disclosure.documentNo) by public-data
masked disclosures.nodes.subjectName (Disclosure.subjectName) by published-names-masked
clear disclosures.nodes.subjectType (Disclosure.subjectType) by public-data
clear disclosures.nodes.subjectUscc (Disclosure.subjectUscc) by public-data
clear disclosures.nodes.causeName (Disclosure.causeName) by public-links
clear disclosures.nodes.causeName.causeName (Disclosure.causeName) by public-links
clear disclosures.nodes.penaltyKinds (Disclosure.penaltyKinds) by public-data
clear disclosures.nodes.fineAmount10k (Disclosure.fineAmount10k) by public-data
clear disclosures.nodes.decidedOn (Disclosure.decidedOn) by public-data
clear disclosures.nodes.publishedAt (Disclosure.publishedAt) by public-data
clear disclosures.nodes.publishUntil (Disclosure.publishUntil) by public-data
clear disclosures.nodes.org (Disclosure.org) by public-links
clear disclosures.nodes.org.name (EnforcementOrg.name) by public-data
clear disclosures.nodes.division (Disclosure.division) by public-links
clear disclosures.nodes.division.code (Division.code) by public-data
clear disclosures.nodes.division.name (Division.name) by public-data
4 statements on 3 databases
