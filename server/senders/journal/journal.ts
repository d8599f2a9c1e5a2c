import type { Patient } from '@medplum/fhirtypes'
import type { Access } from '../../access/access.ts'
import { mayAct } from '../../access/policy/rules-for.ts'
import type { IdentityProviderSettings } from '../../authorization-server/federation/identity-provider.ts'
import type { Outgoing } from '../../authorization-server/outgoing.ts'
import { Refusal, refuse } from '../../core/fhir/outcome.ts'
import type { Pool } from '../../db/pool.ts'
import {
  JOURNAL_PARTS,
  type Journal,
  type JournalLooked,
  type JournalPart,
  type JournalResource,
} from '../../exchange.ts'
import type { Log } from '../../log.ts'
import { readWorkplaces } from '../../store/relations/read-standing.ts'
import { type Caller, helseIdCaller } from '../helseid-caller.ts'
import type { HttpAnswer } from '../http-answer.ts'
import { foundIn, issueOf, notReached, partOf, refusalOf } from '../looked-up.ts'
import { type NumbersOf, patientNumber } from '../patient-number.ts'
import { findOrganization } from '../receiving-organization.ts'
import { PLAN_DAYS, SEARCHES, SERVICE_CODES } from './vkp-terms.ts'
import { isOfAnother, numbersOf } from './whose.ts'

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
const ANSWER_BYTES_MAX = 10_000_000
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
          ...{ isBearer: true, whole: { bytesMax: ANSWER_BYTES_MAX, of: WHAT } },
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
    try {
      return lookedIn(answer, part, numbersOf(patient))
    } catch (error) {
      if (error instanceof Refusal) throw error
      log.warn({ err: error, part }, 'the journal of an organisation answered what cannot be read')
      throw refuse('processing', `What ${WHAT} answered is not as FHIR has it, and cannot be read.`)
    }
  }

  async function reached(part: JournalPart, call: () => Promise<HttpAnswer>): Promise<HttpAnswer> {
    try {
      return await call()
    } catch (error) {
      if (error instanceof Refusal) throw error
      log.warn({ err: error, part }, 'the journal of an organisation was not reached')
      throw notReached(WHAT)
    }
  }

  return {
    async organizationsOf({ standing, login }: Access) {
      const workplaces = await readWorkplaces(pool, standing?.attest.practitionerRoles ?? [], now())
      const looking = workplaces.filter(({ roles }) => mayAct(roles, 'look-in-journal'))
      const organizations = new Set(looking.flatMap((one) => one.organizations))
      const known = await Promise.all(
        [...asked.keys()]
          .filter((number) => isOfLogin(number, login))
          .map(async (number) => ({ number, reference: await findOrganization(pool, number) })),
      )
      return known.flatMap(({ number, reference }) => (reference && organizations.has(reference) ? [number] : []))
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
        incomplete: had.flatMap(({ incomplete }) => incomplete),
        failures: refused.map(({ part, refused: why }) => ({ part, issue: issueOf(why) })),
      }
    },
  }
}

/** Of the legal entity, or of its unit: whoever has signed in for one organisation looks in no EHR of another. */
export function isOfLogin(number: string, login: Access['login']): boolean {
  const { organization, organizationUnit } = login ?? {}
  return organization === undefined || number === organization || number === organizationUnit
}

/** @param numbers of the patient who was asked for @throws Refusal processing; what a service throws that writes no FHIR */
export function lookedIn(answer: HttpAnswer, part: JournalPart, numbers: ReadonlySet<string>): JournalLooked {
  const { found, fullUrls, isCut, isIncomplete } = foundIn<JournalResource | Patient>(answer, [part, 'Patient'], WHAT)
  const patients = found.flatMap((it) =>
    it.resourceType === 'Patient' ? [{ patient: it, fullUrl: fullUrls.get(it) }] : [],
  )
  const theirs = found.filter((it) => it.resourceType !== 'Patient')
  const own = theirs.filter((it) => !isOfAnother(it, numbers, patients))
  const ofOthersCount = theirs.length - own.length
  return {
    found: own.filter((it) => !isWithdrawn(it)),
    // Of what stands on a page that was not read nobody says that there is none.
    ...{
      isCut,
      ofOthersCount,
      incomplete: isIncomplete || ofOthersCount > 0 || (isCut && own.length === 0) ? [part] : [],
      failures: [],
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
