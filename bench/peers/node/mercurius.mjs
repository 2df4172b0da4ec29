// Mercurius with its just-in-time compiler from the first request on, and its own loaders.
import Fastify from 'fastify'
import mercurius from 'mercurius'
import { batches, division, listening, organisation, person, resolvers, typeDefs } from './data.mjs'

// A loader of Mercurius gets objects; ours get keys. An object without a key stays without a row.
const by = (batch, key, shape = (found) => found, none = null) => async (queries) => {
  const keys = queries.map(({ obj }) => obj[key])
  const wanted = keys.filter((value) => value != null)
  const found = new Map(wanted.length ? (await batch(wanted)).map((row, at) => [wanted[at], row]) : [])
  return keys.map((value) => shape(found.get(value) ?? none))
}
const name = (row) => row && row.name

const loaders = {
  Vehicle: {
    async owner(queries) {
      const natural = ({ obj }) => obj.owner_type === '1'
      const [persons, owners] = [queries.filter(natural), queries.filter((query) => !natural(query))]
      const [one, other] = await Promise.all([
        persons.length ? by(batches.persons, 'owner_ref', person)(persons) : [],
        owners.length ? by(batches.owners, 'owner_ref', organisation)(owners) : [],
      ])
      return queries.map((query) => (natural(query) ? one : other).shift())
    },
  },
  Person: {
    certificates: by(batches.personsCertificates, 'idNo', undefined, []),
    realEstateRights: by(batches.personsRights, 'idNo', undefined, []),
  },
  LegalEntity: {
    certificates: by(batches.organisationsCertificates, 'uscc', undefined, []),
    realEstateRights: by(batches.organisationsRights, 'uscc', undefined, []),
  },
  ECertificate: { issuingOrg: by(batches.issuers, 'issuer_uscc', name) },
  EnforcementOrg: { parent: by(batches.orgs, 'parent_org_id') },
  Disclosure: {
    causeName: by(batches.causes, 'cause_code', name),
    org: by(batches.orgs, 'org_id'),
    division: by(batches.divisions, 'division_code', division),
  },
}

const app = Fastify({ logger: false })
app.register(mercurius, { schema: typeDefs, resolvers, loaders, jit: 1, graphiql: false })
await app.listen({ host: '127.0.0.1', port: 0 })
listening(app.server.address().port)
