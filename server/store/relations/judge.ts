import type { Access, Part, Reach } from '../../access/access.ts'
import type { ScopeLetter } from '../../access/scopes.ts'
import { NEXT_OF_KIN, THE_PATIENT } from '../../access/vocabulary.ts'
import { join, type SqlFragment, sql } from '../../db/sql.ts'
import { reachCondition } from '../../search/compile-filter.ts'
import { allOf, type Judged, limitConditions, whoseCondition } from '../../search/reach-condition.ts'
import type { Reaching } from '../../search/search-scope.ts'
import { scopeOf } from '../reach-sql.ts'
import { findRows } from '../read.ts'
import type { ReaderRooms } from '../rooms.ts'
import type { VersionRow } from '../version.ts'

/** What was asked of one part, and whether it holds for the resource. */
export type PartJudgement = {
  part: Part
  /** The patient is one of whom the caller may see something. */
  whose: boolean
  /** It is in the context that a scope `patient/` is for. */
  context: boolean
  /** No label hides it. */
  labels: boolean
  /** The patient has not closed it to the caller. */
  open: boolean
  /** Whoever treats the patient does not keep it from the patient and the family for a while. */
  released: boolean
  /** It matches the search parameters of the scope or the rule. */
  filters: boolean
}

export type Judgement = {
  isThere: boolean
  reach: Reach['kind']
  isWithin: boolean
  /** id of the patient whom the resource is about */
  patient?: string
  parts: PartJudgement[]
}

type Row = VersionRow & { patient: string | null; is_within: boolean; said: boolean[] }

/** The access decision for one resource, taken apart. It looks at the resource whoever asks: only administrators are let here. */
export async function judge(
  rooms: ReaderRooms,
  access: Access,
  { type, id }: { type: string; id: string },
  letter: ScopeLetter,
): Promise<Judgement> {
  const reach = rooms.reachOf(access, type, letter)
  const scope = scopeOf(rooms, access, letter)
  const subject = { alias: 'r', type, depth: 0, byPatient: false }
  const parts = reach.kind === 'parts' ? reach.parts : []
  const asked = parts.flatMap((part) =>
    conditionsOf(part, subject, scope.reaching as Reaching).concat(
      allOf(reachCondition({ kind: 'parts', parts: [onlyFilters(part)] }, subject, scope)),
    ),
  )
  const within = allOf(reachCondition(reach, subject, scope))
  const [row] = await findRows<Row>(
    rooms,
    type,
    id,
    (
      key,
    ) => sql`SELECT r.type, r.id, r.version, r.last_updated, r.deleted, NULL AS content, r.patient, ${within} AS is_within,
                        ARRAY[${join(asked, ', ')}]::boolean[] AS said
                   FROM resource r WHERE ${key} AND NOT r.deleted`,
  )
  return {
    ...{ isThere: row !== undefined, reach: reach.kind, isWithin: row?.is_within === true },
    ...(row?.patient ? { patient: row.patient } : {}),
    parts: parts.map((part, i) => {
      const [whose, context, labels, open, released, filters] = (row?.said ?? []).slice(i * ASKED, (i + 1) * ASKED)
      const isTrue = (value: boolean | undefined) => value === true
      return {
        part,
        ...{ whose: isTrue(whose), context: isTrue(context), labels: isTrue(labels) },
        ...{ open: isTrue(open), released: isTrue(released), filters: isTrue(filters) },
      }
    }),
  }
}

const ASKED = 6
/** Whom a later release keeps something from; a Consent names nobody so. */
const UNRELEASED_TO: readonly string[] = [THE_PATIENT, NEXT_OF_KIN]
const NO_LIMITS = { restrictedAs: [], hiddenLabels: [], filters: [] }

function conditionsOf(part: Part, judged: Judged, reaching: Reaching): SqlFragment[] {
  const { patient: _patient, ...bare } = { ...part, ...NO_LIMITS }
  const limited = (limits: Partial<Part>) => allOf(limitConditions({ ...bare, ...limits }, judged, reaching))
  return [
    allOf(whoseCondition(part.whose, judged, reaching)),
    part.patient === undefined ? sql`true` : limited({ patient: part.patient }),
    limited({ hiddenLabels: part.hiddenLabels }),
    limited({ restrictedAs: part.restrictedAs.filter((one) => !UNRELEASED_TO.includes(one)) }),
    limited({ restrictedAs: part.restrictedAs.filter((one) => UNRELEASED_TO.includes(one)) }),
  ]
}

function onlyFilters(part: Part): Part {
  const { patient: _patient, ...bare } = { ...part, ...NO_LIMITS }
  return { ...bare, whose: { kind: 'any' }, filters: part.filters }
}
