import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readTar } from './tar.ts'

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
