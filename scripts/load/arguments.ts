import { parseArgs } from 'node:util'

export type Settings = {
  /** A package (.tgz, .tar.gz), a folder, or one JSON or NDJSON file. */
  path: string
  /** Where the server is, without a slash at the end. */
  base: string
  clientId: string
  clientSecret: string
  /** Resources on the way at the same time. */
  parallel: number
  /** The examples of a package too. */
  examples: boolean
  /** Plans that say that they are in force come in as drafts: here they come into force by the acts. */
  drafts: boolean
}

export const USAGE = `npm run load -- <path> [options]
  <path>                 a FHIR package (.tgz), a folder of JSON, or one JSON or NDJSON file
  --base <url>           the server (http://localhost:8080)
  --parallel <n>         resources on the way at the same time (8)
  --examples             the examples of a package too
  --drafts               plans that are active come in as drafts, to be submitted, approved and activated here
  --client <id> --secret <secret>   (demo-service, demo-service-secret)`

/** What was asked for cannot be done; the message is one line for the person at the terminal. */
export class UsageError extends Error {}

/** @throws UsageError that names what is wrong */
export function readArguments(words: string[]): Settings | 'help' {
  const { values, positionals } = parse(words)
  if (values.help) return 'help'
  const [path, ...others] = positionals
  if (path === undefined || others.length > 0) throw new UsageError(`One path is needed.\n${USAGE}`)
  const url = URL.parse(values.base)
  if (!url || !/^https?:$/.test(url.protocol)) throw new UsageError(`--base ${values.base} is not an http address.`)
  const parallel = Number(values.parallel)
  if (!Number.isInteger(parallel) || parallel < 1 || parallel > 64) {
    throw new UsageError(`--parallel ${values.parallel} is not a whole number from 1 to 64.`)
  }
  return {
    path,
    base: values.base.replace(/\/+$/, ''),
    clientId: values.client,
    clientSecret: values.secret,
    parallel,
    examples: values.examples,
    drafts: values.drafts,
  }
}

function parse(words: string[]) {
  try {
    return parseArgs({
      args: words,
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        base: { type: 'string', default: 'http://localhost:8080' },
        client: { type: 'string', default: 'demo-service' },
        secret: { type: 'string', default: 'demo-service-secret' },
        parallel: { type: 'string', default: '8' },
        examples: { type: 'boolean', default: false },
        drafts: { type: 'boolean', default: false },
      },
    })
  } catch (error) {
    const [line] = (error instanceof Error ? error.message : String(error)).split('\n')
    throw new UsageError(`${line} --help says what there is.`)
  }
}
