import type { SearchParameter } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { type Issue, Refusal } from '../core/fhir/outcome.ts'
import { loadDefinitions } from '../definitions/definitions.ts'
import { withSearchParameters } from '../definitions/with-search-parameters.ts'
import { compileSearch } from './compile.ts'
import { isSearchable } from './parameters.ts'
import { parseSearch, type SearchQuery } from './search-query.ts'
import { queryStrings } from './test-queries.ts'
import { tokenHash } from './token-hash.ts'

const definitions = loadDefinitions()
const parse = (params: string, handling: 'strict' | 'lenient' = 'lenient', type = 'Observation'): SearchQuery =>
  parseSearch(definitions, type, new URLSearchParams(params), handling)

function issuesOf(work: () => unknown): Issue[] {
  try {
    work()
  } catch (error) {
    if (error instanceof Refusal && error.status === 400) return error.issues
    throw error
  }
  return []
}

test.each([
  ['date=yesterday', 'value', 'date'],
  ['date=2024-02-30', 'value', 'date'],
  ['date:exact=2024', 'not-supported', 'date:exact'],
  ['_lastUpdated=soon', 'value', '_lastUpdated'],
  ['value-quantity=much', 'value', 'value-quantity'],
  ['value-quantity=1|a|b|c', 'value', 'value-quantity'],
  ['code:wrong=1', 'not-supported', 'code:wrong'],
  ['code:missing=maybe', 'value', 'code:missing'],
  ['value-string:below=x', 'not-supported', 'value-string:below'],
  ['subject:Nonsense=1', 'not-supported', 'subject:Nonsense'],
  ['subject:Nonsense.name=1', 'value', 'subject:Nonsense.name'],
  ['code:not:text=1', 'value', 'code:not:text'],
  ['_count=-1', 'value', '_count'],
  ['_count=many', 'value', '_count'],
  ['_total=some', 'value', '_total'],
  ['_summary=much', 'value', '_summary'],
  ['_sort=nothing', 'not-supported', '_sort'],
  ['_include=Observation', 'value', '_include'],
  ['_include=Observation:code', 'value', '_include'],
  ['_include=Nonsense:subject', 'value', '_include'],
  ['_include:once=Observation:subject', 'not-supported', '_include:once'],
  ['_revinclude:iterate=*', 'not-supported', '_revinclude:iterate'],
  ['_list=$current-problems', 'not-supported', '_list'],
  ['_list=a,$current-problems', 'not-supported', '_list'],
  ['_id:missing=maybe', 'value', '_id:missing'],
  ['_has:Observation:code:status=final', 'value', '_has:Observation:code:status'],
  ['_has:Observation=1', 'value', '_has:Observation'],
  ['_has:Observation:has-member:nonsense=1', 'value', '_has:Observation:has-member:nonsense'],
  ['code-value-quantity=1', 'value', 'code-value-quantity'],
  ['code=a%00b', 'value', 'code'],
])('%s is refused as %s of %s, also when lenient', (params, code, expression) => {
  expect(issuesOf(() => parse(params))).toMatchObject([{ severity: 'error', code, expression: [expression] }])
})

test('everything that is wrong is told at once', () => {
  expect(issuesOf(() => parse('date=x&_count=y&code=ok')).map(({ expression }) => expression)).toEqual([
    ['date'],
    ['_count'],
  ])
})

test.each(['cookie=chip', 'subject.nonsense=1', 'nonsense.name=1', '_query=x', 'code='])(
  '%s is left out with a warning when lenient, and refused when strict',
  (params) => {
    const query = parse(`${params}&status=final`)
    expect(query.issues).toMatchObject([
      { severity: 'warning', diagnostics: expect.stringMatching(/It was left out\.$/) },
    ])
    expect(query.understood).toBe('status=final')
    expect(query.filters).toHaveLength(1)
    expect(issuesOf(() => parse(params, 'strict'))).toMatchObject([
      { severity: 'error', diagnostics: expect.not.stringContaining('left out') },
    ])
  },
)

