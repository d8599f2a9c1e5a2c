import type { ParametersParameter } from '@medplum/fhirtypes'
import { auditReach } from '../audit-trail/audit-event-query.ts'
import type { ToldEntry } from '../audit-trail/read-access-log.ts'
import { chooseLanguage } from '../core/decide/words/language.ts'
import { refuse } from '../core/fhir/outcome.ts'
import { parseDateInterval } from '../search/date-interval.ts'
import { readGiven } from './given-parameters.ts'
import type { Operation } from './operation.ts'
import { parametersReply } from './parameters-reply.ts'

const COUNT_DEFAULT = 50
const COUNT_MAX = 200

/**
 * Patient/{id}/$access-log: who has seen and changed a patient's record, when, why and what kinds of data, in words that a patient
 * understands; in bokmål, nynorsk or English, as Accept-Language says. Several requests of one sitting are one entry.
 * @throws Refusal forbidden (no scope for AuditEvent), not-found (somebody else's log), value
 */
export const accessLog: Operation = {
  code: 'access-log',
  title: 'Who has seen my record',
  description:
    'For the patient: who has seen and changed the record, when, why and what kinds of data, in plain language (Accept-Language: nb, nn or en).',
  resource: ['Patient'],
  on: ['instance'],
  letter: 'r',
  isOwn: true,
  in: [
    { name: 'start', type: 'dateTime', min: 0, max: '1', documentation: 'What was done from then on.' },
    { name: 'end', type: 'dateTime', min: 0, max: '1', documentation: 'What was done before then.' },
    { name: 'count', type: 'integer', min: 0, max: '1', documentation: `Entries, at most ${COUNT_MAX}.` },
  ],
  out: [
    {
      ...{ name: 'entry', min: 0, max: '*', documentation: 'One look into the record, newest first.' },
      part: [
        { name: 'text', type: 'string', min: 1, max: '1', documentation: 'All of it as a sentence.' },
        { name: 'said', type: 'string', min: 1, max: '1', documentation: 'The same without when.' },
        { name: 'period', type: 'Period', min: 1, max: '1', documentation: 'From the first thing done to the last.' },
        { name: 'act', type: 'code', min: 1, max: '1', documentation: 'seen, changed, opened or shared.' },
        { name: 'who', type: 'string', min: 1, max: '1', documentation: 'Name of the person or system.' },
        { name: 'person', type: 'Reference', min: 0, max: '1', documentation: 'The person.' },
        { name: 'role', type: 'string', min: 0, max: '1', documentation: 'As what.' },
        { name: 'organization', type: 'string', min: 0, max: '1', documentation: 'For whom.' },
        { name: 'purpose', type: 'string', min: 0, max: '1', documentation: 'What for.' },
        { name: 'because', type: 'string', min: 0, max: '*', documentation: 'Why they could.' },
        { name: 'data', type: 'string', min: 0, max: '*', documentation: 'Kinds of data.' },
      ],
    },
    {
      name: 'next',
      type: 'instant',
      min: 0,
      max: '1',
      documentation: 'There is more; ask again with this as the end.',
    },
  ],
  async handler(exchange, rooms) {
    const { access, id, headers } = exchange
    const given = readGiven(exchange, accessLog)
    const { patients } = auditReach(access, rooms.definitions, 's')
    if (patients && !patients.has(id)) throw refuse('not-found', `There is no Patient/${id}.`)
    const log = await rooms.accessLog({
      patient: id,
      language: chooseLanguage(headers.acceptLanguage),
      countMax: countOf(given.count('count')),
      from: instantOf('start', given.text('start')),
      to: instantOf('end', given.text('end')),
    })
    return parametersReply([
      ...log.entries.map((entry) => ({ name: 'entry', part: partsOf(entry) })),
      ...(log.next === undefined ? [] : [{ name: 'next', valueInstant: log.next }]),
    ])
  },
}

function countOf(count = COUNT_DEFAULT): number {
  if (count >= 1) return Math.min(count, COUNT_MAX)
  throw refuse('value', `count is a whole number from 1 to ${COUNT_MAX}, not ${count}.`, 'count')
}

function instantOf(name: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const interval = parseDateInterval(text)
  if (!interval) throw refuse('value', `${name} must be a date or a moment, not ${text}.`, name)
  return interval.low
}

const partsOf = (entry: ToldEntry): ParametersParameter[] => [
  { name: 'text', valueString: entry.text },
  { name: 'said', valueString: entry.said },
  { name: 'period', valuePeriod: { start: entry.start, end: entry.end } },
  { name: 'act', valueCode: entry.act },
  { name: 'who', valueString: entry.who },
  ...(entry.reference ? [{ name: 'person', valueReference: { reference: entry.reference } }] : []),
  ...(['role', 'organization', 'purpose'] as const).flatMap((name) =>
    entry[name] ? [{ name, valueString: entry[name] }] : [],
  ),
  ...entry.because.map((because) => ({ name: 'because', valueString: because })),
  ...entry.data.map((data) => ({ name: 'data', valueString: data })),
]
