import type { Parameters, ParametersParameter, PlanDefinition, Task } from '@medplum/fhirtypes'
import { BodyShort } from '@navikt/ds-react'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { useQuery } from '../fhir/use-query.ts'
import { useFhir } from '../session-context.ts'
import { AnswerView } from '../ui/answer-view.tsx'
import { ActDialog } from './act-dialog.tsx'
import { planTitle } from './act-words.ts'
import type { Notice } from './notice-view.tsx'
import type { Enrolment } from './plan-data.ts'
import { PLAN_TEXTS } from './texts.ts'

type Props = {
  name: string
  carePlan: Enrolment
  newer: PlanDefinition & { id: string }
  onMoved: (notice: Notice) => void
  onClose: () => void
}

/** What another version of the plan would change for this person, told before they are moved; taken back in one act. */
export function VersionDialog({ name, carePlan, newer, onMoved, onClose }: Props) {
  const text = useTexts(PLAN_TEXTS)
  const language = useLanguage()
  const fhir = useFhir()
  const from = carePlan.instantiatesCanonical?.[0] ?? ''
  const given = [
    { name: 'from', valueCanonical: from },
    { name: 'carePlan', valueReference: { reference: `CarePlan/${carePlan.id}` } },
  ]
  const path = `PlanDefinition/${newer.id}/$migrate`
  const answer = useQuery(`${path} ${carePlan.id}`, async (signal) =>
    differencesOf(
      await fhir.operation<Parameters>(path, [...given, { name: 'dryRun', valueBoolean: true }], { signal }),
    ),
  )
  const version = newer.version ?? ''
  return (
    <ActDialog
      title={text('versionTitle', { name, version })}
      width="640px"
      will={text('versionWill', { name, plan: planTitle(carePlan, newer, language), version })}
      confirm={text('versionDo')}
      isReady={answer.data !== undefined}
      notReady={text('versionNotReady')}
      onClose={onClose}
      onAct={async (reason) => {
        const task = await fhir.operation<Task>(path, [...given, { name: 'reason', valueString: reason }])
        onMoved({
          words: text('moved', { name, version }),
          undo: async () => {
            await fhir.operation(`PlanDefinition/${newer.id}/$undo-migration`, [
              { name: 'task', valueReference: { reference: `Task/${task.id}` } },
            ])
            return text('movedBack', { name })
          },
        })
      }}
    >
      <AnswerView
        answer={answer}
        what={text('differences')}
        rows={3}
        isEmpty={(differences) => differences.length === 0}
        empty={<BodyShort className="quiet">{text('noDifference')}</BodyShort>}
      >
        {(differences) => (
          <ul className="difference-list">
            {differences.map(({ kind, about, change, before, after }) => (
              <li key={`${kind} ${about}`} data-change={change}>
                <strong>{text(KIND_TEXTS[kind] ?? 'kindOther')}</strong> {about}:{' '}
                {text(DIFFERENCE_TEXTS[change] ?? 'changed')}
                {(before ?? after) && <span className="quiet"> {[before, after].filter(Boolean).join(' → ')}</span>}
              </li>
            ))}
          </ul>
        )}
      </AnswerView>
    </ActDialog>
  )
}

type Difference = { kind: string; about: string; change: string; before?: string; after?: string }

/** Of the one person that was asked about. */
function differencesOf({ parameter = [] }: Parameters): Difference[] {
  const said = ({ part = [] }: ParametersParameter, name: string) => {
    const found = part.find((one) => one.name === name)
    return found?.valueString ?? found?.valueCode
  }
  return (parameter.find(({ name }) => name === 'enrolment')?.part ?? [])
    .filter(({ name }) => name === 'difference')
    .map((one) => {
      const [before, after] = [said(one, 'before'), said(one, 'after')]
      return {
        ...{ kind: said(one, 'kind') ?? '', about: said(one, 'about') ?? '', change: said(one, 'change') ?? '' },
        ...(before && { before }),
        ...(after && { after }),
      }
    })
}

const KIND_TEXTS: Readonly<
  Record<string, 'kindRule' | 'kindLimit' | 'kindSchedule' | 'kindActivity' | 'kindTask' | 'kindGoal' | 'kindKept'>
> = {
  rule: 'kindRule',
  limit: 'kindLimit',
  schedule: 'kindSchedule',
  activity: 'kindActivity',
  task: 'kindTask',
  goal: 'kindGoal',
  kept: 'kindKept',
}
const DIFFERENCE_TEXTS: Readonly<Record<string, 'added' | 'removed' | 'changed' | 'kept' | 'undecided'>> = {
  added: 'added',
  removed: 'removed',
  changed: 'changed',
  kept: 'kept',
  undecided: 'undecided',
}
