import type { Questionnaire, QuestionnaireItem } from '@medplum/fhirtypes'

/** So many texts under one title are something to read, and no help with a question. */
const TEXTS_MIN = 2

const isText = ({ type }: QuestionnaireItem): boolean => type === 'display'

/** A part of a form that is only to be read: a title, and texts below it. */
export const isReadingPart = ({ type, item = [] }: QuestionnaireItem): boolean =>
  type === 'group' && item.length >= TEXTS_MIN && item.every(isText)

/** A form that teaches: some of it is only to be read; its questions are about what was read. */
export const isReading = ({ item = [] }: Pick<Questionnaire, 'item'>): boolean => item.some(isReadingPart)
