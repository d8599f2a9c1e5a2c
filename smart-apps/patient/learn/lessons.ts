import type { PlanDefinition, PlanDefinitionAction, Questionnaire } from '@medplum/fhirtypes'
import { isSameDefinition, questionnaireOf } from '../../../server/core/decide/schedule/questionnaire-task.ts'
import { formNamed } from '../record/form-named.ts'
import type { OwnRecord } from '../record/record.ts'
import type { Entry } from '../sending/entry.ts'
import { isReading } from './reading.ts'

/** One thing of a plan that is to be read or worked through. */
export type Lesson = {
  questionnaire: Questionnaire
  /** As the plan names it: `url|version`. */
  canonical: string
  /** `read`: answered, here or before; `open`: may be read now; `later`: the plan has not come to it. */
  state: 'read' | 'open' | 'later'
  /** What asks for it now: `Task/7`. */
  about?: string
}

export type Course = { plan: PlanDefinition; lessons: Lesson[] }

type Known = Pick<OwnRecord, 'plans' | 'questionnaires' | 'tasks' | 'requests' | 'answers' | 'readBefore'>

const STAGE = 'http://fylgje.no/fhir/StructureDefinition/stage'

/**
 * What each plan teaches, in its order. What stands in a stage of the plan, as a module of a programme does, is open when the plan asks for
 * it; what stands in none is open from the beginning.
 */
export function coursesOf(known: Known, entries: readonly Entry[]): Course[] {
  return known.plans
    .map((plan) => ({ plan, lessons: onceEach(taught(plan.action ?? [], false)).flatMap(toLesson(known, entries)) }))
    .filter(({ lessons }) => lessons.length > 0)
}

/** How far somebody is. */
export const readCount = ({ lessons }: Pick<Course, 'lessons'>): number =>
  lessons.filter(({ state }) => state === 'read').length

type Taught = { canonical: string; isStaged: boolean }

const taught = (actions: readonly PlanDefinitionAction[], isInStage: boolean): Taught[] =>
  actions.flatMap(({ definitionCanonical, extension, action = [] }) => {
    const isStaged = isInStage || (extension ?? []).some(({ url }) => url === STAGE)
    const own = definitionCanonical?.includes('/Questionnaire/') ? [{ canonical: definitionCanonical, isStaged }] : []
    return [...own, ...taught(action, isStaged)]
  })

/** What a plan asks for in several places is read once, and is open if it is so in one of them. */
const onceEach = (all: readonly Taught[]): Taught[] =>
  all.flatMap((one) => {
    const same = all.filter(({ canonical }) => isSameDefinition(canonical, one.canonical))
    return same[0] === one ? [{ ...one, isStaged: same.every(({ isStaged }) => isStaged) }] : []
  })

function toLesson({ questionnaires, tasks, requests, answers, readBefore = [] }: Known, entries: readonly Entry[]) {
  const made = entries.flatMap(({ resource, state }) =>
    resource.resourceType === 'QuestionnaireResponse' && state !== 'refused' ? [resource] : [],
  )
  const answered = [...answers, ...readBefore, ...made]
  return ({ canonical, isStaged }: Taught): Lesson[] => {
    const questionnaire = formNamed(questionnaires, canonical)
    if (!questionnaire || !isReading(questionnaire)) return []
    const isIt = (name: string | undefined) => name !== undefined && isSameDefinition(name, canonical)
    const asking = [...tasks, ...requests].find((one) => isIt(questionnaireOf(one)))
    const about = asking && `${asking.resourceType}/${asking.id}`
    const isRead = answered.some((one) => isIt(one.questionnaire))
    const state = isRead ? 'read' : isStaged && !asking ? 'later' : 'open'
    return [{ questionnaire, canonical, state, ...(about ? { about } : {}) }]
  }
}
