import type { Resource } from '../../fhir/resource.ts'
import { versionedReference } from '../../fhir/versioned-reference.ts'
import type { Owner } from '../task/task-marks.ts'
import { endOf } from '../time/end-of-period.ts'
import { type Language, quoted } from '../words/language.ts'
import { momentInWords } from '../words/moment-in-words.ts'
import {
  changesOf,
  changesToCome,
  isRunning,
  type Planned,
  type PlannedChange,
  type PlannedStatus,
} from './planned-change.ts'

/** Something that was planned ahead and bears on what is explained: why it was as it was, or what comes soon. */
export type PlannedAhead = {
  /** The CarePlan, ServiceRequest or PlanDefinition whose it is, by version where it has one. */
  of: string
  /** What that is called by people. */
  title?: string
  /** ISO instant. */
  at: string
  reason?: string
  /** `Practitioner/1` */
  by?: string
  /** When it was carried out; of what comes, left out. */
  done?: string
} & (
  | { status: PlannedStatus; careTeam?: undefined; version?: undefined }
  | { careTeam: Owner; status?: undefined; version?: undefined }
  | { version: string; share: number; status?: undefined; careTeam?: undefined }
)

/** What comes later than so many days bears on nothing yet. */
const AHEAD_DAYS = 30
export const isSoon = (at: string, then: Date): boolean => Date.parse(at) <= then.getTime() + AHEAD_DAYS * 86_400_000

/**
 * What was planned for a CarePlan or ServiceRequest, seen from a moment: the change that made it what it was then, and those that come
 * within thirty days, the end of its period among them.
 * @param resource as it was then
 */
export function plannedAhead(resource: Planned, then: Date): PlannedAhead[] {
  const coming = changesToCome(resource).filter(({ at }) => isSoon(at, then))
  const end = resource.resourceType === 'CarePlan' && isRunning(resource) ? endOf(resource.period) : undefined
  const title = titleOf(resource)
  const common = { of: versionedReference(resource as unknown as Resource), ...(title ? { title } : {}) }
  return [
    ...[...carriedOut(resource), ...coming].map(({ at, reason, by, done, status, careTeam }) => ({
      ...common,
      ...{ at, ...(status ? { status } : { careTeam: careTeam as Owner }) },
      ...(reason ? { reason } : {}),
      ...(by ? { by } : {}),
      ...(done ? { done } : {}),
    })),
    ...(end && end > then && isSoon(end.toISOString(), then)
      ? [{ ...common, at: end.toISOString(), status: 'completed' as const }]
      : []),
  ]
}

/** The last change of each kind, where it is still as that made it. */
function carriedOut(resource: Planned): PlannedChange[] {
  const done = changesOf(resource).filter(({ outcome }) => outcome === 'changed')
  const team = resource.resourceType === 'CarePlan' ? resource.careTeam?.[0]?.reference : undefined
  const last = [done.findLast(({ status }) => status), done.findLast(({ careTeam }) => careTeam)]
  return last.filter(
    (one) => one !== undefined && (one.status ? one.status === resource.status : one.careTeam?.reference === team),
  ) as PlannedChange[]
}

const titleOf = (resource: Planned): string | undefined =>
  resource.resourceType === 'CarePlan' ? resource.title : (resource.code?.text ?? resource.code?.coding?.[0]?.display)

type Words = {
  status: Record<PlannedStatus, (what: string, at: string, isDone: boolean) => string>
  team: (what: string, team: string, at: string, isDone: boolean) => string
  version: (what: string, version: string, at: string, share: number) => string
  plan: string
  because: (reason: string) => string
}

