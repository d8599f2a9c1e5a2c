import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { takeOwnership } from './owner.ts'
import { processStart } from './process-start.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fylgje-owner-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('a folder has one owner, until it is given back', async () => {
  const giveBack = await takeOwnership(folder)
  await expect(takeOwnership(folder)).rejects.toThrow(`Another server (process ${process.pid}) is running on ${folder}`)
  await giveBack()
  await (await takeOwnership(folder))()
  expect(await readdir(folder)).toEqual([])
})

test('of many that come at once, one gets it, also where a dead one has left its file', async () => {
  await writeFile(join(folder, 'server.pid'), JSON.stringify({ pid: process.pid, startedAt: 'earlier' }))
  const results = await Promise.allSettled(Array.from({ length: 20 }, () => takeOwnership(folder)))
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
})

test.each([
  ['a process that has ended', JSON.stringify({ pid: 2 ** 22 + 1, startedAt: 'earlier' })],
  ['a process whose number another has now', JSON.stringify({ pid: process.ppid, startedAt: 'earlier' })],
  ['one that was killed before it had written', ''],
  ['something else', '{"pid":"1"}'],
])('the file of %s is no owner', async (_whose, text) => {
  await writeFile(join(folder, 'server.pid'), text)
  await expect(takeOwnership(folder)).resolves.toBeInstanceOf(Function)
})

test('a living process is told from others by when it was started', () => {
  expect(processStart(process.pid)).toBe(processStart(process.pid))
  expect(processStart(process.pid)).not.toBe(processStart(1))
  expect(processStart(2 ** 22 + 1)).toBeUndefined()
})
