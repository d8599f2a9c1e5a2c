import type {
  Bundle,
  Communication,
  Composition,
  DetectedIssue,
  Observation,
  Questionnaire,
  QuestionnaireResponse,
  ServiceRequest,
  Task,
} from '@medplum/fhirtypes'
import fc from 'fast-check'
import { FINDING } from '../../core/decide/plan/vocabulary.ts'
import { type TaskCode, taskCode, taskInput, triageColour } from '../../core/decide/words/coded-words.ts'
import { Refusal } from '../../core/fhir/outcome.ts'
import { QUESTIONNAIRE_REQUEST } from '../../core/fhir/questionnaire-request.ts'
import { loadDefinitions } from '../../definitions/definitions.ts'
import { createValidator } from '../../validation/validator.ts'
import { MEASURES, OBSERVATIONS_PINNED_AT } from '../measures.ts'
import { alertKind, closesAlert } from './alert-kind.ts'
import type { ClosedAlert, FreeNote } from './closed-alert.ts'
import { ALERTS, type AlertKind, PINNED_AT } from './code-tables.ts'
import { toDocument, toNoteDocument } from './document.ts'

const LOINC = 'http://loinc.org'
const UCUM = 'http://unitsofmeasure.org'
const LINE = { system: 'urn:oid:2.16.578.1.12.4.1.4.1', value: '13116900216' }
const KARI = { identifier: { system: 'urn:oid:2.16.578.1.12.4.1.4.4', value: '9144889' }, display: 'Kari Nordlys' }

const task = (code: TaskCode, rest: Partial<Task> = {}): Task => ({
  ...{ resourceType: 'Task', id: 't', meta: { versionId: '4' }, status: 'completed', intent: 'order' },
  identifier: [{ system: FINDING, value: 'http://x/plan|rule|Patient/line|Observation/o/_history/1' }],
  code: taskCode(code),
  businessStatus: triageColour('red'),
  for: { reference: 'Patient/line' },
  description: 'Ring pasienten',
  reasonCode: { text: 'SpO2 84 %, rød grense 88 %' },
  authoredOn: '2026-03-02T08:00:00.000Z',
  ...rest,
})
const restingOn = (...references: string[]) => ({
  input: references.map((reference) => ({ type: taskInput('evidence'), valueReference: { reference } })),
})
const observation = (code: string, value: number, unit: string, rest: Partial<Observation> = {}): Observation => ({
  ...{ resourceType: 'Observation', id: 'o', status: 'final', code: { coding: [{ system: LOINC, code }] } },
  ...{ subject: { reference: 'Patient/line' }, effectiveDateTime: '2026-03-02T07:55:00+01:00' },
  ...{ device: { reference: 'Device/d' }, valueQuantity: { value, unit, system: UCUM, code: unit }, ...rest },
})
const SPO2 = observation('59408-5', 84, '%')
const DIARY: Questionnaire = {
  ...{ resourceType: 'Questionnaire', id: 'diary', url: 'http://x/Questionnaire/diary', version: '2' },
  ...{ status: 'active', title: 'Daglige spørsmål' },
}
const ANSWERS: QuestionnaireResponse = {
  ...{ resourceType: 'QuestionnaireResponse', id: 'q', status: 'completed', questionnaire: `${DIARY.url}|2` },
  ...{ subject: { reference: 'Patient/line' }, authored: '2026-03-02T07:00:00Z' },
  item: [
    { linkId: '1', text: 'Pust', answer: [{ valueCoding: { system: 'http://x', code: 'worse' } }] },
    { linkId: '2', text: 'Hvem', answer: [{ valueReference: { reference: 'Patient/line', display: 'Line' } }] },
    { linkId: '3', text: 'Ingenting', answer: [] },
  ],
}
const SCORE = observation('89247-1', 12, '{score}', {
  id: 's',
  derivedFrom: [{ reference: 'QuestionnaireResponse/q' }],
})
const WEIGHING: ServiceRequest = {
  ...{
    resourceType: 'ServiceRequest',
    id: 'r',
    status: 'active',
    intent: 'order',
    subject: { reference: 'Patient/line' },
  },
  code: { coding: [{ system: LOINC, code: '59408-5' }], text: 'Oksygenmetning' },
}
const ASKING: ServiceRequest = {
  ...{ ...WEIGHING, code: { text: 'Dagbok' } },
  extension: [{ url: QUESTIONNAIRE_REQUEST, valueReference: { reference: 'Questionnaire/diary' } }],
}

