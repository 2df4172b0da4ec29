// PostGraphile over one database: a root field by the unique code, and the list by a function, which is how its documentation has
// what no table gives by itself.
import { createServer } from 'node:http'
import { makePgService } from 'postgraphile/adaptors/pg'
import { grafserv } from 'postgraphile/grafserv/node'
import { postgraphile } from 'postgraphile'
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber'

const { legal_entity: connectionString } = JSON.parse(process.env.BENCH_DATABASES)

const preset = {
  extends: [PostGraphileAmberPreset],
  pgServices: [makePgService({ connectionString, schemas: ['ent', 'bench'] })],
  gather: { pgStrictFunctions: true },
  grafserv: { graphiql: false, watch: false },
  grafast: { explain: false },
  disablePlugins: ['MutationPlugin', 'PgMutationCreatePlugin', 'PgMutationUpdateDeletePlugin'],
}

const server = createServer()
await postgraphile(preset).createServ(grafserv).addTo(server)
server.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`))
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0))
