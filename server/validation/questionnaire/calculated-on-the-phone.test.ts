import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import type { Questionnaire } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { type Answers, toResponse } from '../../../smart-apps/form/answering.ts'
import { express } from '../../../smart-apps/form/expressions.ts'
import { withCalculatedAnswers } from './calculated-answers.ts'

const PHQ_9 = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../plandefinitions/mental-health/questionnaire-phq-9.json'), 'utf8'),
) as Questionnaire
const QUESTIONS = (PHQ_9.item?.[0]?.item ?? []).slice(0, 9)

test('whatever somebody answers to PHQ-9: the score that the phone shows is the one that the server stores', () => {
  const choices = QUESTIONS.map(({ answerOption = [] }) =>
    fc.option(fc.constantFrom(...answerOption), { nil: undefined }),
  )
  fc.assert(
    fc.property(fc.tuple(...choices), (chosen) => {
      const answers: Answers = Object.fromEntries(
        QUESTIONS.map(({ linkId = '' }, i) => [
          linkId,
          chosen[i] ? [{ valueCoding: chosen[i].valueCoding ?? {} }] : [],
        ]),
      )
      const response = toResponse(PHQ_9, answers, { patient: '7', at: new Date('2026-03-04T11:00:00Z') })
      const { whole, scores } = express({ questionnaire: PHQ_9, response, answers })
      const stored = withCalculatedAnswers(PHQ_9, response).response
      expect(whole).toEqual(stored)
      expect(scores.total).toEqual(stored.item?.find(({ linkId }) => linkId === 'total')?.answer)
    }),
    { numRuns: 20 },
  )
})
