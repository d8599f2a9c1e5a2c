// Loads resources into a running server by PUT: those of a FHIR package (.tgz), of a folder, or of one JSON file. It can be run
// again, also after it was stopped: what is stored already and the same is passed over. `npm run load -- --help` says more.
import { openDoor } from './caller/door.ts'
import { readArguments, USAGE, UsageError } from './load/arguments.ts'
import { asDraft } from './load/as-draft.ts'
import { load, type Tally } from './load/load.ts'
import { readResources } from './load/read-resources.ts'

const PROGRESS_MILLISECONDS = 1_000

const TO_DRAFTS =
  'A plan comes into force here by $submit, $approve of a second person and $activate: load it again with --drafts.'

const tell = (tally: Tally, total: number): string => {
  const done = tally.created + tally.updated + tally.unchanged + tally.refused.length
  return `${done} of ${total} · ${tally.created} created · ${tally.updated} updated · ${tally.unchanged} the same · ${tally.refused.length} refused`
}

try {
  const settings = readArguments(process.argv.slice(2))
  if (settings === 'help') console.log(USAGE)
  else {
    const { resources: found, skipped } = await readResources(settings.path, settings)
    const resources = settings.drafts ? found.map(asDraft) : found
    console.log(`${resources.length} resources in ${settings.path}${skipped > 0 ? `; ${skipped} files hold none` : ''}`)
    const { base, clientId, clientSecret, parallel } = settings
    const tally: Tally = { created: 0, updated: 0, unchanged: 0, refused: [] }
    const timer = setInterval(() => console.log(tell(tally, resources.length)), PROGRESS_MILLISECONDS)
    try {
      await load(resources, { open: () => openDoor(base, { clientId, clientSecret }), parallel, tally })
    } finally {
      clearInterval(timer)
    }
    for (const { name, why } of tally.refused) console.log(`refused ${name}: ${why}`)
    if (!settings.drafts && tally.refused.some(({ why }) => why.includes('$activate'))) console.log(TO_DRAFTS)
    console.log(tell(tally, resources.length))
    if (tally.refused.length > 0) process.exitCode = 1
  }
} catch (error) {
  const isOrdinary = error instanceof UsageError || (error instanceof TypeError && error.message === 'fetch failed')
  if (!isOrdinary) throw error
  console.error(error instanceof UsageError ? error.message : 'The server does not answer; --base says where it is.')
  process.exitCode = 1
}
