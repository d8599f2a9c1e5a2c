import { setPath } from './set-path.ts'

test.each([
  ['priority', ['stat'], { priority: 'stat' }],
  ['reasonCode.text', ['why'], { reasonCode: { text: 'why' } }],
  ['note[0].text', ['one'], { note: [{ text: 'one' }] }],
  ['note.text', ['one'], { note: [{ text: 'one' }] }],
  ['performerType', [{ text: 'nurse' }], { performerType: [{ text: 'nurse' }] }],
  ['performerType', [{ text: 'a' }, { text: 'b' }], { performerType: [{ text: 'a' }, { text: 'b' }] }],
  ['input[0].value', ['text'], { input: [{ valueString: 'text' }] }],
  ['input[0].value', [true], { input: [{ valueBoolean: true }] }],
  ['input[0].value', ['2026-11-22'], { input: [{ valueDateTime: '2026-11-22' }] }],
  ['input[0].value.ofType(string)', ['2026-11-22'], { input: [{ valueString: '2026-11-22' }] }],
  ['input[0].valueCanonical', ['http://x'], { input: [{ valueCanonical: 'http://x' }] }],
  ['input[0].value.ofType(Quantity).unit', ['kg'], { input: [{ valueQuantity: { unit: 'kg' } }] }],
  ["extension('http://x').value.ofType(integer)", [7], { extension: [{ url: 'http://x', valueInteger: 7 }] }],
  ['restriction.period.end', ['2026-11-22'], { restriction: { period: { end: '2026-11-22' } } }],
  ['priority', [], {}],
  // What is said of a primitive stands beside it.
  [
    "description.extension('http://x').value",
    [7],
    { _description: { extension: [{ url: 'http://x', valueInteger: 7 }] } },
  ],
  [
    "input[0].valueString.extension('http://x').valueCode",
    ['nn'],
    { input: [{ _valueString: { extension: [{ url: 'http://x', valueCode: 'nn' }] } }] },
  ],
])('%s takes %j', (path, values, made) => {
  const task = {}
  setPath(task, 'Task', path, values)
  expect(task).toEqual(made)
})

test('a choice holds one value: another type replaces it', () => {
  const task = { input: [{ valueString: 'old' }] }
  setPath(task, 'Task', 'input[0].value', [5])
  expect(task).toEqual({ input: [{ valueInteger: 5 }] })
})

test.each(['medicationReference.resolve().amount.numerator.value', 'medication.resolve().amount.numerator.value'])(
  '%s leads into what the request contains',
  (path) => {
    const request = () => ({
      contained: [{ resourceType: 'Medication', id: 'm' }],
      medicationReference: { reference: '#m' },
    })
    const changed = request()
    setPath(changed, 'MedicationRequest', path, [5])
    expect(changed).toEqual({
      ...request(),
      contained: [{ resourceType: 'Medication', id: 'm', amount: { numerator: { value: 5 } } }],
    })
    const elsewhere = { medicationReference: { reference: 'Medication/m' } }
    expect(() => setPath(elsewhere, 'MedicationRequest', path, [5])).toThrow('Medication/m is not contained')
  },
)

test('of a primitive that repeats, each has its own', () => {
  const request = { instantiatesCanonical: ['http://a', 'http://b'] }
  setPath(request, 'ServiceRequest', "instantiatesCanonical[1].extension('http://x').valueCode", ['nn'])
  expect(request).toEqual({
    instantiatesCanonical: ['http://a', 'http://b'],
    _instantiatesCanonical: [null, { extension: [{ url: 'http://x', valueCode: 'nn' }] }],
  })
})

test.each([
  ["input[0].value.ofType(string).extension('http://x').nothing", 'Extension has no element nothing'],
  ['note[0].nothing', 'Annotation has no element nothing'],
])('%s is refused, and has changed nothing', (path, message) => {
  const task = () => ({ input: [{ valueInteger: 5 }] })
  const changed = task()
  expect(() => setPath(changed, 'Task', path, ['x'])).toThrow(message)
  expect(changed).toEqual(task())
})

test.each([1, 2, 999_999_999])('of a primitive that is not there nothing can be said: [%i] of one', (index) => {
  const request = () => ({ instantiatesCanonical: ['http://a'] })
  const changed = request()
  const path = `instantiatesCanonical[${index}].extension('http://x').valueCode`
  const message = `instantiatesCanonical[${index}] would leave instantiatesCanonical[1] empty`
  expect(() => setPath(changed, 'ServiceRequest', path, ['nn'])).toThrow(message)
  expect(changed).toEqual(request())
})

test.each([
  ['note[1].text', ['x'], 'would leave note[0] empty'],
  ['performerType[2]', [{ text: 'x' }], 'would leave performerType[0] empty'],
  ['nothing', ['x'], 'Task has no element nothing'],
  ['priority.where(true)', ['x'], 'no simple path'],
  ['note[0].text + 1', ['x'], 'no simple path'],
  ['priority', ['a', 'b'], 'takes one value'],
  ['', ['x'], 'names no element'],
])('%j with %j is refused: %s', (path, values, message) => {
  expect(() => setPath({}, 'Task', path, values)).toThrow(message)
})
