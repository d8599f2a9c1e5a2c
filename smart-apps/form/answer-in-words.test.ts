import { expect, test } from '@jest/globals'
import type { QuestionnaireResponseItemAnswer } from '@medplum/fhirtypes'
import { answerInWords } from './answer-in-words.ts'

test.each<[QuestionnaireResponseItemAnswer, string]>([
  [{ valueBoolean: true }, 'Ja'],
  [{ valueBoolean: false }, 'Nei'],
  [{ valueCoding: { code: 'often', display: 'Ofte' } }, 'Ofte'],
  [{ valueCoding: { code: 'often' } }, 'often'],
  [{ valueInteger: 0 }, '0'],
  [{ valueString: 'Verst om natten' }, 'Verst om natten'],
  [{}, ''],
])('%j is read as %s', (answer, words) => expect(answerInWords(answer, 'nb')).toBe(words))
