import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { readTar, writeTar } from './tar.ts'

const LONG = `package/${'deep/'.repeat(30)}${'name'.repeat(20)}.json`

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fylgje-tar-'))
  mkdirSync(join(folder, LONG, '..'), { recursive: true })
  writeFileSync(join(folder, 'package/empty.json'), '')
  writeFileSync(join(folder, 'package/small.json'), '{"small":true}')
  writeFileSync(join(folder, 'package/block.json'), 'x'.repeat(512))
  writeFileSync(join(folder, LONG), 'long')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.each(['ustar', 'pax', 'gnu'])('reads what tar packs as %s', (format) => {
  const files = format === 'ustar' ? ['package/empty.json', 'package/small.json', 'package/block.json'] : ['package']
  const { stdout } = spawnSync('tar', ['-c', `--format=${format}`, '-C', folder, ...files], { maxBuffer: 10_000_000 })
  const found = new Map(readTar(stdout).map(({ name, content }) => [name, content.toString()]))
  expect(found.get('package/empty.json')).toBe('')
  expect(found.get('package/small.json')).toBe('{"small":true}')
  expect(found.get('package/block.json')).toHaveLength(512)
  if (format !== 'ustar') expect(found.get(LONG)).toBe('long')
})

test('what is no archive, or was cut short, is an error and not half a package', () => {
  const { stdout } = spawnSync('tar', ['-c', '-C', folder, 'package/small.json'])
  expect(() => readTar(Buffer.from('x'.repeat(2000)))).toThrow('no tar')
  expect(() => readTar(Buffer.from(stdout.subarray(0, 520)))).toThrow('cut short')
})

test('what is written is read, by tar too', () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9.-]{0,60}$/)
  const content = fc.uint8Array({ maxLength: 1_500 }).map((bytes) => Buffer.from(bytes))
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.record({ name, content }), { selector: (file) => file.name, maxLength: 5 }),
      (files) => {
        expect(readTar(writeTar(files, new Date('2026-11-10T08:00:00Z')))).toEqual(files)
      },
    ),
  )
  const archive = writeTar([{ name: 'package/a.json', content: Buffer.from('{"a":1}') }], new Date(0))
  expect(spawnSync('tar', ['-xO', '-f', '-'], { input: archive }).stdout.toString()).toBe('{"a":1}')
})

test('a name that the archive cannot hold is an error', () => {
  expect(() => writeTar([{ name: 'x'.repeat(101), content: Buffer.alloc(0) }], new Date(0))).toThrow('too long')
})
