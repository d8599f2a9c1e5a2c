import { expect, test } from '@jest/globals'
import { metadataOf } from './provision.ts'

const profile = (name: string) => `https://profiles.ihe.net/ITI/MHD/StructureDefinition/${name}`
test.each([
  [[], undefined],
  [['http://example.org/other'], undefined],
  [[profile('IHE.MHD.Minimal.ProvideBundle')], 'minimal'],
  [[profile('IHE.MHD.Comprehensive.ProvideBundle|4.2.2')], 'comprehensive'],
  [[profile('IHE.MHD.UnContained.Comprehensive.ProvideBundle')], 'comprehensive'],
  [[profile('IHE.MHD.Other.ProvideBundle')], 'unknown'],
])('a Bundle of the profiles %j brings %s', (profiles, metadata) =>
  expect(metadataOf({ meta: { profile: profiles } })).toBe(metadata),
)
