import type { Identifier, Patient } from '@medplum/fhirtypes'
import { judgeNumber } from '../national-numbers/judge-number.ts'
import { nationalSystem } from '../national-numbers/system-names.ts'
import { D_NUMBER, FH_NUMBER, FNR } from '../national-numbers/systems.ts'
import { Unsendable } from './unsendable.ts'

/** Whether an environment of a receiver is for people, or for numbers that are made for tests: the two must never be mixed. */
export type NumbersOf = 'real' | 'synthetic'

/** The systems by which receivers know people, the one that is preferred first. */
const SYSTEMS = [FNR, D_NUMBER, FH_NUMBER]

/**
 * The national number by which a receiver knows the patient. Numbers of one EHR alone say nothing elsewhere.
 * @throws Refusal required (none is known), value (it can be none), business-rule (a real number for a test environment, or the reverse)
 */
export function patientNumber({ identifier = [] }: Patient, numbers: NumbersOf, now: Date): Identifier {
  const known = identifier
    .filter((one) => one.use !== 'old' && !hasEnded(one, now))
    .map(({ system = '', value = '' }) => ({ system: nationalSystem(system), value: value.trim() }))
    .filter(({ system, value }) => SYSTEMS.includes(system) && value !== '')
    .sort((one, other) => SYSTEMS.indexOf(one.system) - SYSTEMS.indexOf(other.system))
  const [found] = known
  if (!found) {
    throw new Unsendable({ code: 'required', expression: 'Patient.identifier' }, { code: 'number-missing' })
  }
  const judgement = judgeNumber(found.system, found.value)
  const expression = 'Patient.identifier.value'
  if (judgement?.problem) {
    const refusal = { code: 'value', expression, diagnostics: judgement.problem } as const
    throw new Unsendable(refusal, { code: 'number-impossible' })
  }
  // An FH-number does not say whether it is made up.
  if (found.system !== FH_NUMBER && (judgement?.madeUp !== undefined) !== (numbers === 'synthetic')) {
    const code = numbers === 'real' ? 'number-for-tests' : 'number-for-people'
    throw new Unsendable({ code: 'business-rule', expression }, { code })
  }
  return found
}

const hasEnded = ({ period }: Identifier, now: Date): boolean =>
  period?.end !== undefined && Date.parse(period.end) < now.getTime()
