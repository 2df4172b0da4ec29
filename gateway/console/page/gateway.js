// What is asked of the gateway. Tokens, schemas and answers are in the memory of this page and nowhere else.

import { buildClientSchema, getIntrospectionQuery } from "/console/editor.js";

const SAFE = { credentials: "omit", cache: "no-store", redirect: "error", referrerPolicy: "no-referrer" };
const TOKEN_CODES = new Set(["UNAUTHENTICATED", "TOKEN_EXPIRED", "TOKEN_REVOKED"]);
const tokens = new Map();
const schemas = new Map();

const json = (token) => ({ "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) });

export const about = async () => (await fetch("/console/about", SAFE)).json();

async function tokenOf(who) {
  if (who.token !== undefined) return who.token;
  const key = `${who.caller} ${who.acr}`;
  if (!tokens.has(key)) {
    const body = JSON.stringify({ caller: who.caller, acr: who.acr });
    const response = await fetch("/console/token", { ...SAFE, method: "POST", headers: json(), body });
    tokens.set(key, (await response.json()).token);
  }
  return tokens.get(key);
}

export const codeOf = (payload) => payload?.errors?.[0]?.extensions?.code;

async function post(path, who, parameters) {
  const headers = { ...json(await tokenOf(who)), accept: "application/graphql-response+json, application/json;q=0.9" };
  const response = await fetch(path, { ...SAFE, method: "POST", headers, body: JSON.stringify(parameters) });
  const bytes = await response.arrayBuffer();
  let payload = null;
  try {
    payload = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    // what stands between us and the gateway may answer in its own way: then there is the status
  }
  return { status: response.status, requestId: response.headers.get("x-request-id"), bytes, payload };
}

/** The answer; a token of the demo that is no longer good is fetched anew, once. */
export async function ask(who, parameters) {
  const begun = performance.now();
  let answer = await post("/graphql", who, parameters);
  if (who.token === undefined && TOKEN_CODES.has(codeOf(answer.payload))) {
    tokens.delete(`${who.caller} ${who.acr}`);
    answer = await post("/graphql", who, parameters);
  }
  return { ...answer, ms: Math.round(performance.now() - begun) };
}

/** The schema as this caller knows it, or the code of the refusal. */
export async function schemaOf(who, access) {
  const key = JSON.stringify([who, access]);
  if (!schemas.has(key)) {
    const { payload } = await ask(who, { query: getIntrospectionQuery(), extensions: access ? { access } : {} });
    if (!payload?.data) return { code: codeOf(payload) ?? "?" };
    schemas.set(key, { schema: buildClientSchema(payload.data) });
  }
  return schemas.get(key);
}

export const planOf = async (who, parameters) => (await post("/console/plan", who, parameters)).payload;

/** The record of an answer, found by the hash of its bytes; undefined where the browser computes none. */
export async function recordOf(who, bytes) {
  if (!globalThis.crypto?.subtle) return undefined;
  const hashed = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const name = Array.from(hashed, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const headers = { authorization: `Bearer ${await tokenOf(who)}` };
  return (await fetch(`/console/record/${name}`, { ...SAFE, headers })).json();
}
