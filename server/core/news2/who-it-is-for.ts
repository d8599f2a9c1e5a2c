import type { Condition, Patient } from '@medplum/fhirtypes'

/** SNOMED CT: pregnant, gestational diabetes, pre-eclampsia. */
export const PREGNANCY_CODES = ['77386006', '11687002', '398254007'] as const
const SNOMED = 'http://snomed.info/sct'
const AGE_MIN = 16

/**
 * Why the score is not made for this person, as far as the record tells: under 16 years, or pregnant.
 * @param conditions those of the person's that are active
 * @param day of the measurements, `2026-11-10`
 * @returns undefined when nothing speaks against it
 * @see Royal College of Physicians, NEWS2 2017
 */
export function news2Impediment(
  { birthDate }: Patient,
  conditions: readonly Condition[],
  day: string,
): { reason: string; expression: string } | undefined {
  // Of a year or a month alone the last day that it can have been is not known: whoever may be old enough is.
  if (birthDate !== undefined && yearsUntil(birthDate, day) < AGE_MIN) {
    return { reason: `NEWS2 is not made for people under ${AGE_MIN} years.`, expression: 'Patient.birthDate' }
  }
  const isPregnancy = conditions.some(({ code }) =>
    code?.coding?.some((one) => one.system === SNOMED && PREGNANCY_CODES.some((known) => known === one.code)),
  )
  return isPregnancy ? { reason: 'NEWS2 is not made for who is pregnant.', expression: 'Condition.code' } : undefined
}

/** Whole years; those who were born on 29 February have their birthday on 1 March where there is none. */
function yearsUntil(birthDate: string, day: string): number {
  const years = Number(day.slice(0, 4)) - Number(birthDate.slice(0, 4))
  return day.slice(5, 5 + birthDate.slice(5).length) < birthDate.slice(5) ? years - 1 : years
}
