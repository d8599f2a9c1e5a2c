import { expect, test } from '@jest/globals'
import type { Resource } from '../core/fhir/resource.ts'
import { withExif } from '../pictures/test-picture.ts'
import { mustBePlainPicture } from './pictures-of-patients.ts'

const JPEG = Buffer.from('\xff\xd8\xff\xdb\0\x04\0\0\xff\xd9', 'latin1')
const ofSize = (count: number) => Buffer.concat([JPEG, Buffer.alloc(count - JPEG.length)])
const jpeg = (bytes: Buffer) => ({ contentType: 'image/jpeg', data: bytes.toString('base64') })
const sent =
  (content: object, actor = 'Patient/line') =>
  () =>
    mustBePlainPicture({ actor, clientId: 'app', scopes: [] }, {
      ...{ resourceType: 'Media', status: 'completed', subject: { reference: 'Patient/line' } },
      content,
    } as Resource)

test('patients and next of kin send pictures by their bytes, of up to a megabyte', () => {
  for (const actor of ['Patient/line', 'RelatedPerson/maja']) {
    expect(sent(jpeg(JPEG), actor)).not.toThrow()
    expect(sent(jpeg(ofSize(1_000_000)), actor)).not.toThrow()
  }
})

const REFUSED: [string, object, string, string][] = [
  ['another address', { contentType: 'image/jpeg', url: 'http://elsewhere/x.jpg' }, 'business-rule', 'url'],
  ['bytes and an address', { ...jpeg(JPEG), url: 'http://elsewhere/x.jpg' }, 'business-rule', 'url'],
  ['nothing', { contentType: 'image/jpeg' }, 'business-rule', 'data'],
  ['one byte too many', jpeg(ofSize(1_000_001)), 'too-long', 'data'],
  ['much too much', jpeg(ofSize(3_000_000)), 'too-long', 'data'],
  ['an SVG that says it is a JPEG', jpeg(Buffer.from('<svg/>')), 'business-rule', 'data'],
  ['a JPEG that says it is a PNG', { ...jpeg(JPEG), contentType: 'image/png' }, 'business-rule', 'contentType'],
  ['a JPEG that says nothing', { data: JPEG.toString('base64') }, 'business-rule', 'contentType'],
  ['where it was taken', jpeg(withExif(JPEG)), 'business-rule', 'data'],
]

test.each(REFUSED)('and not %s', (_, content, code, element) => {
  for (const actor of ['Patient/line', 'RelatedPerson/maja']) {
    let refusal: unknown
    try {
      sent(content, actor)()
    } catch (error) {
      refusal = error
    }
    expect(refusal).toMatchObject({ issues: [{ code, expression: [`Media.content.${element}`] }] })
  }
})

test('of staff and systems it is no matter here', () => {
  for (const [, content] of REFUSED)
    for (const actor of ['Practitioner/kari', 'Client/ehr', 'Device/gateway'])
      expect(sent(content, actor)).not.toThrow()
})
