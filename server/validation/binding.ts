import { type Fields, quote, type Walk } from './walk.ts'

/** Checks one value of a bound element. */
export type BindingCheck = (value: unknown, walk: Walk) => void

const SHOWN_COUNT_MAX = 10

/**
 * The check of a required binding, or with `warning` of an extensible one; undefined for a type that has no code in it.
 * https://hl7.org/fhir/R4/terminologies.html#required
 * @param codes `system|code` of the whole value set
 */
export function compileBinding(
  type: string,
  valueSet: string,
  codes: ReadonlySet<string>,
  severity: 'error' | 'warning' = 'error',
): BindingCheck | undefined {
  const expected = describeCodes(codes)
  const where = `value set ${valueSet}`
  const report = (walk: Walk, problem: string) => walk.report('code-invalid', problem, undefined, severity)
  if (BARE.has(type)) {
    const bare = bareCodes(codes)
    return (value, walk) => {
      if (typeof value === 'string' && !bare.has(value))
        report(walk, `${quote(value)} is not in ${where}: ${expected}.`)
    }
  }
  if (type === 'Coding' || type === 'Quantity')
    return (value, walk) => {
      if (!isIn(value, codes)) report(walk, `${describeCoding(value)} is not in ${where}: ${expected}.`)
    }
  if (type === 'CodeableConcept')
    return (value, walk) => {
      const { coding, extension, text } = (value ?? {}) as Fields
      if (!Array.isArray(coding)) {
        // Without any coding only an extension, such as the reason why it is missing, can stand for it; where codes of one's own
        // would do, so do words. https://hl7.org/fhir/R4/terminologies.html#extensible
        const isSaid = extension !== undefined || (severity === 'warning' && text !== undefined)
        if (!isSaid) report(walk, `Needs a coding from ${where}: ${expected}.`)
      } else if (!coding.some((one) => isIn(one, codes))) {
        report(walk, `${coding.map(describeCoding).join(', ')} is not in ${where}: ${expected}.`)
      }
    }
  return undefined
}

/** Types that are a code without a system. */
const BARE = new Set(['code', 'string', 'uri'])

const bareCodes = (codes: ReadonlySet<string>) => new Set([...codes].map((code) => code.slice(code.indexOf('|') + 1)))

const isIn = (coding: unknown, codes: ReadonlySet<string>) => {
  const { system, code } = (coding ?? {}) as Fields
  return codes.has(`${system}|${code}`)
}

/** Whether a value of any bound type is in a value set. */
export function bindingHolds(value: unknown, codes: ReadonlySet<string>): boolean {
  if (typeof value === 'string') return bareCodes(codes).has(value)
  const { coding } = (value ?? {}) as Fields
  return Array.isArray(coding) ? coding.some((one) => isIn(one, codes)) : isIn(value, codes)
}

function describeCoding(coding: unknown): string {
  const { system, code } = (coding ?? {}) as Fields
  return quote(`${system ?? '(no system)'}|${code ?? '(no code)'}`)
}

function describeCodes(codes: ReadonlySet<string>): string {
  const systems = new Set([...codes].map((code) => code.slice(0, code.indexOf('|'))))
  const bare = [...codes].map((code) => code.slice(code.indexOf('|') + 1))
  const shown = bare.slice(0, SHOWN_COUNT_MAX).join(', ')
  const more = bare.length > SHOWN_COUNT_MAX ? ` and ${bare.length - SHOWN_COUNT_MAX} more` : ''
  return `expected one of ${shown}${more}${systems.size === 1 ? ` (${[...systems][0]})` : ''}`
}
