import { changesToCome, type PlannedStatus } from '../../../server/core/decide/planned-change/planned-change.ts'
import { moment } from '../../ui/format.ts'
import { ChangedMeanwhile, orCompared, plannedIn } from './changed-meanwhile.ts'
import { type EnrolmentChange, ifSeen } from './enrolment-change.ts'
import type { Enrolment } from './plan-data.ts'

/** What a planned change is called, by the status that it brings. */
export const CHANGE_TEXTS = {
  'on-hold': 'changeOnHold',
  active: 'changeActive',
  completed: 'changeCompleted',
  revoked: 'changeCompleted',
  team: 'changeTeam',
} as const

/**
 * Plans another status for a CarePlan, at a time, and back again where it has an end.
 * @returns the ids of what is planned by it and was not before
 * @throws ChangedMeanwhile
 */
export async function planChange(
  { fhir, seen, text, language, onStale }: EnrolmentChange,
  parameter: { at: Date; until?: Date; status: PlannedStatus; reason: string },
): Promise<string[]> {
  const { id } = seen.current
  const before = new Set(changesToCome(seen.current).map(({ id }) => id))
  const changed = await orCompared(
    () =>
      fhir.operation<Enrolment>(
        `CarePlan/${id}/$plan-change`,
        [
          { name: 'at', valueInstant: parameter.at.toISOString() },
          ...(parameter.until ? [{ name: 'until', valueInstant: parameter.until.toISOString() }] : []),
          { name: 'status', valueCode: parameter.status },
          { name: 'reason', valueString: parameter.reason },
        ],
        ifSeen(seen.current),
      ),
    async () => {
      const now = (await fhir.read('CarePlan', id)) as Enrolment
      const mine = [...plannedIn(seen.current), { at: parameter.at, status: parameter.status }]
      const inWords = (all: ReturnType<typeof plannedIn>) =>
        all
          .map(({ at, status }) => `${text(CHANGE_TEXTS[status as keyof typeof CHANGE_TEXTS])} ${moment(at, language)}`)
          .join(', ') || '–'
      const statusOf = ({ status }: Enrolment) =>
        text(status === 'on-hold' ? 'isOnHold' : status === 'active' ? 'isActive' : 'changeCompleted')
      const differences = [
        { field: text('fieldStatus'), mine: statusOf(seen.current), theirs: statusOf(now) },
        { field: text('fieldPlanned'), mine: inWords(mine), theirs: inWords(plannedIn(now)) },
        { field: text('fieldTeam'), mine: teamOf(seen.current), theirs: teamOf(now) },
      ]
      seen.current = now
      onStale()
      return new ChangedMeanwhile(differences, changesToCome(now).at(-1)?.reason)
    },
  )
  return changesToCome(changed)
    .map(({ id }) => id)
    .filter((id) => !before.has(id))
}

/** @returns what takes back changes that have not come yet, and says so */
export const withdrawing =
  ({ fhir, seen, text }: EnrolmentChange, ids: readonly string[]) =>
  async (): Promise<string> => {
    for (const id of ids)
      await fhir.operation(`CarePlan/${seen.current.id}/$withdraw-change`, [{ name: 'change', valueId: id }])
    return text('undone')
  }

const teamOf = ({ careTeam }: Enrolment): string => careTeam?.[0]?.display ?? careTeam?.[0]?.reference ?? '–'
