import { expect, test } from '@jest/globals'
import type { Bundle, Media, OperationOutcome } from '@medplum/fhirtypes'
import { pictureIn } from './picture-in.ts'
import { pictureNamesOf } from './thread.ts'

const MEDIA: Media = {
  ...{ resourceType: 'Media', status: 'completed', subject: { reference: 'Patient/line' } },
  content: { contentType: 'image/jpeg', data: 'AAAA' },
}
const CLOSED: OperationOutcome = {
  resourceType: 'OperationOutcome',
  issue: [{ severity: 'information', code: 'suppressed' }],
}
const answer = (...resources: (Media | OperationOutcome)[]): Bundle => ({
  ...{ resourceType: 'Bundle', type: 'searchset' },
  entry: resources.map((resource) => ({ resource })),
})
const mistaken: Media = { ...MEDIA, status: 'entered-in-error' }

test.each([
  ['the picture', answer(MEDIA), MEDIA],
  ['the one that is no mistake', answer(mistaken, MEDIA), MEDIA],
  ['the picture, also where something else is closed', answer(MEDIA, CLOSED), MEDIA],
  ['none of what was sent by mistake', answer(mistaken), 'missing'],
  ['none of what is no image', answer({ ...MEDIA, content: { contentType: 'text/html', data: 'AAAA' } }), 'missing'],
  ['none without bytes', answer({ ...MEDIA, content: { contentType: 'image/jpeg' } }), 'missing'],
  ['that it is closed', answer(CLOSED), 'closed'],
  ['nothing', answer(), 'missing'],
])('found is %s', (_, bundle, found) => expect(pictureIn(bundle)).toEqual(found))

test('what a message names a picture by is one value of a search, whatever is written in it', () => {
  const named = (value: string) =>
    pictureNamesOf({
      ...{ resourceType: 'Communication', status: 'completed' },
      payload: [{ contentReference: { type: 'Media', identifier: { system: 'urn:x', value } } }],
    })
  expect(named('a,urn:y|b$c\\d')).toEqual(['urn:x|a\\,urn:y\\|b\\$c\\\\d'])
})
