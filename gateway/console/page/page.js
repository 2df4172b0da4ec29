// The page: who asks, what, and what came of it.

import { makeEditor, parse } from "/console/editor.js";
import { about, ask, codeOf, planOf, recordOf, schemaOf } from "/console/gateway.js";
import * as panels from "/console/panels.js";
import { speak, spoken, word } from "/console/words.js";

const KEPT = 50; // questions in the history
const NARROW = matchMedia("(max-width: 820px)"); // as in page.css: there the answer stands below the question
const at = (id) => document.getElementById(id);
const form = at("access");
const tabs = [...document.querySelectorAll('[role="tab"]')];
const known = await about();
const asked = [];
let shown = null;

const query = makeEditor({ host: at("query"), language: "graphql", label: () => word("query"), onRun: run });
const variables = makeEditor({ host: at("variables"), language: "json", label: () => word("variables"), onRun: run });
const answer = makeEditor({ host: at("answer"), language: "shown", label: () => word("answerText") });

// --- what is asked -------------------------------------------------------------------------------

function who() {
  return known.demo ? { caller: at("caller").value, acr: at("strong").checked ? "2" : "1" } : { token: at("token").value.trim() };
}

function stated() {
  const access = Object.fromEntries(new FormData(form).entries().filter(([, value]) => value));
  if (access.onWithheld) access.onWithheld = "REJECT";
  return Object.keys(access).length ? access : null;
}

function state(access) {
  for (const field of form.elements) {
    if (field.type === "checkbox") field.checked = access?.onWithheld === "REJECT";
    else field.value = access?.[field.name] ?? "";
  }
}

function parameters() {
  const given = variables.text.trim() ? JSON.parse(variables.text) : {};
  if (given === null || typeof given !== "object" || Array.isArray(given)) throw new SyntaxError();
  const access = stated();
  return { query: query.text, variables: given, ...(access ? { extensions: { access } } : {}) };
}

function choose(operation) {
  at("caller").value = operation.caller;
  at("strong").checked = operation.acr === "2";
  query.text = operation.query;
  variables.text = JSON.stringify(operation.variables, null, 2);
  state(operation.access);
}

let latest = 0;
async function learn() {
  const mine = ++latest;
  if (!known.demo && !who().token) return say("knows", word("tokenFirst"));
  const found = await schemaOf(who(), stated()).catch(() => ({ code: "?" }));
  if (mine !== latest) return; // another caller was chosen meanwhile
  query.schema = found.schema;
  const types = found.schema && Object.keys(found.schema.getTypeMap()).filter((name) => !name.startsWith("__"));
  say("knows", types ? word("schemaKnown")(types.length) : word("schemaNone")(word("codes", found.code)));
}

// --- what came of it -----------------------------------------------------------------------------

function say(id, ...parts) {
  at(id).replaceChildren(...parts.map((part) => (typeof part === "string" ? panels.make("span", {}, part) : part)));
}

async function run() {
  if (at("run").disabled) return;
  let sent;
  try {
    sent = parameters();
  } catch {
    return say("status", panels.make("mark", { class: "bad" }, word("variablesWrong")));
  }
  if (!known.demo && !who().token) return say("status", panels.make("mark", { class: "bad" }, word("tokenFirst")));
  at("run").disabled = true;
  say("status", word("asking"));
  try {
    await answerTo(who(), sent);
  } catch {
    say("status", panels.make("mark", { class: "bad" }, word("failed")));
  } finally {
    at("run").disabled = false;
  }
}

async function answerTo(asker, sent) {
  const found = await ask(asker, sent);
  const inside = known.demo ? await Promise.all([planOf(asker, sent), recordOf(asker, found.bytes)]) : [];
  const { schema } = await schemaOf(asker, sent.extensions?.access ?? null);
  shown = { ...found, sent, asker, schema, plan: inside[0], record: inside[1], at: new Date() };
  asked.unshift(shown);
  asked.length = Math.min(asked.length, KEPT);
  show();
  if (NARROW.matches) at("found").scrollIntoView();
}

function nameOf(text) {
  try {
    const [first] = parse(text).definitions;
    return first.name?.value ?? first.selectionSet.selections[0].name.value;
  } catch {
    return text.trim().slice(0, 40);
  }
}

const callerOf = (asker) => (asker.caller ? word("callers", asker.caller) : "");

