// What stands beside an answer: what was held back, the sources, the plan, the record. Texts go in as text, never as markup.

import { getNamedType } from "/console/editor.js";
import { word } from "/console/words.js";

export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

const list = (items) => make("ul", {}, ...items);
const paragraph = (text) => make("p", { class: "note" }, text);
const code = (text) => make("code", {}, text);
const SHADES = { CLEAR: "good", COMPLETE: "good", RELEASED: "good", WITHHELD: "bad", UNAVAILABLE: "bad", DENIED: "bad", FAILED: "bad" };
const badge = (name) => make("mark", { class: SHADES[name] ?? "" }, word(name));

/** The first line of a field's description: its Chinese term. */
function termOf(schema, coordinate) {
  const [type, field, member] = (coordinate ?? "").split(".");
  let found = schema?.getType(type)?.getFields?.()[field];
  if (member) found = found && getNamedType(found.type).getFields?.()[member];
  return found?.description?.split("\n")[0] ?? "";
}

const term = (schema, coordinate) => {
  const text = termOf(schema, coordinate);
  return text ? make("div", {}, make("small", {}, text)) : null;
};

export function held({ payload, plan, schema }) {
  const access = payload?.extensions?.access ?? { withheld: [], masked: [] };
  if (!access.withheld.length && !access.masked.length) return [paragraph(word("clearAll"))];
  const decided = plan?.fields ?? [];
  const parts = [];
  if (access.withheld.length) {
    const items = access.withheld.map((one) =>
      make("li", {}, make("div", {}, badge("WITHHELD"), " ", code(one.path.join(".")), " ", make("small", {}, one.coordinate)),
        term(schema, one.coordinate),
        make("div", {}, word("codes", one.code), " ", make("small", {}, `${one.code}${one.needs.length ? ` · ${word("needs")} ` : ""}`),
          one.needs.map((need) => word("need", need)).join("、"))));
    parts.push(make("h2", {}, `${word("withheld")} · ${items.length}`), paragraph(word("withheldWhy")), list(items));
  }
  if (access.masked.length) {
    const items = access.masked.map((path) => {
      const name = path.join(".");
      // A union or an interface has a field of that name for each of its types.
      const known = decided.filter((field) => field.path.join(".") === name);
      return make("li", {}, make("div", {}, badge("MASKED"), " ", code(name), " ", make("small", {}, known.map((one) => one.coordinate).join(", "))),
        term(schema, known[0]?.coordinate),
        known.length ? make("div", {}, word(known.some((one) => one.outcome === "masked") ? "maskedAll" : "maskedThirds"), " ",
          make("small", {}, `${word("policy")}: ${known[0].policy}`)) : null);
    });
    parts.push(make("h2", {}, `${word("masked")} · ${items.length}`), paragraph(word("maskedWhy")), list(items));
  }
  return parts;
}

export function sources({ payload }) {
  const found = payload?.extensions?.sources ?? [];
  if (!found.length) return [paragraph(word("sourcesNone"))];
  return [list(found.map((one) =>
    make("li", {}, badge(one.status), " ", word("databases", one.source), " ", make("small", {}, one.source),
      one.asOf ? make("div", {}, make("small", {}, `${word("asOf")} ${one.asOf}`)) : null,
      one.code ? make("div", {}, word("codes", one.code), " ", make("small", {}, one.code)) : null)))];
}

export function plan({ plan: found }) {
  if (!found) return [paragraph(word("notAsked"))];
  if (found.errors) return [paragraph(`${word("planNone")} ${found.errors[0].message}`)];
  if (found.by_hand !== null) return [paragraph(`${word("byHand")} (${found.by_hand}).`)];
  const steps = found.steps.map((step) =>
    make("div", { class: `step depth-${Math.min(step.depth, 4)}` },
      make("details", {},
        make("summary", {}, `${step.index} · `, code(step.path), ` ← ${word("databases", step.database)} `,
          make("small", {}, `${step.database} · ${step.target} · ${step.shape}`)),
        make("pre", {}, step.statement),
        step.thirds ? paragraph(word("thirds")) : null, step.thirds ? make("pre", {}, step.thirds) : null)));
  const rows = found.fields.map((field) =>
    make("tr", {}, make("td", {}, code(field.path.join(".")), make("div", {}, make("small", {}, field.coordinate))),
      make("td", {}, badge(field.outcome.toUpperCase()), field.code ? make("div", {}, make("small", {}, field.code)) : null), make("td", {}, field.policy)));
  const head = make("tr", {}, ...["field", "decision", "policy"].map((name) => make("th", { scope: "col" }, word(name))));
  return [
    make("h2", {}, `${word("steps")} · ${steps.length}`), ...steps,
    make("h2", {}, word("fields")), make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows)),
  ];
}

export function record({ record: found }) {
  if (found === undefined) return [paragraph(word("recordNot"))];
  if (found === null) return [paragraph(word("recordNone"))];
  if (found.errors) return [paragraph(found.errors[0].message)];
  const facts = [
    ["outcome", badge(found.entry.outcome)], ["time", found.time], ["log", found.log], ["sequence", String(found.sequence)],
    ["subjects", String(found.subjects.length)], ["hash", code(found.hash)], ["previous", code(found.previous)],
  ];
  return [
    paragraph(word("recordSays")),
    make("dl", {}, ...facts.flatMap(([name, value]) => [make("dt", {}, word(name)), make("dd", {}, value)])),
    make("pre", {}, JSON.stringify({ entry: found.entry, subjects: found.subjects }, null, 2)),
  ];
}
