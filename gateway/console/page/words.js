// What the page says, in Chinese and in English.

const zh = {
  language: "English",
  caller: "调用者", strong: "双因素登录", token: "访问令牌", operation: "现成操作", run: "执行", question: "查询", found: "结果",
  access: "使用目的与依据（extensions.access）", variables: "变量（JSON）",
  purpose: "使用目的", taskNo: "任务编号", caseNo: "案件编号", agreementNo: "共享协议编号", reason: "事由", coOfficerCertNo: "协办人员执法证号",
  reject: "有字段不可见时拒绝整个查询", none: "（不填）",
  answer: "应答", held: "脱敏与不可见", sources: "数据来源", plan: "执行计划", record: "审计记录", asked: "历史",
  query: "GraphQL 查询编辑器", answerText: "应答内容（JSON）",
  masked: "已脱敏", withheld: "不可见", needs: "需要", clearAll: "本次应答没有脱敏或不可见的字段。",
  maskedWhy: "脱敏在数据库中完成，原文没有离开数据库。", maskedAll: "对该调用者一律脱敏。", maskedThirds: "任务列明的主体为明文，其余第三人脱敏。", withheldWhy: "这些字段为空：没有读取，任何语句中都不含它们。",
  notAsked: "还没有执行查询。", asking: "正在查询……", sourcesNone: "没有查询任何数据库。",
  COMPLETE: "完整", PARTIAL: "部分", STALE: "滞后", UNAVAILABLE: "不可用", asOf: "数据截至",
  steps: "步骤与语句", fields: "逐字段决定", thirds: "对第三人：", byHand: "逐字段执行：此操作含有专门编写的解析函数，没有编译计划", planNone: "此请求没有执行计划：",
  field: "字段", decision: "决定", policy: "依据的策略",
  CLEAR: "明文", MASKED: "脱敏", WITHHELD: "不可见", ABSENT: "不在其模式中",
  recordSays: "应答发出之前，这条记录已写入日志并落盘。记录中没有任何数据值：只有名称、坐标、假名、散列与计数。",
  recordNone: "日志中没有这次应答单独的记录。拒绝过于频繁时合并记录。", recordNot: "浏览器只在 https 或本机地址下计算散列，无法查找记录。",
  log: "日志", sequence: "序号", time: "时间", hash: "本条散列", previous: "前一条散列", outcome: "结果", subjects: "涉及的主体（假名）",
  schemaKnown: (count) => `编辑器按该调用者可见的模式补全与校验：${count} 个类型。`,
  schemaNone: (code) => `没有读到该调用者的模式（${code}），编辑器不作补全与校验。`,
  status: (status, ms, size) => `HTTP ${status} · ${ms} 毫秒 · ${size} 字节`, requestId: "请求编号", failed: "网关没有应答。", variablesWrong: "变量不是 JSON 对象。",
  tokenFirst: "请先填入访问令牌。",
  codes: {
    STEP_UP_REQUIRED: "需要更强的登录方式", PURPOSE_REQUIRED: "需要说明使用目的及其依据", PURPOSE_DENIED: "所述目的不涵盖此内容", FORBIDDEN: "此类调用者不得查看",
    SOURCE_UNAVAILABLE: "数据库不可用", SOURCE_TIMEOUT: "数据库未及时应答", SOURCE_BUSY: "数据库繁忙", UNAUTHENTICATED: "需要有效的访问令牌", TOKEN_EXPIRED: "令牌已过期", TOKEN_REVOKED: "令牌已撤销",
    DOCUMENT_NOT_REGISTERED: "该系统只能执行已登记的文档", RATE_LIMITED: "请求过多", SUBJECT_BUDGET_EXCEEDED: "今日可查主体数已用完",
  },
  need: { acr_values: "双因素登录", max_age: "近期登录", purpose: "使用目的", taskNo: "任务编号", caseNo: "案件编号", agreementNo: "共享协议编号", reason: "事由", coOfficerCertNo: "协办人员执法证号" },
  callers: {
    officer: "执法人员", "officer-without-task": "执法人员（无任务）", supervisor: "执法监督人员", partner: "协同平台：公示", "partner-finance": "协同平台：财政非税", "partner-credit": "协同平台：信用中国",
    "partner-linkage": "协同平台：两法衔接", "partner-statistics": "协同平台：统计",
    "partner-random": "协同平台：双随机一公开", "partner-supervision": "协同平台：互联网+监管", citizen: "公民", enterprise: "企业", public: "公众网站", auditor: "审计人员",
  },
  purposes: {
    INSPECTION: "行政检查", CASE_HANDLING: "案件办理", SUPERVISION: "行政执法监督", STATISTICS: "执法统计", PUBLIC_DISCLOSURE: "行政执法公示", PARTNER_DISCLOSURE: "公示信息共享",
    NON_TAX_PAYMENT: "非税收入缴款", CRIMINAL_LINKAGE: "两法衔接", DOUBLE_RANDOM: "双随机一公开", INTERNET_SUPERVISION: "互联网+监管", AUDIT: "审计", SELF_SERVICE: "本人查询",
  },
  databases: {
    population: "人口库", legal_entity: "法人库", matter: "执法事项库", regulation: "法规库", personnel: "执法队伍及人员库", property: "不动产库", vehicle: "车辆库", certificate: "电子证照库",
    enforcement: "执法案件库", gateway: "网关自有库",
  },
};

