import { expect, test } from '@jest/globals'
import type { Consent } from '@medplum/fhirtypes'
import { grantsOf, type StoredConsent, type StoredKin } from '../../sharing/grants.ts'
import { withoutPerson } from './wrong-person.ts'

const NOW = new Date('2026-11-23T10:00:00Z')
const kin = (id: string): StoredKin => ({
  ...{ resourceType: 'RelatedPerson', id, patient: { reference: 'Patient/1' }, meta: { versionId: '3' } },
})
const PER = kin('per')
const actor = (...ids: string[]) =>
  ids.map((id) => ({ role: { text: 'mottar' }, reference: { reference: `RelatedPerson/${id}` } }))
const consent = (id: string, provision: Consent['provision']): StoredConsent => ({
  ...{ resourceType: 'Consent', id, status: 'active', category: [], meta: { versionId: '5' } },
  scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
  ...(provision && { provision }),
})
const permit = (...ids: string[]) => ({ type: 'permit' as const, actor: actor(...ids) })

test('who is not the right person is no next of kin any more, and sees nothing by any Consent; what others see, and what is closed to anybody, stands', () => {
  const consents = [
    consent('alone', permit('per')),
    consent('both', permit('per', 'kari')),
    consent('several', { type: 'permit', provision: [permit('per'), permit('kari'), permit('per')] }),
    consent('closed', { type: 'deny', actor: actor('per') }),
    consent('others', permit('kari')),
  ]
  const entry = withoutPerson(PER, grantsOf(consents, [PER, kin('kari')], NOW))
  expect(entry.map(({ request }) => [request?.method, request?.url, request?.ifMatch]).sort()).toEqual([
    ['PUT', 'Consent/alone', 'W/"5"'],
    ['PUT', 'Consent/both', 'W/"5"'],
    ['PUT', 'Consent/several', 'W/"5"'],
    ['PUT', 'RelatedPerson/per', 'W/"3"'],
  ])
  expect(entry[0]?.resource).toEqual({ ...PER, active: false })
  const after = entry.slice(1).map(({ resource }) => resource as StoredConsent)
  const left = grantsOf(after, [], NOW).filter(({ isOver }) => !isOver)
  expect(left.map(({ consent: { id }, actors }) => [id, actors.map(({ reference }) => reference)]).sort()).toEqual([
    ['both', ['RelatedPerson/kari']],
    ['several', ['RelatedPerson/kari']],
  ])
})
