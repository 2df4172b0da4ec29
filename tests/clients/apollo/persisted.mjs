// Apollo Client as a platform uses it: ids out of the manifest, the text never sent. Reads GATEWAY and TOKENS.
import { readFileSync } from "node:fs";

import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { generatePersistedQueryIdsFromManifest } from "@apollo/persisted-query-lists";
import { createHash } from "node:crypto";
import { parse } from "graphql";

const tokens = JSON.parse(process.env.TOKENS);
const read = (name) => readFileSync(name, "utf-8");
const sha256 = (text) => createHash("sha256").update(text).digest("hex");
const sent = [];

function client(caller, access, options) {
  const http = new HttpLink({
    uri: `${process.env.GATEWAY}/graphql`,
    headers: { authorization: `Bearer ${tokens[caller]}` },
    fetch: async (address, request) => {
      const response = await fetch(address, request);
      const name = new URL(address).searchParams;
      const body = request.body ? JSON.parse(request.body) : Object.fromEntries(name);
      sent.push({ method: request.method, text: "query" in body, status: response.status, cache: response.headers.get("cache-control") });
      return response;
    },
  });
  // Why is said in `extensions.access`, also where the persisted-query link sends the text.
  const why = new ApolloLink((operation, forward) => {
    if (access) {
      operation.extensions = { ...operation.extensions, access };
      operation.setContext(({ http }) => ({ http: { ...http, includeExtensions: true } }));
    }
    return forward(operation);
  });
  return new ApolloClient({ cache: new InMemoryCache(), link: ApolloLink.from([new PersistedQueryLink(options), why, http]) });
}

function manifest(name) {
  return generatePersistedQueryIdsFromManifest({ loadManifest: async () => JSON.parse(read(name)) });
}

// The document as the build tool wrote it into the manifest, which is what the id is the hash of.
const documentOf = (name) => parse(JSON.parse(read(name)).operations[0].body);

async function ask(title, caller, access, options, query, variables) {
  sent.length = 0;
  let told;
  try {
    const { data } = await client(caller, access, options).query({ query, variables, fetchPolicy: "no-cache" });
    told = Object.entries(data).map(([key, value]) => `${key}: ${(value.nodes ?? value).length} records`).join(", ");
  } catch (error) {
    told = error.errors?.map((one) => one.extensions.code).join(", ") ?? String(error);
  }
  const steps = sent.map((one) => `${one.method} ${one.text ? "text" : "id"}: ${one.status}, ${one.cache}`).join(" → ");
  console.log(`${title}\n    ${steps}\n    ${told}`);
}

const finance = documentOf("finance.json");
const codes = { codes: ["44040026000000412376"] };
const agreed = { purpose: "NON_TAX_PAYMENT", agreementNo: "GX-2026-0088" };

await ask("a partner, by the id of its manifest", "partner-finance", agreed, manifest("finance.json"), finance, codes);
await ask("the same for another purpose", "partner-finance", { purpose: "PUBLIC_DISCLOSURE" }, manifest("finance.json"), finance, codes);
await ask("a document that the partner did not register", "partner-finance", agreed, { sha256 }, parse("query Other { __typename }"));
await ask("the public site, by GET", "public", null, { ...manifest("site.json"), useGETForHashedQueries: true }, documentOf("site.json"), { first: 3 });
const fresh = parse("query Fresh { disclosures(first: 2) { nodes { disclosureId } } }");
await ask("the public site, a text that nobody registered", "public", null, { sha256 }, fresh);
