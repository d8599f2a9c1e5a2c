import type { Questionnaire } from '@medplum/fhirtypes'
import { CheckmarkCircleFillIcon, CircleIcon, PadlockLockedIcon } from '@navikt/aksel-icons'
import { Button, Heading, ProgressBar } from '@navikt/ds-react'
import { translated } from '../../fhir/translated.ts'
import { wordsOf } from '../../form/question.tsx'
import { Go, navigate, usePlace } from '../../place/router.tsx'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { useRecord, useSending } from '../me-context.ts'
import { NotLoaded } from '../record/not-loaded.tsx'
import { type Course, coursesOf, type Lesson, readCount } from './lessons.ts'
import { isReadingPart } from './reading.ts'
import { LEARN_TEXTS } from './texts.ts'

/** What the plans teach: what was read, what can be read now, and what comes later. What was read can be read again. */
export default function LearnScreen() {
  const text = useTexts(LEARN_TEXTS)
  const { record } = useRecord()
  const { entries } = useSending()
  const again = usePlace().query.get('read')
  if (!record) return <NotLoaded />
  const courses = coursesOf(record, entries)
  const shown = courses.flatMap(({ lessons }) => lessons).find(({ questionnaire }) => questionnaire.url === again)
  if (shown && shown.state !== 'later') return <Texts questionnaire={shown.questionnaire} />
  return (
    <>
      <Heading size="large" level="1">
        {text('title')}
      </Heading>
      {courses.length === 0 && (
        <section className="card">
          <p className="what">{text('nothing')}</p>
          <p>{text('nothingHelp')}</p>
        </section>
      )}
      {courses.map((course) => (
        <CourseCard key={course.plan.url} course={course} />
      ))}
    </>
  )
}

const ICONS = { read: CheckmarkCircleFillIcon, open: CircleIcon, later: PadlockLockedIcon }

function CourseCard({ course }: { course: Course }) {
  const text = useTexts(LEARN_TEXTS)
  const language = useLanguage()
  const { plan, lessons } = course
  const id = `course-${plan.id}`
  return (
    <section className="card" aria-labelledby={id}>
      <Heading size="small" level="2" id={id}>
        {translated(plan, 'title', language)?.text}
      </Heading>
      <div>
        <p className="quiet" id={`${id}-progress`}>
          {text('progress', { read: readCount(course), count: lessons.length })}
        </p>
        <ProgressBar value={readCount(course)} valueMax={lessons.length} aria-labelledby={`${id}-progress`} />
      </div>
      <ol className="day">
        {lessons.map((lesson) => (
          <LessonLine key={lesson.questionnaire.url} lesson={lesson} />
        ))}
      </ol>
    </section>
  )
}

function LessonLine({ lesson: { questionnaire, canonical, state, about } }: { lesson: Lesson }) {
  const text = useTexts(LEARN_TEXTS)
  const language = useLanguage()
  const title = translated(questionnaire, 'title', language)?.text ?? ''
  const Icon = ICONS[state]
  const go = () =>
    navigate(
      state === 'read'
        ? `learn?${new URLSearchParams({ read: questionnaire.url ?? '' })}`
        : `form?${new URLSearchParams({ form: canonical, ...(about ? { about } : {}) })}`,
    )
  const act = text(state === 'read' ? 'readAgain' : 'doRead')
  return (
    <li data-state={state === 'read' ? 'done' : 'planned'}>
      <Icon aria-hidden fontSize="1.5rem" />
      <div>
        <p className="what">{title}</p>
        <p className="quiet">{text(state)}</p>
      </div>
      {state !== 'later' && (
        <Button
          size="small"
          variant={state === 'open' ? 'primary' : 'secondary'}
          onClick={go}
          aria-label={`${act}: ${title}`}
        >
          {act}
        </Button>
      )}
    </li>
  )
}

/** The texts alone, all under each other. */
function Texts({ questionnaire }: { questionnaire: Questionnaire }) {
  const text = useTexts(LEARN_TEXTS)
  const language = useLanguage()
  return (
    <>
      <Go to="learn">{text('back')}</Go>
      <Heading size="large" level="1">
        {translated(questionnaire, 'title', language)?.text}
      </Heading>
      {(questionnaire.item ?? []).filter(isReadingPart).map((part) => (
        <section key={part.linkId} className="card reading" aria-labelledby={`part-${part.linkId}`}>
          <Heading size="small" level="2" id={`part-${part.linkId}`}>
            {wordsOf(part, language)}
          </Heading>
          {(part.item ?? []).map((item) => (
            <p key={item.linkId}>{wordsOf(item, language)}</p>
          ))}
        </section>
      ))}
    </>
  )
}
