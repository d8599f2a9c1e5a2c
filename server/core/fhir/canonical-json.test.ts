import { toCanonicalJson } from './canonical-json.ts'
import { parseJson } from './json.ts'

test.each([
  [
    'names in order, at every depth, and no whitespace',
    '{ "b": [ {"d":1, "c":null} ], "a": "x y" }',
    '{"a":"x y","b":[{"c":null,"d":1}]}',
  ],
  ['capitals before small letters, digits before both', '{"a":1,"B":2,"1":3}', '{"1":3,"B":2,"a":1}'],
  ['a decimal as it was written', '{"value":1.50,"list":[2.0,{"z":0.10}]}', '{"list":[2.0,{"z":0.10}],"value":1.50}'],
  ['the order of an array', '[3,1,2]', '[3,1,2]'],
])('%s', (_what, text, canonical) => expect(toCanonicalJson(parseJson(text))).toBe(canonical))
