import { loadDefinitions } from '../definitions/definitions.ts'
import { createValidator } from './validator.ts'

const { validate } = createValidator(loadDefinitions())
const PATIENT = { resourceType: 'Patient', id: '1' }
const OBSERVATION_URN = 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520'

const issuesOf = (bundle: object) =>
  validate({ resourceType: 'Bundle', ...bundle }).map(({ severity, expression }) => `${severity} ${expression}`)

test.each<[string, object, string[]]>([
  [
    'a fullUrl with the type and id',
    { type: 'collection', entry: [{ fullUrl: 'http://x/Patient/1', resource: PATIENT }] },
    [],
  ],
  [
    'a fullUrl with another id',
    { type: 'collection', entry: [{ fullUrl: 'http://x/Patient/2', resource: PATIENT }] },
    ['error Bundle.entry[0].fullUrl'],
  ],
  [
    'a fullUrl that is no address of a resource',
    { type: 'collection', entry: [{ fullUrl: 'http://x/record/2', resource: PATIENT }] },
    [],
  ],
  [
    'a new resource in a transaction',
    {
      type: 'transaction',
      entry: [
        {
          fullUrl: 'http://x/Patient/9',
          resource: { resourceType: 'Patient' },
          request: { method: 'POST', url: 'Patient' },
        },
      ],
    },
    [],
  ],
  [
    'no fullUrl in a collection',
    { type: 'collection', entry: [{ resource: PATIENT }] },
    ['warning Bundle.entry[0].fullUrl'],
  ],
  [
    'no fullUrl in a message',
    { type: 'message', entry: [{ resource: PATIENT }] },
    ['error Bundle.entry[0].fullUrl', 'error Bundle'],
  ],
  [
    'no fullUrl in a batch',
    { type: 'batch', entry: [{ resource: PATIENT, request: { method: 'PUT', url: 'Patient/1' } }] },
    [],
  ],
  [
    'one link of a kind',
    {
      type: 'searchset',
      link: [
        { relation: 'self', url: 'x' },
        { relation: 'next', url: 'y' },
      ],
    },
    [],
  ],
  [
    'two next links',
    {
      type: 'searchset',
      link: [
        { relation: 'next', url: 'x' },
        { relation: 'next', url: 'y' },
      ],
    },
    ['error Bundle.link[1].relation'],
  ],
  [
    'two stylesheets',
    {
      type: 'searchset',
      link: [
        { relation: 'stylesheet', url: 'x' },
        { relation: 'stylesheet', url: 'y' },
      ],
    },
    [],
  ],
])('%s', (_, bundle, expected) => expect(issuesOf(bundle)).toEqual(expected))

describe('a document', () => {
  const document = (reference: string, fullUrl = 'http://x/Composition/c') => ({
    type: 'document',
    identifier: { system: 'urn:x', value: '1' },
    timestamp: '2026-03-05T08:00:00Z',
    entry: [
      {
        fullUrl,
        resource: {
          ...{
            resourceType: 'Composition',
            id: 'c',
            status: 'final',
            type: { text: 'x' },
            date: '2026-03-05',
            title: 'x',
          },
          author: [{ reference }],
        },
      },
      { fullUrl: 'http://x/Practitioner/p', resource: { resourceType: 'Practitioner', id: 'p' } },
    ],
  })

  test.each([
    ['holds what its Composition refers to', document('Practitioner/p'), []],
    ['by its whole address', document('http://x/Practitioner/p'), []],
    ['may refer to what is elsewhere by address', document('http://y/Practitioner/p'), []],
    ['must hold what is relative', document('Practitioner/q'), ['error Bundle.entry[0].resource']],
    ['must hold what has a urn', document(OBSERVATION_URN), ['error Bundle.entry[0].resource']],
    [
      'has no relative addresses below a urn',
      document('Practitioner/p', OBSERVATION_URN),
      ['error Bundle.entry[0].resource'],
    ],
  ])('%s', (_, bundle, expected) => expect(issuesOf(bundle)).toEqual(expected))
})
