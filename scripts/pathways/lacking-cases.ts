import type { PathwayCase } from '../../server/core/decide/cases/pathway-case.ts'

/** What the cases of a pathway are to show between them, where a case's own events and Tasks tell that it does. */
const SHOWN: [what: string, shows: (given: PathwayCase) => boolean][] = [
  ['a red finding', ({ tasks }) => tasks.some(({ colour }) => colour === 'red')],
  ['a yellow finding', ({ tasks }) => tasks.some(({ colour }) => colour === 'yellow')],
  ['something measured or answered that is as it should be', isGreen],
  ['a correction: the same resource again, or one that is taken back', isCorrected],
  ["a person's own limits", hasOwnLimits],
]

/** Which of the kinds of cases that each pathway is to have, none of these is. That a value lies just at a limit no event tells. */
export const lackingCases = (cases: PathwayCase[]): string[] =>
  SHOWN.flatMap(([what, shows]) => (cases.some(shows) ? [] : [`No case shows ${what}`]))

const FINDINGS: (string | undefined)[] = ['red', 'yellow', 'grey']

function isGreen({ events, tasks }: PathwayCase): boolean {
  const hasCome = events.some((event) => 'measured' in event || 'answered' in event || 'resource' in event)
  return hasCome && !tasks.some(({ colour }) => FINDINGS.includes(colour))
}

function isCorrected({ events }: PathwayCase): boolean {
  const come = events.flatMap((event) => {
    if ('measured' in event) return [`Observation/${event.measured.id}`]
    if ('answered' in event) return [`QuestionnaireResponse/${event.id}`]
    if ('resource' in event && MEASURED.has(event.resource.resourceType)) {
      return [`${event.resource.resourceType}/${event.resource.id}`]
    }
    return []
  })
  return events.some((event) => 'removed' in event) || new Set(come).size < come.length
}
const MEASURED = new Set(['Observation', 'QuestionnaireResponse'])

function hasOwnLimits({ patient: { limits = [], baseline, facts = [] }, events }: PathwayCase): boolean {
  const goals = [...facts, ...events.flatMap((event) => ('resource' in event ? event.resource : []))]
  const setsLimits = goals.some((one) => one.resourceType === 'Goal' && JSON.stringify(one).includes('detail'))
  return limits.length > 0 || baseline !== undefined || setsLimits || events.some((event) => 'limits' in event)
}
