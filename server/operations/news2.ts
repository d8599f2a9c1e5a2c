import type { Condition, Goal, Observation, Patient } from '@medplum/fhirtypes'
import { engineAccess } from '../access/engine-access.ts'
import { permits } from '../access/reach.ts'
import { news2ScaleOf } from '../core/decide/limits/news2-scale.ts'
import { toOsloClock } from '../core/decide/time/oslo-time.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { NEWS2_HOUR, PART_TOKENS } from '../core/news2/measures-of.ts'
import { NEWS2_IDENTIFIER, NEWS2_TOKEN, news2Observation } from '../core/news2/news2-observation.ts'
import type { Spo2Scale } from '../core/news2/table.ts'
import { news2Impediment, PREGNANCY_CODES } from '../core/news2/who-it-is-for.ts'
import type { Definitions } from '../definitions/definitions.ts'
import { type Exchange, type Rooms, withStore } from '../exchange.ts'
import { parseSearch, type SearchQuery } from '../search/search-query.ts'
import { DefinitionReader } from './definition-reader.ts'
import { type Given, readGiven } from './given-parameters.ts'
import type { Operation } from './operation.ts'
import { readPerformer } from './performer.ts'
import { storeNews2 } from './store-news2.ts'

/** So much is measured of nobody within an hour; where there is more, it is refused rather than worked out from some of it. */
const COUNT_MAX = 1000

/**
 * Observation/$news2: works out NEWS2 from what was measured within an hour, and stores it by the profile `news2`, with each part that is known
 * and, by version, what it rests on. With a part missing it has no total, and says which. There is one score of each moment: asked again it
 * is the same, and after a correction or with one more part it gets its next version.
 * @throws Refusal value (scale, at, subject), business-rule (nothing was measured; a scale that is not the record's; somebody for whom NEWS2 is
 *   not made), required (a system names no performer), forbidden (a patient asks; whoever does not see every Goal in force), not-found (the patient),
 *   too-costly (more than a thousand measurements or Goals)
 * @see docs/plans.md, docs/decisions/0076-news2-is-asked-for.md
 */
export const news2: Operation = {
  code: 'news2',
  title: 'Work out NEWS2',
  description:
    'Works out NEWS2 from the newest of its seven parts within an hour, and stores it as an Observation. For adults, not in pregnancy, and with a health professional present.',
  resource: ['Observation'],
  on: ['type'],
  affectsState: true,
  letter: 'c',
  isOwn: true,
  in: [
    { name: 'subject', type: 'Reference', min: 1, max: '1', documentation: 'The patient, as Patient/1.' },
    {
      ...{ name: 'at', type: 'instant', min: 0, max: '1' },
      documentation: 'The parts are those of the hour up to this moment; now when left out.',
    },
    {
      ...{ name: 'scale', type: 'integer', min: 0, max: '1' },
      documentation:
        'Of the oxygen saturation: 2 for who has a Goal in force that aims at 88–92 %, else 1. May be left out; another than the record’s is refused.',
    },
    {
      ...{ name: 'performer', type: 'Reference', min: 0, max: '1' },
      documentation:
        'The health professional who was present; who has signed in when left out. A system must name one.',
    },
  ],
  out: [
    {
      ...{ name: 'return', type: 'Observation', min: 1, max: '1' },
      documentation: 'As it is stored; without a value where a part is missing, and a note says which.',
    },
  ],
  async handler(exchange, rooms) {
    const given = readGiven(exchange, news2)
    const { owner } = await readPerformer(exchange, rooms, given.text('performer'))
    const subject = subjectOf(given)
    const until = momentOf(given, rooms.now())
    for (const type of LOOKED_AT) mustPermit(exchange, type)
    return rooms.store.transact(async (inside) => {
      const within = withStore(rooms, inside)
      // Before anything is read: who waits for another's score of the same person shall work from what holds afterwards.
      await inside.lockCriteria([scoresOf(rooms.definitions, subject)])
      const scale = await readScale(exchange, within, { subject, given, until })
      const found = await readMeasured(exchange, within, { subject, until })
      // What is withdrawn while this is worked out waits until it is stored, and then takes the score along.
      await inside.hold(exchange.access, 'Observation', idsOf(found.parts))
      const measured = await readMeasured(exchange, within, { subject, until })
      const made = news2Observation(measured.parts, scale)
      if (!made) {
        throw refuse('business-rule', 'None of the seven parts of NEWS2 was measured in the hour up to then.', 'at')
      }
      const { resource } = rooms.validate({ ...made, performer: [owner] }, 'Observation')
      return storeNews2(exchange.access, inside, { resource, ...measured, definitions: rooms.definitions })
    })
  },
}

const idsOf = (parts: Observation[]): string[] => parts.flatMap(({ id }) => id ?? [])

/** What the score rests on: measurements, the scale, and what speaks against a score. Whoever does not see it would get a wrong one. */
const LOOKED_AT = ['Observation', 'Goal', 'Condition']

