import { expect, test } from '@jest/globals'
import { pictureNamesOf } from '../../fhir/thread.ts'
import { type Entry, toEntries } from '../sending/entry.ts'
import { toPhotoSavings } from './photo.ts'
import { keptPicture, waitingPictures } from './waiting-pictures.ts'

const ID = '0d7c2a9e-0000-4000-8000-000000000001'
const AT = new Date('2026-11-23T10:00:00Z')
const savings = toPhotoSavings({
  ...{
    photo: { data: 'AAAA', width: 2, height: 1 },
    ids: { photo: ID, message: 'm' },
    by: {},
    at: AT,
    words: 'x',
    of: [],
  },
  record: { patient: { resourceType: 'Patient', id: 'line' }, carePlans: [] },
})
const [picture, message] = toEntries(savings, AT) as [Entry, Entry]
const sent: Entry = { ...picture, state: 'sent', storedAs: '7' }
const refused: Entry = { ...picture, state: 'refused' }

test.each([
  ['that waits, by the id of the phone', [picture], { _id: ID }, true],
  ['that was sent, by the id of the server', [sent], { _id: '7' }, true],
  ['by the name in its message', [picture], { identifier: pictureNamesOf(message.resource as never)[0] ?? '' }, true],
  ['of another name', [picture], { identifier: 'urn:ietf:rfc:3986|urn:uuid:other' }, false],
  ['that is a message', [message], { _id: 'm' }, false],
  ['that the server would not have', [refused], { _id: ID }, false],
])('the picture %s is on the phone: %s', (_, entries, named, isKept) => {
  expect(keptPicture(entries, named)).toEqual(isKept ? picture.resource : undefined)
})

test.each([
  ['waits', picture, [ID]],
  ['was sent and is not in the record yet', sent, ['7']],
  ['was refused', refused, []],
])('of one that %s the ids beside the record are %j', (_, entry, ids) =>
  expect(waitingPictures([message, entry], new Set(['8'])).map(({ id }) => id)).toEqual(ids),
)

test('one that the record has is not there twice', () => expect(waitingPictures([sent], new Set(['7']))).toEqual([]))