const closed = (rest: Partial<ClosedAlert>): ClosedAlert => ({
  ...{ organization: '312229544', sourceSystem: 'Fylgje', cause: 'Task/t/_history/4', patient: LINE, author: KARI },
  ...{ task: task('assess-measurement'), closedAt: '2026-03-02T09:00:00.000Z', begunAt: '2026-03-02T08:30:00.000Z' },
  ...{ evidence: [], scores: [], triage: [], questionnaires: [DIARY], ...rest },
})
const SILENT = [{ system: FINDING, value: 'Basic/b|silence.not-measured|Patient/line|2026-03-01T00:00:00.000Z' }]
const TWO = ['http://x/plan|a|Patient/line|1', 'http://x/plan|b|Patient/line|1'].map((value) => ({
  system: FINDING,
  value,
}))
const NOTE: FreeNote = {
  ...{
    organization: '312229544',
    sourceSystem: 'Fylgje',
    cause: 'Communication/c/_history/1',
    patient: LINE,
    author: KARI,
  },
  note: {
    ...{ resourceType: 'Communication', id: 'c', status: 'completed', sent: '2026-03-02T09:00:00Z' },
    payload: [{ contentString: 'Snakket om <pust> & søvn' }],
  } as Communication,
}

/** One of each kind that there is. */
const KINDS: [AlertKind, ClosedAlert, entries: string[]][] = [
  [
    'measurement',
    closed({ task: task('assess-measurement', restingOn('Observation/o/_history/1')), evidence: [SPO2] }),
    ['Composition', 'DetectedIssue', 'Observation'],
  ],
  [
    'questionnaire',
    closed({
      task: task('assess-measurement', restingOn('QuestionnaireResponse/q/_history/1')),
      ...{ evidence: [ANSWERS], scores: [SCORE] },
    }),
    ['Composition', 'DetectedIssue', 'QuestionnaireResponse', 'Observation'],
  ],
  ['action', closed({ task: task('carry-out') }), ['Composition', 'DetectedIssue']],
  [
    'missing-questionnaire',
    closed({ task: task('missing-measurement'), asked: ASKING }),
    ['Composition', 'DetectedIssue'],
  ],
  [
    'missing-measurement',
    closed({ task: task('missing-measurement'), asked: WEIGHING }),
    ['Composition', 'DetectedIssue'],
  ],
  ['inactive', closed({ task: task('missing-measurement', { identifier: SILENT }) }), ['Composition', 'DetectedIssue']],
  [
    'summary',
    closed({
      task: task('summary', {
        identifier: TWO,
        ...restingOn('Observation/o/_history/1', 'QuestionnaireResponse/q/_history/1'),
      }),
      evidence: [SPO2, ANSWERS],
    }),
    ['Composition', 'DetectedIssue', 'Observation', 'QuestionnaireResponse'],
  ],
]

const resources = ({ entry = [] }: Bundle) => entry.map(({ resource }) => resource)
const first = <T>(bundle: Bundle, type: string): T => resources(bundle).find((one) => one?.resourceType === type) as T
const compositionIn = (bundle: Bundle) => first<Composition>(bundle, 'Composition')
const issueIn = (bundle: Bundle) => first<DetectedIssue>(bundle, 'DetectedIssue')
const observationIn = (bundle: Bundle) => first<Observation>(bundle, 'Observation')
const documentOf = (kind: AlertKind) => toDocument(KINDS.find(([one]) => one === kind)?.[1] as ClosedAlert)
const measured = (...evidence: Observation[]) =>
  toDocument(
    closed({ task: task('assess-measurement', restingOn(...evidence.map(({ id }) => `Observation/${id}`))), evidence }),
  )

