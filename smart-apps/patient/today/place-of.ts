import { kindOfCodes } from '../measure/kinds.ts'
import type { ToDo } from './day.ts'

/** Where it is done. */
export function placeOf({ questionnaire, codes, about }: Pick<ToDo, 'questionnaire' | 'codes' | 'about'>): string {
  const asked = new URLSearchParams({ about }).toString()
  if (questionnaire) return `form?${new URLSearchParams({ form: questionnaire, about })}`
  const kind = kindOfCodes(codes)
  return kind ? `measure/${kind.name}?${asked}` : 'measure'
}