function mustPermit({ access }: Exchange, type: string): void {
  if (permits(access, type, 's')) return
  throw refuse('forbidden', `$news2 looks at ${LOOKED_AT.join(', ')}: this token does not search ${type}.`, 'subject')
}

function momentOf(given: Given, now: Date): Date {
  const at = given.text('at')
  if (at === undefined) return now
  if (Date.parse(at) > now.getTime()) throw refuse('value', `at lies ahead: it is ${now.toISOString()}.`, 'at')
  return new Date(at)
}

function subjectOf(given: Given): string {
  const subject = String(given.text('subject'))
  if (subject.startsWith('Patient/')) return subject
  throw refuse('value', `subject must be such as Patient/1, not ${subject}.`, 'subject')
}

/** Of one person, whenever they were made. */
const scoresOf = (definitions: Definitions, subject: string): SearchQuery =>
  parseSearch(
    definitions,
    'Observation',
    new URLSearchParams({ subject, identifier: `${NEWS2_IDENTIFIER}|` }),
    'strict',
  )

type Asked = { subject: string; given: Given; until: Date }

/** By which scale the person is scored, if at all. @throws Refusal value, not-found, business-rule, too-costly */
async function readScale(exchange: Exchange, rooms: Rooms, { subject, given, until }: Asked): Promise<Spo2Scale> {
  const reader = new DefinitionReader(exchange, rooms)
  const patient = (await reader.read(subject, 'subject')) as unknown as Patient
  const pregnancy = { patient: subject, 'clinical-status': 'active', code: PREGNANCY_CODES.join(',') }
  const conditions = await reader.search('Condition', pregnancy)
  const ofPatient = new URLSearchParams({ patient: subject, 'lifecycle-status': 'active' })
  const goals = await readWhole<Goal>(exchange, rooms, 'Goal', ofPatient)
  const all = await readWhole<Goal>({ access: SCALE_READER }, rooms, 'Goal', ofPatient)
  if (all.length > goals.length) {
    throw refuse(
      'forbidden',
      'Some Goals in force of this person are not yours to see, and one of them may decide the scale: without it the score could be wrong.',
      'subject',
    )
  }
  const day = toOsloClock(until).date
  const impediment = news2Impediment(patient, conditions as (Resource & Condition)[], day)
  if (impediment) throw refuse('business-rule', impediment.reason, impediment.expression)
  return scaleOf(given, goals)
}

/** The scale is a doctor's decision that stands in the record: whoever asks may say what they take it to be, and is refused where it is not. */
function scaleOf(given: Given, goals: Goal[]): Spo2Scale {
  const { scale, goal } = news2ScaleOf(goals)
  const asked = given.count('scale')
  if (asked === undefined || asked === scale) return scale
  if (asked !== 1 && asked !== 2) throw refuse('value', `scale is 1 or 2, not ${asked}.`, 'scale')
  const why = goal
    ? `Goal/${goal.id} aims at 88–92 %: scale 2 holds until it ends.`
    : 'Scale 2 is for who has an active Goal that aims at 88–92 % (59408-5, detailRange); there is none.'
  throw refuse('business-rule', why, 'scale')
}

type Measured = { parts: Observation[]; earlier: Observation[] }

/** What was measured in the hour, and scores of ours that were worked out from it before. */
async function readMeasured(
  exchange: Exchange,
  rooms: Rooms,
  { subject, until }: { subject: string; until: Date },
): Promise<Measured> {
  const query = new URLSearchParams({ patient: subject, _sort: '-date' })
  query.set('combo-code', [...PART_TOKENS, NEWS2_TOKEN].join(','))
  query.append('date', `ge${new Date(until.getTime() - NEWS2_HOUR).toISOString()}`)
  query.append('date', `le${until.toISOString()}`)
  const all = await readWhole<Observation>(exchange, rooms, 'Observation', query)
  const isScore = ({ identifier }: Observation) =>
    identifier?.some(({ system }) => system === NEWS2_IDENTIFIER) ?? false
  return { parts: all.filter((one) => !isScore(one)), earlier: all.filter(isScore) }
}

/** Whether a caller sees all that decides the scale; nothing of it is sent. */
const SCALE_READER = engineAccess('news2')

/** All that match, never a part of them. @throws Refusal too-costly */
async function readWhole<R>(
  { access }: Pick<Exchange, 'access'>,
  rooms: Rooms,
  type: string,
  query: URLSearchParams,
): Promise<R[]> {
  query.set('_count', String(COUNT_MAX))
  const { matches, next } = await rooms.store.search(access, parseSearch(rooms.definitions, type, query, 'strict'))
  if (next !== undefined) {
    throw refuse('too-costly', `NEWS2 looks at no more than ${COUNT_MAX} ${type} resources; there are more.`, 'subject')
  }
  return matches.map(({ text }) => JSON.parse(text ?? '{}') as R)
}
