import type { Patient } from '@medplum/fhirtypes'
import type { Access } from '../../access/access.ts'
import type { IdentityProviderSettings } from '../../authorization-server/federation/identity-provider.ts'
import type { Outgoing } from '../../authorization-server/outgoing.ts'
import type { Pool } from '../../db/pool.ts'
import {
  JOURNAL_PARTS,
  type Journal,
  type JournalLooked,
  type JournalPart,
  type JournalResource,
} from '../../exchange.ts'
import type { Log } from '../../log.ts'
import { type Caller, helseIdCaller } from '../helseid-caller.ts'
import type { HttpAnswer } from '../http-answer.ts'
import { foundIn, issueOf, notReached, partOf, refusalOf } from '../looked-up.ts'
import { type NumbersOf, patientNumber } from '../patient-number.ts'
import { findOrganization } from '../receiving-organization.ts'
import { PLAN_DAYS, SEARCHES, SERVICE_CODES } from './vkp-terms.ts'
import { isOfAnother } from './whose.ts'

export type JournalSettings = {
  /** Organisation number of whose journal it is. */
  organization: string
  /** Of the hub, without a slash at the end: `https://api.vkpnorge.no/epj/r4`. */
  url: string
  serviceCodes: readonly string[]
  numbers: NumbersOf
  timeoutSeconds: number
  /** The client by which the hub knows this server at that organisation. */
  helseId: IdentityProviderSettings
}
type Rooms = { pool: Pool; outgoing: Outgoing; now: () => Date; log: Pick<Log, 'warn'> }

const WHAT = 'The journal'
const ANSWER_CHARACTERS_MAX = 10_000_000
const FORM = 'application/x-www-form-urlencoded'
const DAY_MILLISECONDS = 86_400_000

/**
 * What the EHR of an organisation has of a patient, for those who work there: asked through Velferdsteknologisk knutepunkt (VKP), and stored nowhere. The hub
 * asks for a system, and not for a person: who may look is decided here.
 * @see docs/journal.md
 */
export function createJournal(settings: readonly JournalSettings[], { pool, outgoing, now, log }: Rooms): Journal {
  const asked = new Map(
    settings.map((one) => {
      const callerFor = (part: JournalPart): Caller =>
        helseIdCaller(one.helseId, {
          ...{ scope: SEARCHES[part].scope, timeoutSeconds: one.timeoutSeconds, outgoing },
          // A token of its own for each: what an organisation has not agreed to takes away nothing else. The hub documents Bearer alone.
          ...{ isBearer: true, answerCharactersMax: ANSWER_CHARACTERS_MAX },
        }).call
      const callers = Object.fromEntries(JOURNAL_PARTS.map((part) => [part, callerFor(part)]))
      return [one.organization, { settings: one, callers: callers as Record<JournalPart, Caller> }]
    }),
  )

  async function ask(organization: string, part: JournalPart, patient: Patient): Promise<JournalLooked> {
    const { settings: one, callers } = asked.get(organization) ?? {}
    if (!one || !callers) throw new Error(`no journal of ${organization} is connected`)
    const number = patientNumber(patient, one.numbers, now())
    const { path, patient: by, isDated } = SEARCHES[part]
    const form = new URLSearchParams({ [by]: number.value ?? '' })
    if (isDated) for (const [prefix, days] of DATES) form.append('date', `${prefix}${instant(now(), days)}`)
    const answer = await reached(part, () =>
      callers[part]({
        ...{ method: 'POST', url: `${one.url}/${organization}/${path}/_search` },
        headers: {
          ...{ accept: 'application/fhir+json', 'content-type': FORM },
          [SERVICE_CODES]: one.serviceCodes.join(','),
        },
        body: String(form),
      }),
    )
    if (answer.status !== 200) throw refusalOf(answer, WHAT)
    const { found, isCut } = foundIn<JournalResource | Patient>(answer, [part, 'Patient'], WHAT)
    const patients = found.filter((it) => it.resourceType === 'Patient')
    const theirs = found.filter((it) => it.resourceType !== 'Patient')
    const own = theirs.filter((it) => !isOfAnother(it, number, patients))
    return {
      found: own.filter((it) => !isWithdrawn(it)),
      ...{ isCut, ofOthersCount: theirs.length - own.length, failures: [] },
    }
  }

  async function reached(part: JournalPart, call: () => Promise<HttpAnswer>): Promise<HttpAnswer> {
    try {
      return await call()
    } catch (error) {
      log.warn({ err: error, part }, 'the journal of an organisation was not reached')
      throw notReached(WHAT)
    }
  }

  return {
    async organizationsOf({ standing }: Access) {
      const grantees = new Set(standing?.grantees)
      const known = await Promise.all(
        [...asked.keys()].map(async (number) => ({ number, reference: await findOrganization(pool, number) })),
      )
      return known.flatMap(({ number, reference }) => (reference && grantees.has(reference) ? [number] : []))
    },
    async find(patient, organization, parts) {
      const all = await Promise.all(
        parts.map(async (part) => ({ part, looked: await partOf(ask(organization, part, patient)) })),
      )
      const refused = all.flatMap(({ part, looked }) =>
        'refused' in looked ? [{ part, refused: looked.refused }] : [],
      )
      if (refused.length === all.length && refused[0]) throw refused[0].refused
      const had = all.flatMap(({ looked }) => ('had' in looked ? [looked.had] : []))
      return {
        found: had.flatMap(({ found }) => found),
        isCut: had.some(({ isCut }) => isCut),
        ofOthersCount: had.reduce((sum, { ofOthersCount }) => sum + ofOthersCount, 0),
        failures: refused.map(({ part, refused: why }) => ({ part, issue: issueOf(why) })),
      }
    },
  }
}

const DATES = [
  ['ge', -PLAN_DAYS.back],
  ['le', PLAN_DAYS.ahead],
] as const

/** Without fractions, as the hub’s samples have it. */
const instant = (now: Date, days: number): string =>
  new Date(now.getTime() + days * DAY_MILLISECONDS).toISOString().replace(/\.\d+Z$/, 'Z')

function isWithdrawn(one: JournalResource): boolean {
  if ('status' in one && one.status === 'entered-in-error') return true
  return (
    'verificationStatus' in one &&
    (one.verificationStatus?.coding ?? []).some(({ code }) => code === 'entered-in-error')
  )
}
