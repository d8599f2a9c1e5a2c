import fc from 'fast-check'
import { parseBranch, splitUnion, writeBranch } from './path-expression.ts'

const written = (text: string) => {
  const branch = parseBranch(text)
  return branch && `${writeBranch(branch.root ?? '', branch.steps)}${branch.target ? ` → ${branch.target}` : ''}`
}

test.each([
  ['Observation.code', 'Observation.code'],
  ['Observation.subject.where(resolve() is Patient)', 'Observation.subject → Patient'],
  ['(Observation.value.ofType(Quantity))', 'Observation.value:Quantity'],
  ['(Observation.value as Quantity)', 'Observation.value:Quantity'],
  ['Observation.value.as(CodeableConcept).text', 'Observation.value:CodeableConcept.text'],
  ["Patient.telecom.where(system='phone')", 'Patient.telecom[system is phone]'],
  ["Basic.extension.where(url='http://a.b/c|d').value", 'Basic.extension[url is http://a.b/c|d].value'],
  ["Patient.extension('http://a.b/c').value", 'Patient.extension[url is http://a.b/c].value'],
  ['Bundle.entry[0].resource', 'Bundle.entry[0].resource'],
  ['Patient.name.first().family', 'Patient.name[0].family'],
  ['name', '.name'],
])('%s is the walk %s', (text, walk) => expect(written(text)).toBe(walk))

test.each([
  'Patient.deceased.exists() and Patient.deceased != false',
  'Patient.name.where(use.exists())',
  'Observation.subject.where(resolve() is Patient).display',
  'Patient..name',
  'Patient.',
  '(Patient.name',
  '',
])('%p is more than a walk', (text) => expect(parseBranch(text)).toBeUndefined())

test('a union is split outside of brackets and quotes', () => {
  expect(splitUnion("A.b | (C.d | C.e) | F.where(x='|').g")).toEqual(['A.b', '(C.d | C.e)', "F.where(x='|').g"])
})

test('no text makes the parser throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[A-Za-z.()'[\]= |0-9]*$/)), (text) => {
      for (const part of splitUnion(text)) parseBranch(part)
    }),
  )
})
