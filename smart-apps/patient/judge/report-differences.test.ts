import { expect, test } from '@jest/globals'
import { Refused, Unreachable } from '../../fhir/failure.ts'
import type { Difference } from './differences.ts'
import { reportDifferences } from './report-differences.ts'

const difference: Difference = { about: 'Observation/7', triage: 't', said: 'green', is: 'red', isMilder: true }

/** A server that answers so. */
const server = (error?: Error) => {
  const asked: unknown[] = []
  const operation = async (path: string, parameter: unknown) => {
    asked.push([path, parameter])
    if (error) throw error
    return {} as never
  }
  return { asked, fhir: { operation } as never }
}

test('each is told once, by ids and a colour', async () => {
  const { asked, fhir } = server()
  const told = await reportDifferences(fhir, [difference])
  expect(told).toEqual([{ ...difference, isReported: true }])
  expect(await reportDifferences(fhir, told)).toBe(told)
  expect(asked).toEqual([
    [
      'ClinicalImpression/t/$report-difference',
      [
        { name: 'colour', valueCode: 'green' },
        { name: 'app', valueString: expect.stringMatching(/^patient-[\w.-]+$/) },
      ],
    ],
  ])
})

test('a server that does not take it is not asked again; one that is away is', async () => {
  const refusing = server(new Refused(404, []))
  expect(await reportDifferences(refusing.fhir, [difference])).toEqual([{ ...difference, isReported: true }])
  await expect(reportDifferences(server(new Unreachable()).fhir, [difference])).rejects.toThrow(Unreachable)
})
