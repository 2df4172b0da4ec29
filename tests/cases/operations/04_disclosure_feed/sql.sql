step 0: disclosureChanges ← gateway (公示变更, page)
    SELECT CAST(gw.change_log.seq AS TEXT) AS c0, gw.change_log.op AS c1, gw.change_log.disclosure_id AS c2, gw.change_log.changed_at AS c3, gw.change_log.withdraw_reason AS c4, gw.change_log.public_reason AS c5, CASE WHEN (gw.change_log.op != 'WITHDRAW') THEN gw.change_log.disclosure_id END AS c6, CAST(gw.change_log.seq AS TEXT) AS s0, CAST((SELECT max(newest.seq) AS max_1
    FROM gw.change_log AS newest) AS TEXT) AS s1
    FROM gw.change_log
    WHERE NOT (EXISTS (SELECT 1
    FROM gw.change_log AS later
    WHERE later.disclosure_id = gw.change_log.disclosure_id AND later.seq > gw.change_log.seq)) AND gw.change_log.kind = ANY ($1::VARCHAR[]) AND gw.change_log.seq > (($2::BIGINT[]) [ 1]) AND (gw.change_log.op != 'WITHDRAW' OR (($2::BIGINT[]) [ 2]) >= 0 AND gw.change_log.seq > (($2::BIGINT[]) [ 2])) ORDER BY gw.change_log.seq, (SELECT max(newest.seq) AS max_1
    FROM gw.change_log AS newest)
     LIMIT $3::INTEGER
  step 1: disclosureChanges.changes.record ← gateway (公示信息, one)
      SELECT gw.disclosure.kind AS c0, gw.disclosure.document_no AS c1, CASE WHEN (gw.disclosure.subject_uscc IS NOT NULL) THEN gw.disclosure.subject_name ELSE CASE WHEN (coalesce(gw.disclosure.subject_name, '') = '') THEN gw.disclosure.subject_name ELSE regexp_replace(CASE WHEN (gw.disclosure.subject_name ~ '^(?:[〇-〇㐀-䶿一-鿿豈-﫿𠀀-𿿽0-9A-Za-z０-９Ａ-Ｚａ-ｚ()（）〔〕“”&·-]{3,}(?:店|厂|廠|院|局|馆|館|校|站|队|隊|铺|舖|档|檔|坊|屋|摊|公司|企业|企業|集团|集團|中心|商行|银行|銀行|车行|車行|药行|支行|分行|米行|琴行|合作社|经济社|旅行社|出版社|杂志社|报社|协会|協會|商会|商會|基金会|委员会|联合会|研究会|促进会|工会|居委会|村委会|理事会|经营部|门市部|维修部|服务部|营业部|经销部|配送部|销售部|供应部|修理部|俱乐部|小卖部|事务所|诊所|派出所|研究所|招待所|交易所|管理所|卫生所|服务所|市场|商场|农场|林场|渔场|养殖场|停车场|加工场|公园|幼儿园|果园|花园|庄园|产业园|工业园|科技园|工作室|办公室|商城|食城|酒楼|茶楼|餐厅|餐廳|食府|超市|网吧|酒吧|政府|农庄)(?:[(（][〇-〇㐀-䶿一-鿿豈-﫿𠀀-𿿽]{2,12}[)）])?|[0-9A-Za-zÀ-ɏ][0-9A-Za-zÀ-ɏ .,&()''-]* (?:Ltd|LTD|Limited|LIMITED|Limitada|LIMITADA|Lda|LDA|Inc|INC|LLC|Corporation|CORPORATION|Company|COMPANY|GmbH|GMBH)[.]?)$') THEN gw.disclosure.subject_name ELSE (SELECT CASE WHEN (char_length(value) < 2) THEN '***' WHEN (value ~ '^(?:欧阳|太史|端木|上官|司马|东方|独孤|南宫|万俟|闻人|夏侯|诸葛|尉迟|公羊|赫连|澹台|皇甫|宗政|濮阳|公冶|太叔|申屠|公孙|慕容|仲孙|钟离|长孙|宇文|司徒|鲜于|司空|闾丘|子车|亓官|司寇|巫马|公西|颛孙|壤驷|公良|漆雕|宰父|拓跋|夹谷|轩辕|令狐|百里|呼延|东郭|南门|羊舌|微生|公户|公仪|公仲|公上|公山|公伯|西门|公祖|第五|公乘|公皙|南荣|东里|东宫|仲长|子桑|即墨|达奚|褚师|纳兰|完颜|耶律|叶赫|歐陽|東方|獨孤|南宮|聞人|諸葛|尉遲|赫連|澹臺|濮陽|公孫|仲孫|鍾離|鐘離|長孫|鮮于|司馬|閭丘|軒轅|東郭|納蘭)[〇-〇㐀-䶿一-鿿豈-﫿𠀀-𿿽]{1,2}$') THEN left(value, 2) || '某' WHEN (value ~ '^[〇-〇㐀-䶿一-鿿豈-﫿𠀀-𿿽]') THEN left(value, 1) || '某' ELSE left(value, 1) || '***' END AS anon_1
      FROM translate(gw.disclosure.subject_name, '
      
      
      
        ­
      
        ⁠　﻿           ​‌‍‎‏', '') AS value) END, '某$', CASE WHEN ($1::VARCHAR = 'SURNAME') THEN '**' ELSE '某' END) END END AS c2, CASE WHEN (gw.disclosure.subject_uscc IS NULL) THEN '1' WHEN (gw.disclosure.subject_uscc LIKE '92%') THEN '3' WHEN (gw.disclosure.subject_uscc LIKE '91%') THEN '2' ELSE '4' END AS c3, gw.disclosure.subject_uscc AS c4, gw.disclosure.cause_code AS c5, CASE WHEN (coalesce(gw.disclosure.facts, '') = '') THEN gw.disclosure.facts ELSE regexp_replace(regexp_replace(regexp_replace(gw.disclosure.facts, '[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领][A-Za-zＡ-Ｚａ-ｚ][
      
      
      
        ­
      
        ⁠　﻿           ​‌‍‎‏·•・‧･⋅‐‑‒–—―−－.-]?[A-Za-zＡ-Ｚａ-ｚ0-9０-９]{4,5}[A-Za-zＡ-Ｚａ-ｚ0-9０-９挂学警港澳试超领]?', '***', 'g'), '[+＋]?[0-9０-９〇零○一二三四五六七八九幺](?:(?:[
      
      
      
        ­
      
        ⁠　﻿           ​‌‍‎‏·•・‧･⋅‐‑‒–—―−－-]{0,3}|[.．](?=[0-9０-９〇零○一二三四五六七八九幺]{3}))[0-9０-９〇零○一二三四五六七八九幺]){10,}(?:(?:[
      
      
      
        ­
      
        ⁠　﻿           ​‌‍‎‏·•・‧･⋅‐‑‒–—―−－-]{0,3}|[.．](?=[0-9０-９〇零○一二三四五六七八九幺]{3}))[XxＸｘ])?', '***', 'g'), '[A-Za-zＡ-Ｚａ-ｚ]{1,2}[0-9０-９]{7,10}', '***', 'g') END AS c6, gw.disclosure.basis AS c7, gw.disclosure.penalty_kinds AS c8, CASE WHEN (coalesce(gw.disclosure.content, '') = '') THEN gw.disclosure.content ELSE regexp_replace(regexp_replace(regexp_replace(gw.disclosure.content, '[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领][A-Za-zＡ-Ｚａ-ｚ][
      
      
      
        ­
      
        ⁠　﻿           ​‌‍‎‏·•・‧･⋅‐‑‒–—―−－.-]?[A-Za-zＡ-Ｚａ-ｚ0-9０-９]{4,5}[A-Za-zＡ-Ｚａ-ｚ0-9０-９挂学警港澳试超领]?', '***', 'g'), '[+＋]?[0-9０-９〇零○一二三四五六七八九幺](?:(?:[
      
      
      
        ­
      
        ⁠　﻿           ​‌‍‎‏·•・‧･⋅‐‑‒–—―−－-]{0,3}|[.．](?=[0-9０-９〇零○一二三四五六七八九幺]{3}))[0-9０-９〇零○一二三四五六七八九幺]){10,}(?:(?:[
      
      
      
        ­
      
        ⁠　﻿           ​‌‍‎‏·•・‧･⋅‐‑‒–—―−－-]{0,3}|[.．](?=[0-9０-９〇零○一二三四五六七八九幺]{3}))[XxＸｘ])?', '***', 'g'), '[A-Za-zＡ-Ｚａ-ｚ]{1,2}[0-9０-９]{7,10}', '***', 'g') END AS c9, CAST(CAST(gw.disclosure.fine_amount / CAST(10000 AS NUMERIC) AS NUMERIC(18, 6)) AS TEXT) AS c10, CAST(CAST(gw.disclosure.confiscated_amount / CAST(10000 AS NUMERIC) AS NUMERIC(18, 6)) AS TEXT) AS c11, gw.disclosure.revoked_licence AS c12, gw.disclosure.result_code AS c13, gw.disclosure.decided_on AS c14, gw.disclosure.valid_until AS c15, gw.disclosure.publish_until AS c16, gw.disclosure.implementation_code AS c17, gw.disclosure.version AS c18, gw.disclosure.org_id AS c19, gw.disclosure.division_code AS c20, gw.disclosure.disclosure_id AS k0
      FROM gw.disclosure
      WHERE gw.disclosure.state = '2' AND (gw.disclosure.publish_until IS NULL OR gw.disclosure.publish_until >= $2::DATE) AND gw.disclosure.sealed IS false AND gw.disclosure.kind = ANY ($3::VARCHAR[]) AND gw.disclosure.sealed = false AND gw.disclosure.disclosure_id = ANY ($4::VARCHAR[])
    step 2: disclosureChanges.changes.record.causeName ← matter (案由, scalar)
        SELECT mat.matter_cause.cause_name AS c0, mat.matter_cause.cause_code AS k0
        FROM mat.matter_cause
        WHERE mat.matter_cause.cause_code = ANY ($1::VARCHAR[])
    step 3: disclosureChanges.changes.record.org ← personnel (执法主体, one)
        SELECT "off".org.name AS c0, "off".org.uscc AS c1, "off".org.org_id AS k0
        FROM "off".org
        WHERE "off".org.sealed = false AND "off".org.org_id = ANY ($1::UUID[])
    step 4: disclosureChanges.changes.record.division ← personnel (行政区划, one)
        SELECT div.division.code AS c0, div.division.code AS k0
        FROM div.division
        WHERE div.division.code = ANY ($1::VARCHAR[])
clear disclosureChanges (Query.disclosureChanges) by public-links
clear disclosureChanges.changes.seq (DisclosureChange.seq) by public-data
clear disclosureChanges.changes.op (DisclosureChange.op) by public-data
clear disclosureChanges.changes.disclosureId (DisclosureChange.disclosureId) by public-data
clear disclosureChanges.changes.changedAt (DisclosureChange.changedAt) by public-data
clear disclosureChanges.changes.withdrawReason (DisclosureChange.withdrawReason) by public-data
clear disclosureChanges.changes.publicReason (DisclosureChange.publicReason) by public-data
clear disclosureChanges.changes.record (DisclosureChange.record) by public-links
clear disclosureChanges.changes.record.kind (Disclosure.kind) by public-data
clear disclosureChanges.changes.record.documentNo (Disclosure.documentNo) by public-data
masked disclosureChanges.changes.record.subjectName (Disclosure.subjectName) by published-names-masked
clear disclosureChanges.changes.record.subjectType (Disclosure.subjectType) by public-data
clear disclosureChanges.changes.record.subjectUscc (Disclosure.subjectUscc) by public-data
clear disclosureChanges.changes.record.causeName (Disclosure.causeName) by public-links
clear disclosureChanges.changes.record.causeName.causeName (Disclosure.causeName) by public-links
masked disclosureChanges.changes.record.facts (Disclosure.facts) by published-texts-masked
clear disclosureChanges.changes.record.basis (Disclosure.basis) by public-data
clear disclosureChanges.changes.record.penaltyKinds (Disclosure.penaltyKinds) by public-data
masked disclosureChanges.changes.record.content (Disclosure.content) by published-texts-masked
clear disclosureChanges.changes.record.fineAmount10k (Disclosure.fineAmount10k) by public-data
clear disclosureChanges.changes.record.confiscatedAmount10k (Disclosure.confiscatedAmount10k) by public-data
clear disclosureChanges.changes.record.revokedLicence (Disclosure.revokedLicence) by public-data
clear disclosureChanges.changes.record.result (Disclosure.result) by public-data
clear disclosureChanges.changes.record.decidedOn (Disclosure.decidedOn) by public-data
clear disclosureChanges.changes.record.validUntil (Disclosure.validUntil) by public-data
clear disclosureChanges.changes.record.publishUntil (Disclosure.publishUntil) by public-data
clear disclosureChanges.changes.record.matterCode (Disclosure.matterCode) by public-data
clear disclosureChanges.changes.record.version (Disclosure.version) by public-data
clear disclosureChanges.changes.record.org (Disclosure.org) by public-links
clear disclosureChanges.changes.record.org.name (EnforcementOrg.name) by public-data
clear disclosureChanges.changes.record.org.uscc (EnforcementOrg.uscc) by public-data
clear disclosureChanges.changes.record.division (Disclosure.division) by public-links
clear disclosureChanges.changes.record.division.code (Division.code) by public-data
5 statements on 3 databases
