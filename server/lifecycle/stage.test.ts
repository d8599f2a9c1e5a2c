import fc from 'fast-check'
import { isInStage } from './stage.ts'

const URL_ = 'http://x/PlanDefinition/p'
const patients = Array.from({ length: 10_000 }, (_, i) => `Patient/${i}`)

test.each([0, 1, 5, 50, 99])('about %i percent of the patients are among them', (share) => {
  const among = patients.filter((patient) => isInStage(URL_, patient, share)).length
  expect(Math.abs(among / 100 - share)).toBeLessThan(1)
})

test('whoever is among a share is among every larger one, and all are among 100', () => {
  const percent = fc.integer({ min: 0, max: 100 })
  fc.assert(
    fc.property(fc.string(), percent, percent, (patient, one, other) => {
      const [small, large] = [Math.min(one, other), Math.max(one, other)]
      if (isInStage(URL_, patient, small)) expect(isInStage(URL_, patient, large)).toBe(true)
      expect(isInStage(URL_, patient, 100)).toBe(true)
      expect(isInStage(URL_, patient, 0)).toBe(false)
    }),
  )
})

test('another plan begins with other patients', () => {
  const both = patients.filter((patient) => isInStage(URL_, patient, 10) && isInStage('http://x/other', patient, 10))
  expect(both.length).toBeGreaterThan(50)
  expect(both.length).toBeLessThan(150)
})
