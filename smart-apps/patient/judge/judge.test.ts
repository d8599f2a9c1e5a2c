import { expect, test } from '@jest/globals'
import type { Questionnaire } from '@medplum/fhirtypes'
import type { PhoneVerdict } from '../sending/entry.ts'
import { isWorkedOutLater } from './judge.ts'
import { saysSomething } from './judge-saved.ts'

const verdict = (zone: PhoneVerdict['zone']): PhoneVerdict => ({
  zone,
  reason: { nb: '', nn: '', en: '' },
  at: '2026-03-04',
})

test.each([
  ['no plan that looks at it', [undefined], false],
  ['grey', [verdict('grey')], false],
  ['one of two', [undefined, verdict('green')], true],
])('%s is judged: %s', (_, verdicts, isJudged) => expect(saysSomething(verdicts)).toBe(isJudged))

test('a form of which the server works out a part is not green on the phone', () => {
  const url = 'http://sdc.example.no/Questionnaire/score'
  const extension = [
    {
      url: 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression',
      valueExpression: { language: 'text/fhirpath', expression: '%resource.item.answer.value.sum()' },
    },
  ]
  const form = (part: object): Questionnaire => ({
    ...{ resourceType: 'Questionnaire', status: 'active', url, version: '1' },
    item: [{ linkId: 'g', type: 'group', item: [{ linkId: 's', type: 'integer', ...part }] }],
  })
  const answers = {
    resourceType: 'QuestionnaireResponse' as const,
    status: 'completed' as const,
    questionnaire: `${url}|1`,
  }
  expect(isWorkedOutLater(answers, { questionnaires: [form({ extension })] })).toBe(true)
  expect(isWorkedOutLater(answers, { questionnaires: [form({})] })).toBe(false)
})

test('one whose parts were all worked out on the phone may be green there', () => {
  const url = 'http://sdc.example.no/Questionnaire/worked-out'
  const extension = [
    {
      url: 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression',
      valueExpression: { language: 'text/fhirpath', expression: '1' },
    },
  ] as never
  const item = [{ linkId: 'g', type: 'group' as const, item: [{ linkId: 's', type: 'integer' as const, extension }] }]
  const questionnaires: Questionnaire[] = [{ resourceType: 'Questionnaire', status: 'active', url, version: '1', item }]
  const answers = { resourceType: 'QuestionnaireResponse' as const, status: 'completed' as const, questionnaire: url }
  const whole = { ...answers, item: [{ linkId: 'g', item: [{ linkId: 's', answer: [{ valueInteger: 1 }] }] }] }
  expect([isWorkedOutLater(answers, { questionnaires }), isWorkedOutLater(whole, { questionnaires })]).toEqual([
    true,
    false,
  ])
})