describe.each(KINDS)('a closed alert of the kind %s', (kind, alert, entries) => {
  const bundle = toDocument(alert)

  test('has its code and its entries, the Composition first', () => {
    expect(resources(bundle).map((one) => one?.resourceType)).toEqual(entries)
    expect(issueIn(bundle).code?.coding?.[0]).toEqual({
      system: 'http://ehelse.no/fhir/CodeSystem/vkp-alert-code-v090',
      ...ALERTS[kind],
    })
    expect(compositionIn(bundle).title).toBe(ALERTS[kind].display)
  })

  test('is R4', () => {
    const { validate } = VALIDATOR
    expect(validate(bundle as never).filter(({ severity }) => severity === 'error')).toEqual([])
  })

  test('is told from its start to its end, each moment in order', () => {
    const events = compositionIn(bundle).event ?? []
    expect(events.map(({ code, period }) => [code?.[0]?.coding?.[0]?.code, period?.start])).toEqual([
      ['0', '2026-03-02T08:00:00.000Z'],
      ['1', '2026-03-02T08:30:00.000Z'],
      ['3', '2026-03-02T09:00:00.000Z'],
    ])
  })
})
const VALIDATOR = createValidator(loadDefinitions())

test('a note is a Composition alone, in the section for notes', () => {
  const bundle = toNoteDocument(NOTE)
  expect(resources(bundle).map((one) => one?.resourceType)).toEqual(['Composition'])
  expect(compositionIn(bundle).section).toEqual([
    {
      code: {
        coding: [
          { system: 'http://ehelse.no/fhir/CodeSystem/vkp-composition-section-v090', code: '1', display: 'notat' },
        ],
      },
      text: {
        status: 'additional',
        div: '<div xmlns="http://www.w3.org/1999/xhtml"><p>Snakket om &#60;pust&#62; &#38; søvn</p></div>',
      },
    },
  ])
  expect(VALIDATOR.validate(bundle as never).filter(({ severity }) => severity === 'error')).toEqual([])
})

describe('what did not come is told by its name', () => {
  test('a measurement by its LOINC code', () => {
    const { code, implicated } = issueIn(documentOf('missing-measurement'))
    expect(code?.text).toBe('Måling ikke rapportert: SpO2')
    expect(implicated).toEqual([{ identifier: { system: LOINC, value: '2708-6' }, display: 'SpO2' }])
  })

  test('one without a code by what it is called', () => {
    const alert = closed({ task: task('missing-measurement'), asked: { ...WEIGHING, code: { text: 'Gå en tur' } } })
    expect(issueIn(toDocument(alert)).implicated).toEqual([
      { identifier: { value: 'Gå en tur' }, display: 'Gå en tur' },
    ])
  })

  test('a form by its title', () => {
    const { code, implicated } = issueIn(documentOf('missing-questionnaire'))
    expect(code?.text).toBe('Spørsmålsliste som ikke er besvart: Daglige spørsmål')
    expect(implicated).toEqual([{ identifier: { value: 'Daglige spørsmål' }, display: 'Daglige spørsmål' }])
  })
})

describe('how bad it was', () => {
  test.each([
    ['red', 'high', 'Rød: SpO2 84 %, rød grense 88 %'],
    ['yellow', 'moderate', 'Gul: SpO2 84 %, rød grense 88 %'],
    ['green', 'low', 'Grønn: SpO2 84 %, rød grense 88 %'],
  ] as const)('%s is %s', (colour, severity, detail) => {
    const alert = closed({ task: task('carry-out', { businessStatus: triageColour(colour) }) })
    expect(issueIn(toDocument(alert))).toMatchObject({ severity, detail })
  })

  test.each([
    ['grey', triageColour('grey')],
    ['not said', undefined],
  ])('is left out when it is %s', (_case, businessStatus) => {
    const { businessStatus: _, ...rest } = task('carry-out')
    const issue = issueIn(toDocument(closed({ task: businessStatus ? { ...rest, businessStatus } : rest })))
    expect(issue).not.toHaveProperty('severity')
  })

  test('is told by the triage where the Task has no colour', () => {
    const { businessStatus: _, ...rest } = task('carry-out')
    const triage = [
      {
        ...{ resourceType: 'ClinicalImpression' as const, status: 'completed' as const, subject: {} },
        finding: [{ itemCodeableConcept: triageColour('yellow') }],
      },
    ]
    expect(issueIn(toDocument(closed({ task: rest, triage })))).toMatchObject({ severity: 'moderate' })
  })
})