function show() {
  fill("asked", asked.length ? [panels.make("ul", {}, ...asked.map(again))] : [panels.make("p", { class: "note" }, word("notAsked"))]);
  if (shown === null) {
    for (const name of ["held", "sources", "plan", "record"]) fill(name, [panels.make("p", { class: "note" }, word("notAsked"))]);
    return say("status", word("notAsked"));
  }
  const code = codeOf(shown.payload);
  say("status", panels.make("mark", { class: code ? "bad" : "good" }, code ?? "OK"), word("status")(shown.status, shown.ms, shown.bytes.byteLength),
    shown.requestId ? panels.make("small", {}, `${word("requestId")} ${shown.requestId}`) : "");
  answer.text = shown.payload ? JSON.stringify(shown.payload, null, 2) : "";
  for (const name of ["held", "sources", "plan", "record"]) fill(name, panels[name](shown));
  const access = shown.payload?.extensions?.access;
  count("held", (access?.withheld.length ?? 0) + (access?.masked.length ?? 0), access?.withheld.length);
  const down = (shown.payload?.extensions?.sources ?? []).filter((one) => one.status !== "COMPLETE");
  count("sources", down.length, down.length);
}

const fill = (name, parts) => at(`panel-${name}`).replaceChildren(...parts);

function count(name, number, bad) {
  const node = at(`tab-${name}`).querySelector("b");
  node.textContent = number;
  node.hidden = !number;
  node.className = bad ? "bad" : "";
}

function again(one) {
  const button = panels.make("button", { type: "button", class: "again" }, `${one.at.toLocaleTimeString(document.documentElement.lang)} · ${nameOf(one.sent.query)} `,
    panels.make("small", {}, `${callerOf(one.asker)} · HTTP ${one.status}`));
  button.addEventListener("click", () => {
    if (one.asker.caller) {
      at("caller").value = one.asker.caller;
      at("strong").checked = one.asker.acr === "2";
    }
    query.text = one.sent.query;
    variables.text = JSON.stringify(one.sent.variables, null, 2);
    state(one.sent.extensions?.access);
    shown = one;
    show();
    open("answer");
    learn();
  });
  return panels.make("li", {}, button);
}

function open(name, focus = false) {
  for (const tab of tabs) {
    const chosen = tab.id === `tab-${name}`;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
    at(tab.getAttribute("aria-controls")).hidden = !chosen;
    if (chosen && focus) tab.focus();
  }
}

// --- the whole page ------------------------------------------------------------------------------

function options(select, values, label) {
  const chosen = select.value;
  select.replaceChildren(...values.map((value) => panels.make("option", { value }, label(value))));
  if (values.includes(chosen)) select.value = chosen;
}

function relabel() {
  speak();
  at("language").textContent = word("language");
  at("language").lang = spoken() === "zh" ? "en" : "zh-CN";
  options(at("caller"), known.callers.map((one) => one.name), (name) => word("callers", name));
  options(at("operation"), known.operations.map((one) => one.name), (name) => {
    const { title } = known.operations.find((one) => one.name === name);
    return `${name.slice(0, 2)} ${title[spoken()]}`;
  });
  options(form.elements.purpose, ["", ...known.purposes], (name) => (name ? word("purposes", name) : word("none")));
  for (const editor of [query, variables, answer]) editor.relabel();
  show();
}

for (const node of document.querySelectorAll(".demo")) node.hidden = !known.demo;
for (const node of document.querySelectorAll(".bare")) node.hidden = known.demo;
at("run").addEventListener("click", run);
at("language").addEventListener("click", () => {
  speak(spoken() === "zh" ? "en" : "zh");
  relabel();
  learn();
});
for (const id of ["caller", "strong", "token", "access"]) at(id).addEventListener("change", learn);
form.addEventListener("submit", (event) => event.preventDefault());
at("operation").addEventListener("change", () => {
  choose(known.operations.find((one) => one.name === at("operation").value));
  learn();
});
for (const tab of tabs) tab.addEventListener("click", () => open(tab.id.slice(4)));
at("tabs").addEventListener("keydown", (event) => {
  const there = tabs.filter((tab) => !tab.hidden);
  const place = there.indexOf(document.activeElement);
  const next = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: there.length - 1 }[event.key];
  if (next === undefined || place < 0) return;
  event.preventDefault();
  open(there.at(next % there.length).id.slice(4), true);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.defaultPrevented) run();
});

relabel();
open("answer");
if (known.operations.length) choose(known.operations[0]);
learn();
