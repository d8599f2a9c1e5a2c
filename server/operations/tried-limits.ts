import { LIMIT_ZONES, type TriedLimit } from '../core/decide/what-if.ts'
import { refuse } from '../core/fhir/outcome.ts'

/** As in searches by number: how the measurement is compared with the limit. */
const COMPARATORS = { lt: '<', le: '<=', gt: '>', ge: '>=' } as const

/**
 * Limits to try instead: `http://loinc.org|59408-5$red$lt90` is "red below 90", in the unit that was measured. Written as FHIR
 * writes composites and comparators.
 * @throws Refusal value
 */
export function parseTriedLimits(texts: string[], unit: string): TriedLimit[] {
  return texts.map((text) => {
    const [, code = '', zone = '', comparator = '', value = ''] =
      /^([^$]+\|[^$]+)\$(\w+)\$(lt|le|gt|ge)(-?\d+(?:\.\d+)?)$/.exec(text) ?? []
    const known = LIMIT_ZONES.find((one) => one === zone)
    if (!known) {
      throw refuse(
        'value',
        `limit must be system|code$red or yellow$lt, le, gt or ge and a number, such as http://loinc.org|59408-5$red$lt90, not ${text}.`,
        'limit',
      )
    }
    const prefix = comparator as keyof typeof COMPARATORS
    return {
      codes: [code],
      zone: known,
      side: prefix.startsWith('l') ? 'low' : 'high',
      comparator: COMPARATORS[prefix],
      value: Number(value),
      unit,
      relative: false,
    }
  })
}
