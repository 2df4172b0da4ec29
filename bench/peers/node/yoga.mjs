// Yoga with graphql-jit by its Envelop plugin, and a DataLoader per link in the context of the request. Yoga keeps parsed documents itself.
import { createServer } from 'node:http'
import { useGraphQlJit } from '@envelop/graphql-jit'
import DataLoader from 'dataloader'
import { createSchema, createYoga } from 'graphql-yoga'
import { batches, division, listening, organisation, person, resolvers as shared, typeDefs } from './data.mjs'

const by = (loader, key, shape = (found) => found) => async (parent, _, context) => {
  const value = parent[key]
  return value == null ? null : shape(await context.loaders[loader].load(value))
}
const name = (row) => row && row.name

const resolvers = {
  ...shared,
  Vehicle: {
    ...shared.Vehicle,
    owner: (vehicle, _, context) =>
      (vehicle.owner_type === '1' ? by('persons', 'owner_ref', person) : by('owners', 'owner_ref', organisation))(vehicle, _, context),
  },
  Person: { certificates: by('personsCertificates', 'idNo'), realEstateRights: by('personsRights', 'idNo') },
  LegalEntity: { certificates: by('organisationsCertificates', 'uscc'), realEstateRights: by('organisationsRights', 'uscc') },
  ECertificate: { issuingOrg: by('issuers', 'issuer_uscc', name) },
  EnforcementOrg: { ...shared.EnforcementOrg, parent: by('orgs', 'parent_org_id') },
  Disclosure: {
    ...shared.Disclosure,
    causeName: by('causes', 'cause_code', name),
    org: by('orgs', 'org_id'),
    division: by('divisions', 'division_code', division),
  },
}

// A loader is made when its link is first asked for: most requests need few of them.
class Context {
  constructor() {
    this.made = {}
  }
}
for (const [link, batch] of Object.entries(batches)) {
  Object.defineProperty(Context.prototype, link, {
    get() {
      return (this.made[link] ??= new DataLoader(batch))
    },
  })
}

const yoga = createYoga({
  schema: createSchema({
    typeDefs,
    resolvers: { ...resolvers, Subject: { __resolveType: shared.Subject.resolveType } },
  }),
  context: () => ({ loaders: new Context() }),
  graphiql: false,
  landingPage: false,
  logging: false,
  plugins: [useGraphQlJit()],
})
const server = createServer(yoga)
server.listen(0, '127.0.0.1', () => listening(server.address().port))
