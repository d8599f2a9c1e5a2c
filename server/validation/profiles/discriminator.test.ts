import { parseDiscriminatorPath } from './discriminator.ts'

test.each<[string, unknown]>([
  ['$this', []],
  [
    'code.coding',
    [
      { kind: 'child', name: 'code' },
      { kind: 'child', name: 'coding' },
    ],
  ],
  ['$this.resolve()', [{ kind: 'resolve' }]],
  [
    'value.ofType(Quantity).unit',
    [
      { kind: 'child', name: 'value' },
      { kind: 'ofType', type: 'Quantity' },
      { kind: 'child', name: 'unit' },
    ],
  ],
  [
    "extension('http://x').value",
    [
      { kind: 'extension', url: 'http://x' },
      { kind: 'child', name: 'value' },
    ],
  ],
  ['code.where(x = 1)', undefined],
  ['code[0]', undefined],
])('%s', (path, steps) => expect(parseDiscriminatorPath(path)).toEqual(steps))