const WORDS: Readonly<Record<Language, Words>> = {
  nb: {
    status: {
      'on-hold': (what, at, isDone) =>
        isDone ? `${what} hviler fra ${at}, som planlagt` : `${what} skal hvile fra ${at}`,
      active: (what, at, isDone) =>
        isDone ? `${what} går videre fra ${at}, som planlagt` : `${what} skal gå videre ${at}`,
      completed: (what, at, isDone) =>
        isDone ? `${what} ble avsluttet ${at}, som planlagt` : `${what} skal avsluttes ${at}`,
      revoked: (what, at, isDone) =>
        isDone ? `${what} ble stanset ${at}, som planlagt` : `${what} skal stanses ${at}`,
    },
    team: (what, team, at, isDone) =>
      isDone
        ? `${team} har ansvaret for ${what} fra ${at}, som planlagt`
        : `${team} skal ha ansvaret for ${what} fra ${at}`,
    version: (what, version, at, share) =>
      `Versjon ${version} av ${what} skal gjelde fra ${at}${share < 100 ? `, for ${share} % av pasientene` : ''}`,
    plan: 'planen',
    because: (reason) => `: ${reason}`,
  },
  nn: {
    status: {
      'on-hold': (what, at, isDone) =>
        isDone ? `${what} kviler frå ${at}, som planlagt` : `${what} skal kvile frå ${at}`,
      active: (what, at, isDone) =>
        isDone ? `${what} går vidare frå ${at}, som planlagt` : `${what} skal gå vidare ${at}`,
      completed: (what, at, isDone) =>
        isDone ? `${what} vart avslutta ${at}, som planlagt` : `${what} skal avsluttast ${at}`,
      revoked: (what, at, isDone) =>
        isDone ? `${what} vart stansa ${at}, som planlagt` : `${what} skal stansast ${at}`,
    },
    team: (what, team, at, isDone) =>
      isDone
        ? `${team} har ansvaret for ${what} frå ${at}, som planlagt`
        : `${team} skal ha ansvaret for ${what} frå ${at}`,
    version: (what, version, at, share) =>
      `Versjon ${version} av ${what} skal gjelde frå ${at}${share < 100 ? `, for ${share} % av pasientane` : ''}`,
    plan: 'planen',
    because: (reason) => `: ${reason}`,
  },
  en: {
    status: {
      'on-hold': (what, at, isDone) =>
        isDone ? `${what} rests from ${at}, as was planned` : `${what} is to rest from ${at}`,
      active: (what, at, isDone) =>
        isDone ? `${what} goes on from ${at}, as was planned` : `${what} is to go on ${at}`,
      completed: (what, at, isDone) => (isDone ? `${what} ended ${at}, as was planned` : `${what} is to end ${at}`),
      revoked: (what, at, isDone) =>
        isDone ? `${what} was stopped ${at}, as was planned` : `${what} is to be stopped ${at}`,
    },
    team: (what, team, at, isDone) =>
      isDone
        ? `${team} is responsible for ${what} from ${at}, as was planned`
        : `${team} is to be responsible for ${what} from ${at}`,
    version: (what, version, at, share) =>
      `Version ${version} of ${what} is to be in force from ${at}${share < 100 ? `, for ${share} % of the patients` : ''}`,
    plan: 'the plan',
    because: (reason) => `: ${reason}`,
  },
}

/** One sentence: «Ukeplan» skal hvile fra 2026-12-01 kl. 08:00: Ferie. */
export function plannedInWords(planned: PlannedAhead, language: Language): string {
  const words = WORDS[language]
  const { title, at, done, reason } = planned
  const what = title ? quoted(title, language) : words.plan
  const moment = momentInWords(new Date(at), language)
  const isDone = done !== undefined
  const said =
    planned.version !== undefined
      ? words.version(what, planned.version, moment, planned.share)
      : planned.careTeam
        ? words.team(what, planned.careTeam.display ?? String(planned.careTeam.reference), moment, isDone)
        : words.status[planned.status](what, moment, isDone)
  return `${said.charAt(0).toUpperCase()}${said.slice(1)}${reason ? words.because(reason) : ''}${/[.!?]$/.test(reason ?? '') ? '' : '.'}`
}
