import type { Timing, TimingRepeat } from '@medplum/fhirtypes'
import { refuse } from '../../fhir/outcome.ts'

/** http://hl7.org/fhir/R4/valueset-timing-abbreviation.html; times of the day are the place's, see day-times.ts. */
const REPEAT_OF: Record<string, TimingRepeat> = {
  BID: { frequency: 2, period: 1, periodUnit: 'd' },
  TID: { frequency: 3, period: 1, periodUnit: 'd' },
  QID: { frequency: 4, period: 1, periodUnit: 'd' },
  AM: { frequency: 1, period: 1, periodUnit: 'd', when: ['MORN'] },
  PM: { frequency: 1, period: 1, periodUnit: 'd', when: ['AFT'] },
  QD: { frequency: 1, period: 1, periodUnit: 'd' },
  QOD: { frequency: 1, period: 2, periodUnit: 'd' },
  Q1H: { frequency: 1, period: 1, periodUnit: 'h' },
  Q2H: { frequency: 1, period: 2, periodUnit: 'h' },
  Q3H: { frequency: 1, period: 3, periodUnit: 'h' },
  Q4H: { frequency: 1, period: 4, periodUnit: 'h' },
  Q6H: { frequency: 1, period: 6, periodUnit: 'h' },
  Q8H: { frequency: 1, period: 8, periodUnit: 'h' },
  BED: { frequency: 1, period: 1, periodUnit: 'd', when: ['HS'] },
  WK: { frequency: 1, period: 1, periodUnit: 'wk' },
  MO: { frequency: 1, period: 1, periodUnit: 'mo' },
}

/** Elements that say when; bounds, counts and durations alone say no time. */
const SAYS_WHEN = ['frequency', 'period', 'dayOfWeek', 'timeOfDay', 'when'] as const satisfies (keyof TimingRepeat)[]

/**
 * The repeat that a Timing means. Where the repeat itself says when, that counts; else the code does, "with the exception that
 * bounds still apply over the code". undefined where only events are listed.
 * @throws Refusal `not-supported` for a code whose times nobody knows, `required` for a Timing that says nothing
 * @see http://hl7.org/fhir/R4/datatypes-definitions.html#Timing.code
 */
export function repeatOf(timing: Timing, path: string): TimingRepeat | undefined {
  const { repeat, code, event } = timing
  if (repeat && SAYS_WHEN.some((element) => repeat[element] !== undefined)) return repeat
  const codes = (code?.coding ?? []).map((coding) => coding.code ?? '')
  const known = codes.map((each) => REPEAT_OF[each]).find((found) => found !== undefined)
  if (known) return { ...repeat, ...known }
  if (event?.length) return undefined
  if (codes.length > 0 || code?.text) {
    const said = codes.join(', ') || `"${code?.text}"`
    throw refuse(
      'not-supported',
      `${said} says no time that is known; expected repeat, event or ${KNOWN_CODES}`,
      `${path}.code`,
    )
  }
  throw refuse('required', 'The Timing says no time; expected repeat, event or code', path)
}

const KNOWN_CODES = `one of the codes ${Object.keys(REPEAT_OF).join(', ')}`
