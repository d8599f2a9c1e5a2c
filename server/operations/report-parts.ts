import type { Composition, CompositionSection } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { engineAccess } from '../access/engine-access.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Rooms } from '../exchange.ts'
import { CLOSING } from '../lifecycle/final-summary.ts'
import { said, section } from '../lifecycle/narrative-section.ts'
import { SUMMARY_WORDS } from '../lifecycle/summary-words.ts'
import { readIfOpen } from '../store/read-if-open.ts'
import { isNarrowedByScope } from './narrowed.ts'
import { referencesIn } from './supporting.ts'

const EVERYTHING = engineAccess('documents')

type Reading = Pick<Rooms, 'store' | 'baseUrl'>

/** What a final report was made of: by the keeper, who sees all of it. */
const REPORTED = ['Observation', 'Task', 'Goal']

/**
 * A Composition that is stored, for somebody who may see all that it tells of. It cannot be told in part, so it is whole or refused; what it was
 * made of and is deleted by now is left out of its entries, and a final report says so.
 * @throws Refusal forbidden
 */
export async function toldWhole(rooms: Reading, access: Access, composition: Composition): Promise<Composition> {
  const isReport = composition.identifier?.system === CLOSING
  const patient = /^Patient\/([A-Za-z0-9\-.]{1,64})$/.exec(composition.subject?.reference ?? '')?.[1]
  if (isReport && patient !== undefined) {
    // Its texts count what no entry names.
    if ((await rooms.store.ties(access, [patient])).closedBy.length > 0) throw notWhole()
    if (REPORTED.some((type) => isNarrowedByScope(access, type))) throw notWhole()
  }
  const gone = await goneFrom(rooms, access, composition)
  return isReport && gone.size > 0 ? withoutGone(composition, gone, rooms.baseUrl) : composition
}

/** What its sections refer to and nobody has any more. @throws Refusal forbidden, where some of it is there and not the caller's to see */
async function goneFrom(rooms: Reading, access: Access, { section: sections = [] }: Composition): Promise<Set<string>> {
  const names = [...new Set(referencesIn({ text: JSON.stringify(sections) }, rooms.baseUrl))]
  const absent = await Promise.all(
    names.map(async (name) =>
      (await readIfOpen(rooms.store, access, name)) ? [] : [{ name, isGone: await isGone(rooms, name) }],
    ),
  )
  const lacking = absent.flat()
  if (lacking.some((one) => !one.isGone)) throw notWhole()
  return new Set(lacking.map(({ name }) => name))
}

/** Whether it is deleted, or was never here: nobody could read it. @param name `Type/id` */
export const isGone = async (rooms: Pick<Rooms, 'store'>, name: string): Promise<boolean> =>
  (await readIfOpen(rooms.store, EVERYTHING, name)) === undefined

/** It is not what is stored any more, and so without its id. */
function withoutGone(
  { id: _id, ...composition }: Composition,
  gone: ReadonlySet<string>,
  baseUrl: string,
): Composition {
  const notice = section(SUMMARY_WORDS.gone, said(SUMMARY_WORDS.goneText))
  const isLeft = (entry: object) =>
    !referencesIn({ text: JSON.stringify(entry) }, baseUrl).some((name) => gone.has(name))
  const thinned = ({ entry = [], section: inner, ...rest }: CompositionSection): CompositionSection => {
    const left = entry.filter(isLeft)
    return {
      ...rest,
      ...(left.length > 0 ? { entry: left } : {}),
      ...(inner ? { section: inner.map(thinned) } : {}),
    }
  }
  return { ...composition, section: [notice, ...(composition.section ?? []).map(thinned)] }
}

const notWhole = () =>
  refuse(
    'forbidden',
    'It tells of something that is closed to you or outside of your scopes, and cannot be told in part. CarePlan/$document and $pdf with kind=summary tell what you may see.',
    'Composition',
  )