const en = {
  language: "中文",
  caller: "Caller", strong: "Two factors", token: "Access token", operation: "Ready operations", run: "Run", question: "Question", found: "Answer",
  access: "Purpose and what it rests on (extensions.access)", variables: "Variables (JSON)",
  purpose: "Purpose", taskNo: "Task", caseNo: "Case", agreementNo: "Agreement", reason: "Reason", coOfficerCertNo: "Second officer's certificate",
  reject: "Refuse the whole where something is withheld", none: "(none)",
  answer: "Answer", held: "Masked, withheld", sources: "Sources", plan: "Plan", record: "Audit record", asked: "History",
  query: "GraphQL editor", answerText: "The answer, JSON",
  masked: "Masked", withheld: "Withheld", needs: "needs", clearAll: "Nothing of this answer is masked or withheld.",
  maskedWhy: "They leave the database masked; the clear text does not.", maskedAll: "Masked to this caller.", maskedThirds: "Clear of whom the task names, masked of third persons.", withheldWhy: "They are null: nothing was read, and they are in no statement.",
  notAsked: "Nothing was asked yet.", asking: "Asking …", sourcesNone: "No database was asked.",
  COMPLETE: "complete", PARTIAL: "partial", STALE: "stale", UNAVAILABLE: "unavailable", asOf: "as of",
  steps: "Steps and statements", fields: "What was decided of each field", thirds: "Of third persons:", byHand: "Field by field: this has a resolver of its own, and no compiled plan", planNone: "This request has no plan:",
  field: "Field", decision: "Decision", policy: "By policy",
  CLEAR: "clear", MASKED: "masked", WITHHELD: "withheld", ABSENT: "not in their schema",
  recordSays: "This was in the log, and on the disk, before the answer left. It holds no value of the data: names, coordinates, pseudonyms, hashes and counts.",
  recordNone: "The log has no record of this answer alone. Refusals that come too fast are summed up.", recordNot: "A browser computes hashes under https or on this machine only: the record cannot be looked for.",
  log: "Log", sequence: "Sequence", time: "Time", hash: "Hash", previous: "Hash before it", outcome: "Outcome", subjects: "Data subjects (pseudonyms)",
  schemaKnown: (count) => `Completed and checked against the schema of this caller: ${count} types.`,
  schemaNone: (code) => `The schema of this caller could not be read (${code}): nothing is completed or checked.`,
  status: (status, ms, size) => `HTTP ${status} · ${ms} ms · ${size} bytes`, requestId: "request", failed: "The gateway gave no answer.", variablesWrong: "The variables are no JSON object.",
  tokenFirst: "An access token is needed first.",
  codes: {
    STEP_UP_REQUIRED: "wants a stronger authentication", PURPOSE_REQUIRED: "wants a purpose and what it rests on", PURPOSE_DENIED: "is not covered by the stated purpose", FORBIDDEN: "is not for this kind of caller",
    SOURCE_UNAVAILABLE: "database not available", SOURCE_TIMEOUT: "database did not answer in time", SOURCE_BUSY: "database busy", UNAUTHENTICATED: "a valid access token is needed", TOKEN_EXPIRED: "the token has expired", TOKEN_REVOKED: "the token was revoked",
    DOCUMENT_NOT_REGISTERED: "this system runs registered documents only", RATE_LIMITED: "too many requests", SUBJECT_BUDGET_EXCEEDED: "today's number of subjects is used up",
  },
  need: { acr_values: "two factors", max_age: "a recent login", purpose: "a purpose", taskNo: "a task", caseNo: "a case", agreementNo: "an agreement", reason: "a reason", coOfficerCertNo: "a second officer" },
  callers: {
    officer: "Officer", "officer-without-task": "Officer without task", supervisor: "Supervisor", partner: "Partner: disclosure", "partner-finance": "Partner: finance", "partner-credit": "Partner: credit",
    "partner-linkage": "Partner: linkage", "partner-statistics": "Partner: statistics",
    "partner-random": "Partner: random inspections", "partner-supervision": "Partner: supervision", citizen: "Citizen", enterprise: "Enterprise", public: "Public site", auditor: "Auditor",
  },
  purposes: {
    INSPECTION: "Inspection", CASE_HANDLING: "Case handling", SUPERVISION: "Supervision", STATISTICS: "Statistics", PUBLIC_DISCLOSURE: "Public disclosure", PARTNER_DISCLOSURE: "Partner disclosure",
    NON_TAX_PAYMENT: "Non-tax payment", CRIMINAL_LINKAGE: "Criminal linkage", DOUBLE_RANDOM: "Random inspections", INTERNET_SUPERVISION: "Internet + supervision", AUDIT: "Audit", SELF_SERVICE: "Self service",
  },
  databases: {
    population: "Population", legal_entity: "Legal entities", matter: "Enforcement matters", regulation: "Regulations", personnel: "Enforcement personnel", property: "Real property", vehicle: "Vehicles",
    certificate: "Certificates", enforcement: "Cases", gateway: "The gateway's own",
  },
};

const tongues = { zh, en };
let tongue = navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";

export const spoken = () => tongue;

/** The word for `name`; `names` lead into a group, whose own name stands where it has no word. */
export function word(name, ...names) {
  let found = tongues[tongue][name];
  for (const one of names) found = found?.[one];
  return found ?? names.at(-1) ?? name;
}

export function speak(other = tongue) {
  tongue = other;
  document.documentElement.lang = tongue === "zh" ? "zh-CN" : "en";
  for (const node of document.querySelectorAll("[data-word]")) node.textContent = word(node.dataset.word);
  for (const node of document.querySelectorAll("[data-label]")) node.setAttribute("aria-label", word(node.dataset.label));
}