describe('the traps of the receiver', () => {
  test('1: what FHIR has as a list is a list', () => {
    const composition = compositionIn(documentOf('measurement'))
    for (const list of [composition.category, composition.author, composition.event, composition.section]) {
      expect(Array.isArray(list)).toBe(true)
    }
    expect(Array.isArray(composition.event?.[0]?.code)).toBe(true)
    expect(Array.isArray(issueIn(documentOf('measurement')).implicated)).toBe(true)
  })

  test('2: no empty text: a device without a name is not named at all', () => {
    expect(JSON.stringify(documentOf('measurement'))).not.toContain('""')
    expect(observationIn(documentOf('measurement'))).not.toHaveProperty('device')
  })

  test('3: the canonical of answers is misspelt, as its publisher has it; the title of the form stands beside its canonical', () => {
    const sent = first<QuestionnaireResponse>(documentOf('questionnaire'), 'QuestionnaireResponse')
    expect(sent.meta?.profile).toEqual(['http://ehelse.no/fhir/StructureDefinition/vkp-QuestionnaireReponse-v090'])
    expect(sent).toMatchObject({
      subject: { identifier: LINE },
      _questionnaire: {
        extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/display', valueString: 'Daglige spørsmål' }],
      },
    })
  })

  test('4: weight is 29463-7, which a page prints wrongly', () => {
    expect(observationIn(measured(observation('29463-7', 70, 'kg'))).code.coding).toEqual([
      { system: LOINC, code: '29463-7' },
      { system: 'http://snomed.info/sct', code: '27113001' },
    ])
  })

  test('5: LOINC is named by http', () => {
    expect(JSON.stringify(KINDS.map(([kind]) => documentOf(kind)))).not.toContain('https://loinc')
  })

  test('6: the codes are our own table, with the day on which they were read', () => {
    expect([PINNED_AT, OBSERVATIONS_PINNED_AT]).toEqual(['2025-11-18', '2026-03-01'])
    expect(Object.fromEntries(Object.entries(ALERTS).map(([kind, { code }]) => [kind, code]))).toEqual({
      ...{ summary: '5.1', measurement: '5.2.1', questionnaire: '5.2.2', action: '5.2.3', inactive: '5.3' },
      ...{ 'missing-questionnaire': '5.3.1', 'missing-measurement': '5.3.2' },
    })
  })

  test('7: the code of the alert stands in the DetectedIssue, and Composition.type is LOINC 34133-9', () => {
    expect(compositionIn(documentOf('measurement')).type).toEqual({ coding: [{ system: LOINC, code: '34133-9' }] })
  })

  test('8: no extension says how severe it is: that one cannot be satisfied', () => {
    expect(issueIn(documentOf('measurement'))).not.toHaveProperty('extension')
  })

  test('9: canonicals are those of ehelse.no', () => {
    expect(JSON.stringify(KINDS.map(([kind]) => documentOf(kind)))).not.toContain('http://hl7.no')
  })

  test('10: a section’s text is additional', () => {
    const statuses = compositionIn(documentOf('summary')).section?.map(({ text }) => text?.status)
    expect(new Set(statuses)).toEqual(new Set(['additional']))
  })

  test('11: the patient is a national number everywhere, and no reference leads into this server', () => {
    for (const [kind] of KINDS) {
      const references = [...JSON.stringify(documentOf(kind)).matchAll(/"reference":"([^"]*)"/g)].map(([, to]) => to)
      expect(references.filter((to) => !to?.startsWith('urn:uuid:'))).toEqual([])
      expect(compositionIn(documentOf(kind)).subject).toEqual({ identifier: LINE })
    }
  })

  test('12: every event has its own time, in order, whatever the clocks of those who wrote them said', () => {
    const wrong = closed({ begunAt: '2026-03-01T00:00:00.000Z' })
    const starts = compositionIn(toDocument(wrong)).event?.map(({ period }) => period?.start)
    expect(starts).toEqual(['2026-03-02T08:00:00.000Z', '2026-03-02T08:00:00.000Z', '2026-03-02T09:00:00.000Z'])
  })

  test('13: the document and its DetectedIssue are about one patient', () => {
    for (const [kind] of KINDS)
      expect(issueIn(documentOf(kind)).patient).toEqual(compositionIn(documentOf(kind)).subject)
  })

  test('14: what a section and a DetectedIssue refer to is in the document', () => {
    const bundle = documentOf('summary')
    const urls = bundle.entry?.map(({ fullUrl }) => fullUrl)
    const [issue, ...evidence] = urls?.slice(1) ?? []
    expect(compositionIn(bundle).section?.[0]?.entry).toEqual([{ reference: issue }])
    expect(issueIn(bundle).implicated).toEqual(evidence.map((reference) => ({ reference })))
    expect(
      urls?.every((url) =>
        /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(String(url)),
      ),
    ).toBe(true)
  })

  test.each([
    ['mmol/l', 'mmol/L'],
    ['mmol/L', 'mmol/L'],
  ])('15: glucose in %s is sent in %s, with the code of the Norwegian laboratories', (unit, sent) => {
    const { code, valueQuantity } = observationIn(measured(observation('15074-8', 6.2, unit)))
    expect(code.coding).toEqual([
      { system: LOINC, code: '15074-8' },
      { system: 'http://snomed.info/sct', code: '434912009' },
      { system: 'urn:oid:2.16.578.1.12.4.1.1.7280', code: 'NPU02187' },
    ])
    expect(valueQuantity).toEqual({ value: 6.2, unit: sent, system: UCUM, code: sent })
  })
})

