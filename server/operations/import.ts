import { randomUUID } from 'node:crypto'
import type { OperationOutcome, OperationOutcomeIssue } from '@medplum/fhirtypes'
import { isSystem } from '../access/reach.ts'
import { Refusal, refuse, toOutcome } from '../core/fhir/outcome.ts'
import type { Exchange, Rooms } from '../exchange.ts'
import { type ImportLine, type LineDone, parseLine, writeLine } from './import-line.ts'
import type { Operation } from './operation.ts'

/**
 * $import: resources one a line, written one by one as updates, with a report that comes while they are read: an OperationOutcome for each
 * line that was refused and for each stretch of lines that were not, a Parameters with the counts at the end. What the report has told is
 * stored; a report without its end was cut off, and all may be sent again.
 * @throws Refusal forbidden (a person), required (no lines)
 * @see docs/decisions/0098-an-import-is-sent-line-by-line.md
 */
export const systemImport: Operation = {
  code: 'import',
  title: 'Import resources',
  description:
    'Stores resources that come one a line (application/fhir+ndjson, gzip too), each as an update by its id, or by its first identifier where it says no id; what is stored in the same words stays as it is, so that the same lines may be sent again. Answered line by line: an OperationOutcome for what was refused (with the number of the line in operationoutcome-issue-line) and for each stretch that was stored, and a Parameters with the counts at the end. What has been told is stored; without its end, a report was cut off. After 1,000 lines that were refused, the rest is not read.',
  resource: ['Resource'],
  on: ['system'],
  affectsState: true,
  letter: 'c',
  isOwn: true,
  takesAnything: true,
  in: [],
  out: [
    { name: 'lines', type: 'integer', min: 1, max: '1', documentation: 'How many lines were read.' },
    ...['created', 'updated', 'unchanged', 'refused'].map((name) => ({
      ...{ name, type: 'integer', min: 1, max: '1' as const },
      documentation: `How many of them were ${name}.`,
    })),
  ],
  async handler(exchange, rooms) {
    const { access, lines } = exchange
    if (!isSystem(access) || access.patient !== undefined)
      throw refuse('forbidden', 'An import is for systems, with scopes such as system/*.cruds; people send a batch.')
    if (!lines)
      throw refuse(
        'required',
        '$import takes resources one a line in its body, as application/fhir+ndjson.',
        'Content-Type',
      )
    return { status: 200, lines: reportOf(exchange, rooms, lines) }
  },
}

const LINE = 'http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-line'
/** So many are written at the same time, and committed together. */
const TOGETHER_COUNT = 64
/** Who sends something else than what is meant need not send all of it. */
const REFUSED_COUNT_MAX = 1_000

type Tally = Record<LineDone | 'refused' | 'lines', number>

async function* reportOf(exchange: Exchange, rooms: Rooms, lines: AsyncIterable<string>): AsyncGenerator<string> {
  const tally: Tally = { lines: 0, created: 0, updated: 0, unchanged: 0, refused: 0 }
  let group: (ImportLine | { number: number; failed: unknown })[] = []
  const keys = new Set<string>()
  const write = async (): Promise<string> => {
    const given = group
    group = []
    keys.clear()
    return reportOfGroup(await Promise.all(given.map((one) => outcomeOfLine(exchange, rooms, one))), tally, rooms)
  }
  let ended: { error: unknown; number: number } | undefined
  try {
    for await (const text of lines) {
      tally.lines += 1
      if (text.trim() === '') continue
      const line = attempt(text, tally.lines, rooms)
      // Of two lines about one resource the later one is to be what stays.
      if (group.length >= TOGETHER_COUNT || ('key' in line && keys.has(line.key))) yield await write()
      if (tally.refused >= REFUSED_COUNT_MAX) {
        // This line is the first that is not written.
        ended = { error: tooManyRefused(), number: tally.lines }
        break
      }
      group.push(line)
      if ('key' in line) keys.add(line.key)
    }
  } catch (error) {
    // What came before it is written all the same.
    ended = { error, number: tally.lines + 1 }
  }
  if (group.length > 0) yield await write()
  if (ended === undefined) yield `${JSON.stringify(countsOf(tally))}\n`
  else yield `${JSON.stringify(refusalOf(ended.error, ended.number, rooms))}\n`
}

function attempt(text: string, number: number, rooms: Rooms): ImportLine | { number: number; failed: unknown } {
  try {
    return parseLine(text, number, rooms)
  } catch (failed) {
    return { number, failed }
  }
}

type Told = { number: number } & ({ done: LineDone } | { failed: unknown })

async function outcomeOfLine(
  exchange: Exchange,
  rooms: Rooms,
  line: ImportLine | { number: number; failed: unknown },
): Promise<Told> {
  const { number } = line
  if ('failed' in line) return line
  return writeLine(exchange, rooms, line).then(
    (done) => ({ number, done }),
    (failed: unknown) => ({ number, failed }),
  )
}

function reportOfGroup(told: Told[], tally: Tally, rooms: Rooms): string {
  const refused = told.flatMap((one) => ('failed' in one ? [refusalOf(one.failed, one.number, rooms)] : []))
  const stored = told.flatMap((one) => ('done' in one ? [one] : []))
  for (const { done } of stored) tally[done] += 1
  tally.refused += refused.length
  return [...refused, ...(stored.length > 0 ? [stretchOf(stored)] : [])]
    .map((one) => `${JSON.stringify(one)}\n`)
    .join('')
}

function refusalOf(error: unknown, number: number, { reportFault }: Rooms): OperationOutcome {
  const requestId = randomUUID()
  if (!(error instanceof Refusal)) reportFault(error, requestId)
  const { outcome } = toOutcome(error, requestId)
  return { ...outcome, issue: outcome.issue.map((issue) => atLine(issue, number)) }
}

const atLine = (issue: OperationOutcomeIssue, number: number): OperationOutcomeIssue => ({
  ...{ extension: [{ url: LINE, valueInteger: number }] },
  ...issue,
  diagnostics: `Line ${number}: ${issue.diagnostics}`,
})

function stretchOf(stored: { number: number; done: LineDone }[]): OperationOutcome {
  const numbers = (wanted: LineDone) => stored.filter(({ done }) => done === wanted).map(({ number }) => number)
  const issue = (['created', 'updated', 'unchanged'] as const).flatMap((done): OperationOutcomeIssue[] => {
    const all = numbers(done)
    if (all.length === 0) return []
    return [{ severity: 'information', code: 'informational', diagnostics: `${done}: ${linesInWords(all)}` }]
  })
  return { resourceType: 'OperationOutcome', issue }
}

/** `lines 1–3, 5`. @param numbers in order */
function linesInWords(numbers: number[]): string {
  const stretches: [from: number, to: number][] = []
  for (const number of numbers) {
    const last = stretches.at(-1)
    if (last && last[1] === number - 1) last[1] = number
    else stretches.push([number, number])
  }
  const words = stretches.map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`))
  return `${numbers.length === 1 ? 'line' : 'lines'} ${words.join(', ')}`
}

const countsOf = (tally: Tally) => ({
  resourceType: 'Parameters',
  parameter: Object.entries(tally).map(([name, valueInteger]) => ({ name, valueInteger })),
})

const tooManyRefused = () =>
  refuse('too-costly', `After ${REFUSED_COUNT_MAX} lines that were refused, the rest is not read.`)
