import fc from 'fast-check'

const names = fc.oneof(
  fc.constantFrom(
    'code',
    'date',
    'value-quantity',
    'subject',
    'value-string',
    '_id',
    '_sort',
    '_count',
    '_include',
    '_has:Task:focus:status',
    'patient.name',
    'code-value-quantity',
    '_profile',
    '_cursor',
    '_lastUpdated',
    '_filter',
    '_text',
    '_content',
  ),
  fc.string(),
)
const modifiers = fc.constantFrom(
  '',
  ':not',
  ':missing',
  ':exact',
  ':identifier',
  ':Patient',
  ':text',
  ':below',
  ':x',
  '.name',
)
const values = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.stringMatching(/^(gt|le|ap)?[0-9.eT:|$,\\-]{0,20}$/),
  fc.stringMatching(
    /^(code|date|status|patient\.name) (eq|ne|co|gt|pr|po|ss) ("[a-z\\0-9]{0,4}"|20\d\d|true)( and | or |\)|)$/,
  ),
  fc.constantFrom('a OR (b', 'NOT', '"a b" NOT c', ')(', "a' & b"),
  fc.constantFrom('true', 'a|b', '|', '\\', '1|http://unitsofmeasure.org|mg', 'Patient/1'),
)

/** Query strings for Observation: a few real parameters, much that nearly is one, and noise. */
export const queryStrings: fc.Arbitrary<string> = fc
  .array(fc.tuple(names, modifiers, values), { maxLength: 4 })
  .map((params) => new URLSearchParams(params.map(([name, modifier, value]) => [name + modifier, value])).toString())
