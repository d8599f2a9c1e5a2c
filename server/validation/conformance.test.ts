import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseJson } from '../core/fhir/json.ts'
import { Refusal } from '../core/fhir/outcome.ts'
import { loadDefinitions } from '../definitions/definitions.ts'
import { createValidator } from './validator.ts'

// Public test material that lies beside a developer's checkout and is no part of this project. Without it the name of the first test says so.
const MATERIAL = join(import.meta.dirname, '../../../shared/conformance')
const isThere = existsSync(MATERIAL)

const { validate } = createValidator(loadDefinitions())
const isSound = (body: unknown) => validate(body).every((issue) => issue.severity !== 'error')
const linesOf = (file: string) => readFileSync(join(MATERIAL, file), 'utf8').split('\n').filter(Boolean)

/** Official examples that break R4 themselves, with what they break. */
const FAULTY_EXAMPLES: Record<string, string> = {
  'Basic/referral': 'modifier extensions that nobody has defined, which R4 forbids to ignore',
  'Bundle/lri-example': 'fullUrls end in other ids than those of the resources',
  'Bundle/3a0707d3-549e-4467-b8b8-5a2ab3800efe': 'a fullUrl ends in another id than that of the resource',
  'Bundle/10bb101f-a121-4264-a920-67be9cb82c74': 'a fullUrl ends in another id than that of the resource',
  'DeviceMetric/example': 'parent is a DeviceDefinition, may be a Device only',
  'DeviceUseStatement/example': 'reasonReference is a Procedure, which is not among its targets',
  'Observation/clinical-gender': 'performer is an Encounter, which is not among its targets',
}

test(`one official example stands for all where they are not at hand${isThere ? '; here they are' : ''}`, () => {
  expect(
    isSound({ resourceType: 'Patient', id: 'example', name: [{ family: 'Chalmers', given: ['Peter', 'James'] }] }),
  ).toBe(true)
})

if (isThere)
  describe('on public material', () => {
    test('every official example of R4 is accepted, but for those that break R4 themselves', () => {
      const examples = readdirSync(join(MATERIAL, 'examples/hl7-r4')).flatMap((file) =>
        linesOf(`examples/hl7-r4/${file}`),
      )
      expect(examples.length).toBeGreaterThan(500)
      const refused = examples
        .map((line) => parseJson(line) as { resourceType: string; id: string })
        .filter((example) => !isSound(example))
      expect(refused.map(({ resourceType, id }) => `${resourceType}/${id}`).sort()).toEqual(
        Object.keys(FAULTY_EXAMPLES).sort(),
      )
    })

    test.each(linesOf('primitives/cases.ndjson').map((line) => JSON.parse(line)))(
      'the $type $literal is accepted: $valid',
      ({ type, literal, valid }) => {
        const name = `value${type.charAt(0).toUpperCase()}${type.slice(1)}`
        const member =
          type === 'xhtml'
            ? `"text":{"status":"generated","div":${literal}}`
            : `"extension":[{"url":"http://x","${name}":${literal}}]`
        expect(isAccepted(`{"resourceType":"Basic","code":{"text":"x"},${member}}`)).toBe(valid)
      },
    )
  })

function isAccepted(text: string): boolean {
  try {
    return isSound(parseJson(text))
  } catch (error) {
    if (error instanceof Refusal) return false
    throw error
  }
}
