import { expect, test } from '@jest/globals'
import { pictureNamesOf } from '../../fhir/thread.ts'
import { toEntries } from '../sending/entry.ts'
import { fitted, maySendPhotos, toPhotoSavings } from './photo.ts'

const IDS = {
  photo: '0d7c2a9e-0000-4000-8000-000000000001',
  message: '0d7c2a9e-0000-4000-8000-000000000002',
  measured: '0d7c2a9e-0000-4000-8000-000000000003',
}
const AT = new Date('2026-11-23T10:00:00Z')

test.each([
  ['one that is small enough stays', 640, 480, { width: 640, height: 480 }],
  ['a wide one', 4000, 3000, { width: 1280, height: 960 }],
  ['a high one', 3000, 4000, { width: 960, height: 1280 }],
  ['a strip keeps a pixel', 40_000, 4, { width: 1280, height: 1 }],
])('%s', (_, width, height, size) => expect(fitted(width, height, 1280)).toEqual(size))

test.each([
  ['patient/*.rs patient/Observation.c', false],
  ['patient/Media.rs patient/Communication.c', false],
  ['patient/*.rs patient/Media.c', true],
  ['patient/*.cruds', true],
  ['patient/*.write', true],
  ['user/Media.c', false],
])('by %s a picture may be sent: %s', (scope, may) => expect(maySendPhotos(scope)).toBe(may))

test('the picture goes before the message that names it, by a name that it has before it is stored', () => {
  const entries = toEntries(
    toPhotoSavings({
      ...{ photo: { data: 'AAAA', width: 2, height: 1 }, ids: IDS, by: { reference: 'Patient/line' }, at: AT },
      record: { patient: { resourceType: 'Patient', id: 'line' }, carePlans: [] },
      words: 'Bilde til: Oksygen 93 %',
      of: [{ id: IDS.measured, resource: { resourceType: 'Observation', status: 'final', code: {} } }],
    }),
    AT,
  )
  expect(entries.map(({ id, resource }) => [id, resource.resourceType])).toEqual([
    [IDS.photo, 'Media'],
    [IDS.message, 'Communication'],
  ])
  const [media, message] = entries.map(({ resource }) => resource)
  expect(media).toMatchObject({
    ...{ status: 'completed', subject: { reference: 'Patient/line' }, width: 2, height: 1 },
    content: { contentType: 'image/jpeg', data: 'AAAA' },
    partOf: [{ type: 'Observation', identifier: { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${IDS.measured}` } }],
  })
  const [name] = (media as { identifier: { system: string; value: string }[] }).identifier
  expect(pictureNamesOf(message as never)).toEqual([`${name?.system}|${name?.value}`])
  expect(message).toMatchObject({ payload: [{ contentString: 'Bilde til: Oksygen 93 %' }, {}] })
})
