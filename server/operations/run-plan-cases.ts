import type { Library, ParametersParameter } from '@medplum/fhirtypes'
import type { Resource } from '../core/fhir/resource.ts'
import { casesIn } from '../lifecycle/cases.ts'
import { type PlanReport, runOne, toReport } from '../lifecycle/plan-report.ts'
import { judgeWith } from '../plans/judge.ts'
import { inTurns } from '../turns.ts'
import { readCql } from './cql-ground.ts'
import { readGiven } from './given-parameters.ts'
import type { Operation } from './operation.ts'
import { parametersReply } from './parameters-reply.ts'
import { compiledOf, readCases, readPlan } from './plan-reading.ts'

/** An operation of this server's own: the cases of a plan through the pure core, as the tests of a pathway run them. */
export const testPlanDefinition: Operation = {
  code: 'test',
  title: 'Test a plan by its cases',
  description:
    'Plays the cases of a plan, and tells which rules they show at work and which holding still. Stores nothing.',
  resource: ['PlanDefinition'],
  on: ['instance'],
  letter: 'r',
  isOwn: true,
  in: [
    {
      name: 'library',
      type: 'Library',
      min: 0,
      max: '1',
      documentation: "Cases to be played instead of the plan's own.",
    },
  ],
  out: [
    { name: 'passed', type: 'boolean', min: 1, max: '1', documentation: 'There are cases, and all of them passed.' },
    {
      name: 'case',
      min: 0,
      max: '*',
      documentation: 'One for each case.',
      part: [
        { name: 'name', type: 'string', min: 1, max: '1', documentation: 'Of the attachment.' },
        { name: 'title', type: 'string', min: 0, max: '1', documentation: 'What the case tells.' },
        { name: 'passed', type: 'boolean', min: 1, max: '1', documentation: 'Whether it came as written.' },
        { name: 'difference', type: 'string', min: 0, max: '*', documentation: 'What was expected, and what came.' },
      ],
    },
    {
      name: 'rule',
      min: 0,
      max: '*',
      documentation: 'One for each rule that something wakes.',
      part: [
        { name: 'action', type: 'string', min: 1, max: '1', documentation: 'Id of the action.' },
        { name: 'fires', type: 'boolean', min: 1, max: '1', documentation: 'Some case makes a Task by it.' },
        { name: 'spares', type: 'boolean', min: 1, max: '1', documentation: 'Some case shows it not applying.' },
      ],
    },
  ],
  async handler(exchange, rooms) {
    const library = readGiven(exchange, testPlanDefinition).resource('library', 'Library')
    const read = await readPlan(exchange, rooms)
    const cases = library ? casesIn(library as typeof library & Library) : await readCases(read)
    const { plan, definitions } = read
    const cql = await readCql(exchange, rooms, [plan as unknown as Resource, ...definitions.values()])
    const compiled = compiledOf(plan, definitions, cql?.requirements)
    // Each in a turn of its own, for a case may be long; the expressions of a draft are under a time limit as all are.
    const judge = judgeWith(rooms.expressions.settle, cql)
    const run = await inTurns(cases, (one) => runOne(compiled, one, judge, rooms.expressions.settle))
    return parametersReply(toParameters(toReport(compiled, run)))
  },
}

function toParameters({ passed, cases, coverage }: PlanReport): ParametersParameter[] {
  return [
    { name: 'passed', valueBoolean: passed },
    ...cases.map(
      (one): ParametersParameter => ({
        name: 'case',
        part: [
          { name: 'name', valueString: one.name },
          { name: 'title', valueString: one.title || one.name },
          { name: 'passed', valueBoolean: one.passed },
          ...one.differences.map((difference) => ({ name: 'difference', valueString: difference })),
        ],
      }),
    ),
    ...coverage.map(
      ({ actionId, fires, spares }): ParametersParameter => ({
        name: 'rule',
        part: [
          { name: 'action', valueString: actionId },
          { name: 'fires', valueBoolean: fires },
          { name: 'spares', valueBoolean: spares },
        ],
      }),
    ),
  ]
}
