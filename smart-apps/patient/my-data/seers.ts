import type { Parameters } from '@medplum/fhirtypes'

const GROUPS = ['seersTeam', 'seersKin', 'seersShort'] as const
export type Group = (typeof GROUPS)[number]

/** Somebody who may see something, whatever the ways in which they may. */
export type Seer = {
  /** `CareTeam/copd` */
  who: string
  name?: string
  group: Group
  /** undefined: what their work needs, or all of it. */
  types?: string[]
  /** ISO instant; undefined where one of the ways has no end. */
  until?: string
  isClosed: boolean
}

/** Of `$who-may-see`: one for each person, team or organisation, by the widest of the ways in which they may see. */
export function toSeers({ parameter = [] }: Parameters): Seer[] {
  const seers = new Map<string, Seer>()
  for (const { name, part = [] } of parameter) {
    const said = (wanted: string) => part.find((one) => one.name === wanted)
    const who = said('who')?.valueReference
    if (name !== 'entry' || !who?.reference) continue
    const types = part.flatMap((one) => (one.name === 'type' && one.valueCode ? [one.valueCode] : []))
    const until = said('until')?.valueInstant
    const next: Seer = {
      ...{ who: who.reference, isClosed: said('closed')?.valueBoolean === true },
      ...(who.display && { name: who.display }),
      group: groupOf(who.reference, said('because')?.valueCode),
      ...(types.length > 0 && { types }),
      ...(until && { until }),
    }
    const before = seers.get(who.reference)
    seers.set(who.reference, before ? widest(before, next) : next)
  }
  return [...seers.values()]
}

const groupOf = (who: string, because: string | undefined): Group =>
  who.startsWith('RelatedPerson/') ? 'seersKin' : because === 'break-glass' ? 'seersShort' : 'seersTeam'

function widest({ types: some, until, ...one }: Seer, other: Seer): Seer {
  const types = some && other.types && [...new Set([...some, ...other.types])]
  const last = until && other.until && (until > other.until ? until : other.until)
  const isShort = one.group === 'seersShort' && other.group === 'seersShort'
  return {
    ...one,
    group: one.group === 'seersKin' ? one.group : isShort ? 'seersShort' : 'seersTeam',
    ...(types && { types }),
    ...(last && { until: last }),
  }
}

/** Those that somebody is in, in their order. */
export const groupsOf = (seers: readonly Seer[]): [Group, Seer[]][] =>
  GROUPS.flatMap((group): [Group, Seer[]][] => {
    const of = seers.filter((one) => one.group === group)
    return of.length > 0 ? [[group, of]] : []
  })
