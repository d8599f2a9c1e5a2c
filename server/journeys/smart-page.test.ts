import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
/** The last of the checks of the public test kits. */
const CHECK_COUNT = 65

/** `10–20, 43` → each number. */
const numbersIn = (text: string): number[] =>
  [...text.matchAll(/(\d+)(?:–(\d+))?/g)].flatMap(([, from, to]) =>
    Array.from({ length: Number(to ?? from) - Number(from) + 1 }, (_, i) => Number(from) + i),
  )

test('docs/smart.md tells of every check of the public kits: by a test that bears its number, or why there is none', () => {
  const rows = [...read('docs/smart.md').matchAll(/^\| (\d[\d–, ]*) \|.*\| (.+) \|$/gm)]
  const told = rows.flatMap(([, numbers = '']) => numbersIn(numbers))
  expect(told.sort((a, b) => a - b)).toEqual(Array.from({ length: CHECK_COUNT }, (_, i) => i + 1))
  const shown = rows.flatMap(([, numbers = '', by = '']) => (by.startsWith('none') ? [] : numbersIn(numbers)))
  const names = [
    'smart-app-launch',
    'token-keeps-its-bounds',
    'federated-login',
    'behind-a-proxy',
    'bulk-data',
    'clinician-app-in-ehr',
  ]
    .flatMap((file) => [...read(`server/journeys/${file}.test.ts`).matchAll(/['`](\d[\d–, ]*): /g)])
    .flatMap(([, numbers = '']) => numbersIn(numbers))
  expect(shown.filter((number) => !names.includes(number))).toEqual([])
})

test('what docs/smart.md says of a test by its name is there, in the file that it names', () => {
  const named = [...read('docs/smart.md').matchAll(/`([\w-]+\.test\.ts)`((?:, \*[^*]+\*)+)/g)].flatMap(
    ([, file = '', names = '']) => [...names.matchAll(/\*([^*…]+?)[ …]*\*/g)].map(([, name = '']) => ({ file, name })),
  )
  expect(named.length).toBeGreaterThan(20)
  expect(named.filter(({ file, name }) => !read(`server/journeys/${file}`).includes(name))).toEqual([])
})

test.each(['docs/smart.md', 'docs/security.md', 'docs/decisions/0043-how-much-is-let-in.md'])(
  'the tests that %s names are there',
  (page) => {
    const files = new Set(
      ['server', 'scripts'].flatMap((folder) =>
        readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) => `/${folder}/${file}`),
      ),
    )
    const named = [...read(page).matchAll(/`([\w/-]+\.test\.ts)`/g)].map(([, file = '']) => file)
    expect(named.length).toBeGreaterThan(0)
    expect(named.filter((file) => ![...files].some((path) => path.endsWith(`/${file}`)))).toEqual([])
  },
)
