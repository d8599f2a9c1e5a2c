import fc from 'fast-check'
import { placeInAlphabet } from './alphabet.ts'
import { fold } from './fold.ts'

const place = (text: string) => placeInAlphabet(text) ?? fold(text)

test('æ, ø and å come after z, in this order, and aa is å', () => {
  const names = ['Andersen', 'Dürer', 'Dyrhaug', 'Zander', 'Ærfugl', 'Äkäslompolo', 'Østby', 'Ås', 'Aasen', 'Åstad']
  const shuffled = [...names].reverse()
  expect(shuffled.sort((one, other) => (place(one) < place(other) ? -1 : 1))).toEqual([
    ...['Andersen', 'Dürer', 'Dyrhaug', 'Zander', 'Äkäslompolo', 'Ærfugl', 'Østby', 'Ås', 'Aasen', 'Åstad'],
  ])
})

test('however an å is written, as one character or as two', () => {
  expect(placeInAlphabet('A\u030asen')).toBe(placeInAlphabet('Åsen'))
})

test('where no letter of Norwegian is, there is no other place than that of the folded text', () => {
  fc.assert(fc.property(fc.stringMatching(/^[b-zB-Zéèàê ]*$/), (text) => expect(placeInAlphabet(text)).toBeUndefined()))
})
