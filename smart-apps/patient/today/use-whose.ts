import { useSigned } from '../me-context.ts'
import type { OwnRecord } from '../record/record.ts'
import { isKin } from '../sign-in/whose.ts'

/** Whose day it is: the first name of the patient, and whether it is looked at by somebody near them. */
export function useWhose({ patient }: OwnRecord): { name: string; isSomebodyNear: boolean } {
  const { session } = useSigned()
  return { name: patient.name?.[0]?.given?.[0] ?? '', isSomebodyNear: isKin(session) }
}
