import { parseArgs } from 'node:util'

export type Settings = {
  /** Where the server is, without a slash at the end. */
  base: string
  clientId: string
  clientSecret: string
  patients: number
  /** Observations per second, of all patients together. */
  rate: number
  minutes: number
  /** Shares, 0–1. */
  exacerbations: number
  offline: number
  seed: string
}

export const USAGE = `npm run simulate -- [options]
  --base <url>           the server (http://localhost:8080)
  --patients <n>         how many of the enrolled patients measure (10); Line Danser is left alone
  --rate <n>             Observations per second, of all together (2)
  --minutes <n>          how long (5)
  --exacerbations <0–1>  the share of patients who get worse meanwhile (0.2)
  --offline <0–1>        the share whose phone loses the net now and then and sends all at once later (0.2)
  --seed <text>          another text is another course (today's date)
  --client <id> --secret <secret>   (demo-service, demo-service-secret)`

/** What was asked for cannot be done; the message is one line for the person at the terminal. */
export class UsageError extends Error {}

/** @throws UsageError that names the option */
export function readArguments(words: string[]): Settings | 'help' {
  const values = parse(words)
  if (values.help) return 'help'
  const url = URL.parse(values.base)
  if (!url || !/^https?:$/.test(url.protocol)) throw new UsageError(`--base ${values.base} is not an http address.`)
  return {
    base: values.base.replace(/\/+$/, ''),
    clientId: values.client,
    clientSecret: values.secret,
    patients: number(values.patients, '--patients', 1, 100_000),
    rate: number(values.rate, '--rate', 0.01, 10_000),
    minutes: number(values.minutes, '--minutes', 0.01, 10_000),
    exacerbations: number(values.exacerbations, '--exacerbations', 0, 1),
    offline: number(values.offline, '--offline', 0, 1),
    seed: values.seed,
  }
}

function parse(words: string[]) {
  try {
    return parseArgs({
      args: words,
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        base: { type: 'string', default: 'http://localhost:8080' },
        client: { type: 'string', default: 'demo-service' },
        secret: { type: 'string', default: 'demo-service-secret' },
        patients: { type: 'string', default: '10' },
        rate: { type: 'string', default: '2' },
        minutes: { type: 'string', default: '5' },
        exacerbations: { type: 'string', default: '0.2' },
        offline: { type: 'string', default: '0.2' },
        seed: { type: 'string', default: new Date().toISOString().slice(0, 10) },
      },
    }).values
  } catch (error) {
    const [line] = (error instanceof Error ? error.message : String(error)).split('\n')
    throw new UsageError(`${line} --help says what there is.`)
  }
}

function number(text: string, option: string, low: number, high: number): number {
  const value = Number(text)
  if (text.trim() === '' || !(value >= low && value <= high)) {
    throw new UsageError(`${option} ${text} is not a number from ${low} to ${high}.`)
  }
  return value
}
