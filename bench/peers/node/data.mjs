// What Mercurius and Yoga share: pools, the statements of the other peers as prepared ones, and the resolvers that ask no loader.
import { readFileSync, readdirSync } from 'node:fs'
import pg from 'pg'

const { Pool, types } = pg
types.setTypeParser(types.builtins.DATE, (text) => text) // a Date object would be a moment, and would cost more

const dsns = JSON.parse(process.env.BENCH_DATABASES)
const { status: statuses, level: levels } = JSON.parse(process.env.BENCH_CODES)
const today = process.env.BENCH_DAY

const statements = {}
for (const file of readdirSync('.').filter((name) => name.endsWith('.sql'))) {
  statements[file.slice(0, -4)] = readFileSync(file, 'utf8')
}
const pools = {}
for (const name of ['vehicle', 'population', 'legal_entity', 'certificate', 'property', 'personnel', 'matter', 'gateway']) {
  pools[name] = new Pool({ connectionString: dsns[name] })
}

export const typeDefs = readFileSync('schema.graphql', 'utf8')

export async function rows(database, statement, values) {
  return (await pools[database].query({ name: statement, text: statements[statement], values })).rows
}

// A batch function: for each key its first row, or null.
export const one = (database, statement) => async (keys) => {
  const found = new Map((await rows(database, statement, [[...new Set(keys)]])).map((row) => [row.key, row]))
  return keys.map((key) => found.get(key) ?? null)
}

// A batch function: for each key all its rows.
export const many = (database, statement, ...values) => async (keys) => {
  const found = new Map()
  for (const row of await rows(database, statement, [[...new Set(keys)], ...values])) {
    const rowsOfKey = found.get(row.key)
    if (rowsOfKey) rowsOfKey.push(row)
    else found.set(row.key, [row])
  }
  return keys.map((key) => found.get(key) ?? [])
}

export const batches = {
  persons: one('population', 'persons'),
  owners: one('legal_entity', 'owners'),
  issuers: one('personnel', 'issuers'),
  orgs: one('personnel', 'orgs'),
  divisions: one('personnel', 'divisions'),
  causes: one('matter', 'causes'),
  personsCertificates: many('certificate', 'certificates', '1', today),
  organisationsCertificates: many('certificate', 'certificates', '2', today),
  personsRights: many('property', 'rights', '1'),
  organisationsRights: many('property', 'rights', '7'),
}

const coded = (code, names) => ({ code, label: names[code] ?? code })
const kinds = { INSPECTION: '1', PENALTY: '2', COERCION: '3' }
const kindNames = { 1: 'INSPECTION', 2: 'PENALTY', 3: 'COERCION' }

export const person = (row) => row && { ...row, __typename: 'Person' }
export const organisation = (row) => row && { ...row, __typename: 'LegalEntity' }
export const division = (row) => row && { code: row.key, name: row.name }

export const resolvers = {
  Subject: { resolveType: (subject) => subject.__typename },
  Query: {
    vehicle: async (_, { plateNo }) => (await rows('vehicle', 'vehicle', [plateNo, today]))[0] ?? null,
    disclosures: async (_, { filter }) => ({
      nodes: await rows('gateway', 'disclosures', [
        filter.kinds.map((kind) => kinds[kind]),
        filter.divisionPrefix,
        filter.decidedTo,
        today,
      ]),
    }),
    legalEntity: async (_, { uscc }) => (await rows('legal_entity', 'entity', [uscc]))[0] ?? null,
    legalEntities: async (_, { filter, first }) => ({
      nodes: await rows('legal_entity', 'entities', [filter.establishedFrom, first]),
    }),
  },
  Vehicle: {
    status: (vehicle) => vehicle.status_code && [...vehicle.status_code].map((code) => coded(code, statuses)),
  },
  Disclosure: { kind: (disclosure) => kindNames[disclosure.kind] },
  EnforcementOrg: { level: (org) => coded(org.level, levels) },
}

export function listening(port) {
  console.log(`listening ${port}`)
}

for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0))
