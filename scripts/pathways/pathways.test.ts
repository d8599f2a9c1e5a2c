import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathwayNames } from '../../server/plans/load-pathways.ts'
import { checkPathway } from './check-pathway.ts'
import { problemOfCode } from './codes-of-terminologies.ts'
import { pathwayPage, readPathway } from './pathway-page.ts'

const ROOT = join(import.meta.dirname, '../..')

test.each(pathwayNames())('nothing speaks against the content of %s', async (name) => {
  const { problems, rules } = await checkPathway(name)
  expect(problems).toEqual([])
  expect(rules).toBeGreaterThan(5)
})

test.each(pathwayNames())('docs/pathways/%s.md is what the content gives', (name) => {
  expect(readFileSync(join(ROOT, `docs/pathways/${name}.md`), 'utf8')).toBe(pathwayPage(readPathway(name)))
})

describe('what speaks against a pathway is told', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pathway-'))
    // One case is enough where it is the content that is spoken against.
    const isLeftOut = (path: string) => /\/cases\/(?!t3\.json$)/.test(path)
    cpSync(join(ROOT, 'plandefinitions/copd'), join(folder, 'copd'), {
      recursive: true,
      filter: (path) => !isLeftOut(path),
    })
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  test.each([
    ['"nn"', '"xx"', 'PlanDefinition/copd: PlanDefinition.title is not there in nynorsk and English'],
    ['"code": "59408-5"', '"code": "59408-6"', '59408-6 is no LOINC code: its check digit is wrong'],
    ['"code": "13645005"', '"code": "13645006"', '13645006 is no SNOMED CT code: its check digit is wrong'],
    ['"code": "red"', '"code": "purple"', 'purple is no code of http://fylgje.no/fhir/CodeSystem/triage-colour'],
    [
      '"documentation"',
      '"_documentation"',
      'Rule "spo2-red" has no source (documentation: label G, S, N or P, and display)',
    ],
    ['"url": "source"', '"url": "side"', 'Limit 0 of goal "spo2" has no source of its own'],
    ['"label": "S"', '"label": "?"', 'Limit 2 of goal "spo2" has no source of its own'],
    [
      '"_display"',
      '"_shown"',
      'PlanDefinition/copd: PlanDefinition.relatedArtifact[3].display is not there in nynorsk and English',
    ],
    [
      '"_display"',
      '"_shown"',
      'PlanDefinition.goal[0].target[0].extension[0].extension[2].valueRelatedArtifact.display is not there in',
    ],
    ['"_display"', '"_shown"', 'action[0].documentation[0].display is not there in nynorsk and English'],
    ['"status": "active"', '"status": "in force"', 'PlanDefinition/copd: PlanDefinition.status: '],
  ])('%s in place of %s', async (text, other, problem) => {
    const file = join(folder, 'copd/plan-definition.json')
    const content = readFileSync(file, 'utf8')
    expect(content).toContain(text)
    writeFileSync(file, content.replaceAll(text, other))
    const { problems } = await checkPathway('copd', folder)
    expect(problems.join('\n')).toContain(problem)
  })

  test('whose a form is, said in one language', async () => {
    const file = join(folder, 'copd/questionnaire-cat.json')
    const content = readFileSync(file, 'utf8')
    expect(content).toContain('"_copyright"')
    writeFileSync(file, content.replace('"_copyright"', '"_publisher"'))
    const { problems } = await checkPathway('copd', folder)
    expect(problems).toContain('Questionnaire/copd-cat: Questionnaire.copyright is not there in nynorsk and English')
  })

  test('a rule that no case shows, and too few cases', async () => {
    const { problems } = await checkPathway('copd', folder)
    expect(problems).toContain('1 cases; there must be 12')
    expect(problems.some((problem) => problem.includes('pulse-red'))).toBe(true)
  })
})

test.each([
  ['http://loinc.org', '59408-5', true],
  ['http://loinc.org', '59408-4', false],
  ['http://loinc.org', 'abc', false],
  ['http://snomed.info/sct', '431314004', true],
  ['http://snomed.info/sct', '431314005', false],
  ['http://snomed.info/sct', '1104051000000101', true],
  ['http://snomed.info/sct', '413314004', false],
  ['http://unitsofmeasure.org', 'mm[Hg]', true],
  ['http://unitsofmeasure.org', 'mmHg', false],
  ['http://fylgje.no/fhir/CodeSystem/triage-colour', 'red', true],
  ['http://fylgje.no/fhir/CodeSystem/none', 'red', false],
  ['http://example.org', 'anything', true],
])('%s|%s can be a code: %s', (system, code, can) => {
  expect(problemOfCode({ system, code }) === undefined).toBe(can)
})
