import { DESK, PHONE, type Picture } from './picture.ts'

const SPO2 = 'docs/ig/StructureDefinition-home-spo2.html'

export const GUIDE_PICTURES: readonly Picture[] = [
  { name: 'guide', options: { viewport: DESK }, path: 'docs/ig/' },
  { name: 'guide-profile-dark', options: { viewport: DESK, colorScheme: 'dark' }, path: SPO2 },
  { name: 'guide-profile-phone', options: PHONE, path: SPO2 },
]
