import { expect, test } from '@jest/globals'
import { type Choice, choosing } from './choosing.ts'
import type { Photo } from './photo.ts'

const photo = (data: string): Photo => ({ data, width: 1, height: 1 })

/** Files that are made small when the test says so. */
function open() {
  const shrinking: PromiseWithResolvers<Photo>[] = []
  const shown: Choice[] = []
  const chosen = choosing(
    () => {
      const made = Promise.withResolvers<Photo>()
      shrinking.push(made)
      return made.promise
    },
    (choice) => shown.push(choice),
  )
  const choose = () => chosen.choose(new Blob())
  return { ...chosen, choose, shrinking, last: () => shown.at(-1) }
}

test('what is saved at once waits for the picture, and it is said that it is being made ready', async () => {
  const { choose, settled, shrinking, last } = open()
  choose()
  expect(last()).toEqual({ isBusy: true, hasFailed: false })
  const saved = settled()
  shrinking[0]?.resolve(photo('a'))
  expect(await saved).toEqual({ photo: photo('a'), isBusy: false, hasFailed: false })
})

test('of two that are chosen quickly the last counts, also where it is ready first', async () => {
  const { choose, settled, shrinking, last } = open()
  choose()
  choose()
  shrinking[1]?.resolve(photo('second'))
  expect(await settled()).toMatchObject({ photo: photo('second') })
  shrinking[0]?.resolve(photo('first'))
  await shrinking[0]?.promise
  await settled()
  expect(last()).toMatchObject({ photo: photo('second') })
})

test('what waits for the first waits for the second too', async () => {
  const { choose, settled, shrinking } = open()
  choose()
  const saved = settled()
  choose()
  shrinking[0]?.resolve(photo('first'))
  shrinking[1]?.resolve(photo('second'))
  expect(await saved).toMatchObject({ photo: photo('second'), isBusy: false })
})

test('one that is removed while it is made ready is gone', async () => {
  const { choose, remove, settled, shrinking, last } = open()
  choose()
  remove()
  shrinking[0]?.resolve(photo('a'))
  await shrinking[0]?.promise
  expect(await settled()).toEqual({ isBusy: false, hasFailed: false })
  expect(last()).toEqual({ isBusy: false, hasFailed: false })
})

test('one that cannot be used says so, and what was chosen before stays', async () => {
  const { choose, settled, shrinking } = open()
  choose()
  shrinking[0]?.resolve(photo('a'))
  await settled()
  choose()
  shrinking[1]?.reject(new Error('no picture'))
  expect(await settled()).toEqual({ photo: photo('a'), isBusy: false, hasFailed: true })
})