describe('measurements', () => {
  test.each(MEASURES.filter(({ parts }) => !parts))('$display under both codes, in its unit', (measure) => {
    const sent = observationIn(measured(observation(measure.alsoKnownAs?.[0] ?? measure.loinc, 1, measure.unit)))
    expect(sent.code.coding?.map(({ code }) => code).slice(0, 2)).toEqual([measure.loinc, measure.snomed])
    expect(sent).toMatchObject({ subject: { identifier: LINE }, valueQuantity: { code: measure.unit } })
  })

  test('blood pressure is its two parts', () => {
    const part = (code: string, value: number) => ({
      code: { coding: [{ system: LOINC, code }] },
      valueQuantity: { value, unit: 'mmHg', system: UCUM, code: 'mm[Hg]' },
    })
    const { valueQuantity: _, ...rest } = observation('85354-9', 0, '')
    const sent = observationIn(measured({ ...rest, component: [part('8480-6', 130), part('8462-4', 80)] }))
    expect(sent.component?.map(({ code, valueQuantity }) => [code.coding?.[1]?.code, valueQuantity?.value])).toEqual([
      ['271649006', 130],
      ['271650006', 80],
    ])
    expect(sent).not.toHaveProperty('valueQuantity')
  })

  test('one in another unit is refused, with the unit that is sent', () => {
    expect(() => measured(observation('29463-7', 154, '[lb_av]'))).toThrow(Refusal)
    expect(() => measured(observation('29463-7', 154, '[lb_av]'))).toThrow('is sent in kg')
  })

  test('what is in no table keeps its own code', () => {
    const sent = observationIn(measured(observation('20150-9', 1.4, 'L')))
    expect(sent.code.coding).toEqual([{ system: LOINC, code: '20150-9' }])
  })

  test('a score bears the code for scores before its own', () => {
    const sent = observationIn(documentOf('questionnaire'))
    expect(sent.code.coding?.map(({ code }) => code)).toEqual(['74465-6', '89247-1'])
    expect(sent.category?.[0]?.coding?.[0]?.code).toBe('survey')
  })

  test('a comment on one has a section of its own', () => {
    const commented = observation('8867-4', 70, '/min', { note: [{ text: 'Etter trapp' }] })
    const section = compositionIn(measured(commented)).section?.find(({ code }) => code?.coding?.[0]?.code === '1.3')
    expect(section?.text?.div).toContain('Etter trapp')
  })
})

