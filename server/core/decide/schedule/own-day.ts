import type { CarePlan } from '@medplum/fhirtypes'
import { FYLGJE } from '../plan/vocabulary.ts'
import { type DayTimes, NORWEGIAN_DAY, type When } from '../timing/day-times.ts'

/** On a CarePlan: when this person gets up, eats and goes to bed; `when` is a code of Timing.repeat.when, `time` its times. */
export const DAY_TIME = `${FYLGJE}/StructureDefinition/day-time`

const isWhen = (code: string | undefined): code is When => code !== undefined && code in NORWEGIAN_DAY.when

/** The marks of a person's own day, where the CarePlan gives some; `MORN` and `EVE` also move what is asked for without a time. */
export function ownDay(carePlan: CarePlan | undefined): DayTimes {
  const own: Partial<Record<When, string[]>> = {}
  for (const { url, extension = [] } of carePlan?.extension ?? []) {
    const when = extension.find((part) => part.url === 'when')?.valueCode
    const times = extension.flatMap((part) => (part.url === 'time' && part.valueTime ? [part.valueTime] : []))
    if (url === DAY_TIME && isWhen(when) && times.length > 0) own[when] = times
  }
  return {
    ...NORWEGIAN_DAY,
    first: own.MORN?.[0] ?? NORWEGIAN_DAY.first,
    last: own.EVE?.[0] ?? NORWEGIAN_DAY.last,
    when: { ...NORWEGIAN_DAY.when, ...own },
  }
}