const WITHOUT_MISSING = new Set(['_id', '_lastUpdated', '_text', '_content'])

test('every parameter that we declare, of every type, is parsed and becomes SQL', () => {
  const scope = { reachOf: () => ({ kind: 'all' }) as const, locate: () => undefined }
  let count = 0
  for (const type of definitions.resourceTypes) {
    for (const { code = '' } of definitions.searchParameters(type)) {
      if (!isSearchable(definitions, type, code) || WITHOUT_MISSING.has(code)) continue
      const query = parse(`${code}:missing=false`, 'strict', type)
      expect(compileSearch(query, scope).page().text).toContain('WHERE')
      count++
    }
  }
  expect(count).toBeGreaterThan(1800)
})

test('the self link holds what was understood, encoded', () => {
  const query = parse('code=http://loinc.org|8867-4,1&_count=5&_cursor=abc&_format=json&date=ge2026&x=y&_sort=-date')
  expect(query.understood).toBe('code=http://loinc.org%7C8867-4,1&_count=5&date=ge2026&_sort=-date')
  expect(parse(query.understood, 'strict').filters).toEqual(query.filters)
})

test('the page is 20 unless told, and 1000 at most', () => {
  expect([parse('').count, parse('_count=0').count, parse('_count=99999').count]).toEqual([20, 0, 1000])
})

test('no query string makes a fault: it is SQL, or it is refused', () => {
  const scope = { reachOf: () => ({ kind: 'all' }) as const, locate: () => undefined }
  fc.assert(
    fc.property(queryStrings, (text) => {
      const given = new URLSearchParams(text)
      try {
        const compiled = compileSearch(parseSearch(definitions, 'Observation', given, 'lenient'), scope)
        expect(compiled.page().text).toContain('FROM resource r')
        expect(compiled.total().text).toContain('count(*)')
      } catch (error) {
        expect(error).toBeInstanceOf(Refusal)
      }
    }),
    { numRuns: 500 },
  )
})

test.each([
  ['shade=red', ['shade']],
  ['shade:not=red&status=final', ['shade']],
  ['_filter=status eq final or shade eq red', ['shade']],
  ['_sort=-shade', ['shade']],
  ['has-member.shade=red', ['shade']],
  ['_has:Observation:has-member:shade=red', ['shade']],
  ['_content=red', ['_content']],
  ['status=final&_sort=date&_id=1&_text=x', []],
])('%s says of %j that it may not find everything yet, also when strict', (params, codes) => {
  const shade: SearchParameter = {
    ...{ resourceType: 'SearchParameter', url: 'http://x.example/shade', name: 'shade', status: 'active' },
    ...{ description: 'x', code: 'shade', base: ['Observation'], type: 'token', expression: 'Observation.language' },
  }
  const indexing = new Set(['Observation.shade', 'Observation._content'])
  const query = parseSearch(
    withSearchParameters(definitions, [shade], indexing),
    'Observation',
    new URLSearchParams(params),
    'strict',
  )
  expect(query.issues.map(({ severity, code, expression }) => [severity, code, expression])).toEqual(
    codes.map((code) => ['warning', 'incomplete', [code]]),
  )
})

test.each([
  ['code=a', true],
  ['code=a,b', false],
  ['code:not=a', false],
  ['date=2026&code=a', true],
  ['_filter=code eq a and date gt 2026', true],
  ['_filter=code eq a or code eq b', false],
])('%s is gathered before it is ordered, where only b is common: %s', (params, gathered) => {
  const scope = { reachOf: () => ({ kind: 'all' }) as const, locate: () => undefined }
  const isCommon = (hash: string) => hash === tokenHash('Observation.code=b')
  const text = (isCommon?: (hash: string) => boolean) =>
    compileSearch(parse(params), { ...scope, isCommon }).page().text
  expect(text(isCommon).includes('OFFSET 0')).toBe(gathered)
  expect(text()).not.toContain('OFFSET 0')
})