describe('which Tasks are alerts that somebody has closed', () => {
  const open = task('assess-measurement', { status: 'accepted' })
  test.each<[string, Task | undefined, Task, string, boolean]>([
    ['done', open, task('assess-measurement'), 'Practitioner/kari', true],
    ['cancelled by a person', open, task('assess-measurement', { status: 'cancelled' }), 'Practitioner/kari', true],
    [
      'taken back by the engine',
      open,
      task('assess-measurement', { status: 'cancelled' }),
      'Device/plan-engine',
      false,
    ],
    ['done already before', task('assess-measurement'), task('assess-measurement'), 'Practitioner/kari', false],
    ['stored as done at once', undefined, task('assess-measurement'), 'Client/demo-service', true],
    ['still open', open, open, 'Practitioner/kari', false],
    ['entered in error', open, task('assess-measurement', { status: 'entered-in-error' }), 'Practitioner/kari', false],
    [
      'about shifts',
      { ...open, code: taskCode('shift-understaffed') },
      task('shift-understaffed'),
      'Practitioner/kari',
      false,
    ],
    ['a handover', open, task('handover'), 'Practitioner/kari', false],
    ['of no patient', open, task('assess-measurement', { for: { reference: 'Group/g' } }), 'Practitioner/kari', false],
    [
      'the patient’s own',
      open,
      task('answer-questionnaire', { owner: { reference: 'Patient/line' } }),
      'Patient/line',
      false,
    ],
    ['another workflow’s', open, { resourceType: 'Task', status: 'completed', intent: 'order' }, 'Client/x', false],
  ])('one that is %s', (_case, before, after, actor, expected) =>
    expect(closesAlert(before, after, actor)).toBe(expected),
  )

  test.each(KINDS)('its kind is %s', (kind, { task: one, asked }) => expect(alertKind(one, asked)).toBe(kind))
})

const texts = fc.oneof(fc.constantFrom('', ' ', 'Pusten er tyngre', '<b>&"'), fc.string({ maxLength: 12 }))
const anyAlert = fc
  .record({
    made: fc.constantFrom(...KINDS.map(([, alert]) => alert)),
    reason: texts,
    notes: fc.array(texts, { maxLength: 3 }),
    comment: texts,
    version: fc.integer({ min: 1, max: 9 }),
  })
  .map(
    ({ made, reason, notes, comment, version }): ClosedAlert => ({
      ...made,
      cause: `Task/t/_history/${version}`,
      task: { ...made.task, reasonCode: { text: reason }, note: notes.map((text) => ({ text })) },
      evidence: made.evidence.map((one) =>
        one.resourceType === 'Observation' ? { ...one, note: [{ text: comment }] } : one,
      ),
    }),
  )

test('of every alert: references resolve inside, nothing is empty, one patient, and the same cause gives the same names', () => {
  fc.assert(
    fc.property(anyAlert, (alert) => {
      const bundle = toDocument(alert)
      const urls = (bundle.entry ?? []).map(({ fullUrl }) => fullUrl)
      const referred = [...JSON.stringify(bundle).matchAll(/"reference":"([^"]*)"/g)].map(([, to]) => to)
      expect(referred.filter((to) => !urls.includes(to))).toEqual([])
      expect(new Set(urls).size).toBe(urls.length)
      expect(emptyIn(bundle)).toEqual([])
      expect(issueIn(bundle).patient).toEqual(compositionIn(bundle).subject)
      expect(toDocument(structuredClone(alert))).toEqual(bundle)
      const other = toDocument({ ...alert, cause: `${alert.cause}0` })
      expect(other.identifier?.value).not.toBe(bundle.identifier?.value)
      expect(other.entry?.some(({ fullUrl }) => urls.includes(fullUrl))).toBe(false)
    }),
    { numRuns: 60 },
  )
})

/** Where a tree says nothing. */
function emptyIn(value: unknown, path = ''): string[] {
  if (value === '' || value === null || value === undefined) return [path]
  if (typeof value !== 'object') return []
  const parts = Object.entries(value)
  return parts.length === 0 ? [path] : parts.flatMap(([name, one]) => emptyIn(one, `${path}.${name}`))
}
