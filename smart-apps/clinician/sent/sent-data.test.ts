import type { ParametersParameter } from '@medplum/fhirtypes'
import { toSent } from './sent-data.ts'

const said = (lang: string, content: string) => ({
  url: 'http://hl7.org/fhir/StructureDefinition/translation',
  extension: [
    { url: 'lang', valueCode: lang },
    { url: 'content', valueString: content },
  ],
})

test('totals are added up over receivers, messages come as they are, and what is not said is not there', () => {
  const total = (receiver: string, state: string, count: number) => ({
    name: 'total',
    part: [
      { name: 'receiver', valueCode: receiver },
      { name: 'state', valueCode: state },
      { name: 'count', valueInteger: count },
    ],
  })
  const sent = toSent({
    resourceType: 'Parameters',
    parameter: [
      ...[total('jft', 'dead', 1), total('pmd', 'dead', 2), total('jft', 'journaled', 7)],
      {
        name: 'message',
        part: [
          { name: 'id', valueId: 'm1' },
          { name: 'receiver', valueCode: 'jft' },
          { name: 'organization', valueString: '312229544' },
          { name: 'state', valueCode: 'dead' },
          { name: 'attempts', valueInteger: 3 },
          { name: 'caused', valueInstant: '2026-11-01T08:00:00Z' },
          { name: 'reason-code', valueCode: 'journaling-failed' },
          {
            ...{ name: 'reason', valueString: 'Meldingen kunne ikke journalføres.' },
            _valueString: { extension: [said('nn', 'Meldinga kunne ikkje journalførast.')] },
          } as ParametersParameter,
        ],
      },
      { name: 'next', valueString: '17' },
    ],
  })
  expect([...sent.totals]).toEqual([
    ['dead', 3],
    ['journaled', 7],
  ])
  expect(sent.next).toBe('17')
  expect(sent.messages).toEqual([
    {
      ...{ id: 'm1', receiver: 'jft', organization: '312229544', state: 'dead', attempts: 3 },
      ...{ caused: new Date('2026-11-01T08:00:00Z'), reason: expect.any(Function) },
    },
  ])
})

test('a reason is told in the language of the reader, and one without a code in English, which is said', () => {
  const told = (code: string, reason: object) => {
    const part = [
      { name: 'reason-code', valueCode: code },
      { name: 'reason', ...reason },
    ]
    const [message] = toSent({ resourceType: 'Parameters', parameter: [{ name: 'message', part }] }).messages
    return message?.reason
  }
  const reason = told('withdrawn', {
    ...{ valueString: 'Trukket tilbake.', _valueString: { extension: [said('nn', 'Trekt tilbake.')] } },
  })
  expect(reason?.('nb')).toEqual({ text: 'Trukket tilbake.', lang: 'nb' })
  expect(reason?.('nn')).toEqual({ text: 'Trekt tilbake.', lang: 'nn' })
  expect(told('other', { valueString: 'Something new.' })?.('nn')).toEqual({ text: 'Something new.', lang: 'en' })
  expect(told('withdrawn', {})).toBeUndefined()
})
