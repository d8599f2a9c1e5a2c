import {
  BookIcon,
  CheckmarkCircleFillIcon,
  CircleIcon,
  ClockIcon,
  HeartIcon,
  MinusCircleIcon,
  TasklistIcon,
} from '@navikt/aksel-icons'
import { Button, Heading } from '@navikt/ds-react'
import { type ReactNode, useMemo } from 'react'
import { Go, navigate } from '../../place/router.tsx'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { clock, moment } from '../../ui/format.ts'
import { useNow } from '../../ui/moment.tsx'
import { useRecord, useSending } from '../me-context.ts'
import { NotLoaded } from '../record/not-loaded.tsx'
import type { OwnRecord } from '../record/record.ts'
import { besidesOf } from './besides.ts'
import { ContactList } from './contact-list.tsx'
import { dayOf, nextOf, type ToDo } from './day.ts'
import { placeOf } from './place-of.ts'
import { TODAY_TEXTS } from './texts.ts'
import { useOwnZone } from './use-own-zone.ts'
import { useWhose } from './use-whose.ts'
import { ZoneCard } from './zone-card.tsx'

const MINUTE_MILLIS = 60_000

/** What to do now, one thing; how today stands; the zone and what the plan says to do in it; whom to call. */
export default function TodayScreen() {
  const { record } = useRecord()
  return record ? <Today record={record} /> : <NotLoaded />
}

function Today({ record }: { record: OwnRecord }) {
  const text = useTexts(TODAY_TEXTS)
  const language = useLanguage()
  const { entries } = useSending()
  const now = useNow(MINUTE_MILLIS)
  const day = useMemo(() => dayOf({ record, entries, now }, language), [record, entries, now, language])
  const { own, advice, knownBy } = useOwnZone(record, now)
  const next = nextOf(day)
  const later = day.find(({ state }) => state === 'planned')
  const isPressing = own.zone === 'red' || own.zone === 'yellow'
  const zone = <ZoneCard own={own} advice={advice} record={record} now={now} knownBy={knownBy} isShort />
  const { name, isSomebodyNear } = useWhose(record)
  const dayTitle = isSomebodyNear && name ? text('dayOf', { name }) : text('day')
  return (
    <>
      <Heading size="large" level="1">
        {name && !isSomebodyNear ? text('hello', { name }) : dayTitle}
      </Heading>
      {isPressing && zone}
      {next ? <NextStep toDo={next} /> : <NothingNow day={day} later={later} isPressing={isPressing} />}
      {!isPressing && zone}
      {day.length > 0 && (
        <section className="card" aria-labelledby="day">
          <Heading size="small" level="2" id="day">
            {dayTitle}
          </Heading>
          <ol className="day">
            {day.map((toDo) => (
              <DayLine key={toDo.key} toDo={toDo} />
            ))}
          </ol>
        </section>
      )}
      <Beside record={record} day={day} now={now} />
      {record.missing.length > 0 && <p className="quiet">{text('missingPart')}</p>}
      {!isPressing && (
        <section className="card" aria-labelledby="whom">
          <Heading size="small" level="2" id="whom">
            {text('whom')}
          </Heading>
          <ContactList record={record} now={now} />
        </section>
      )}
    </>
  )
}

/** What the plan has beside that: what the team asks for at no particular time, appointments, medicines. Nothing of what there is none of. */
function Beside({ record, day, now }: { record: OwnRecord; day: readonly ToDo[]; now: Date }) {
  const text = useTexts(TODAY_TEXTS)
  const language = useLanguage()
  const { tasks, appointments, medicines } = useMemo(
    () => besidesOf(record, new Set(day.map(({ about }) => about)), now, language),
    [record, day, now, language],
  )
  return (
    <>
      <BesideList id="tasks" title={text('fromTeam')}>
        {tasks.map(({ id, title, until }) => (
          <li key={id}>
            <p className="what">{title}</p>
            {until && <p className="quiet">{text('until', { at: moment(until, language, now) })}</p>}
          </li>
        ))}
      </BesideList>
      <BesideList id="appointments" title={text('appointments')}>
        {appointments.map(({ id, title, at, place }) => (
          <li key={id}>
            <p className="what">{title || text('appointment')}</p>
            <p className="quiet">
              <time dateTime={at.toISOString()}>{moment(at, language, now)}</time>
              {place && ` · ${place}`}
            </p>
          </li>
        ))}
      </BesideList>
      <BesideList
        id="medicines"
        title={text('medicines')}
        after={<Go to="ask/medication-review">{text('prepareMedicines')}</Go>}
      >
        {medicines.map(({ id, name, dosage }) => (
          <li key={id}>
            <p className="what">{name}</p>
            {dosage && <p className="quiet">{dosage}</p>}
          </li>
        ))}
      </BesideList>
    </>
  )
}

type BesideProps = { id: string; title: string; children: ReactNode[]; after?: ReactNode }

function BesideList({ id, title, children, after }: BesideProps) {
  if (children.length === 0) return null
  return (
    <section className="card" aria-labelledby={id}>
      <Heading size="small" level="2" id={id}>
        {title}
      </Heading>
      <ul className="entries">{children}</ul>
      {after}
    </section>
  )
}

function NextStep({ toDo }: { toDo: ToDo }) {
  const text = useTexts(TODAY_TEXTS)
  const Icon = toDo.isReading ? BookIcon : toDo.questionnaire ? TasklistIcon : HeartIcon
  return (
    <section className="card next" aria-labelledby="next">
      <p className="eyebrow">{text('now')}</p>
      <Heading size="medium" level="2" id="next">
        {toDo.title}
      </Heading>
      <p className="quiet">
        <When toDo={toDo} />
      </p>
      <Button className="big" icon={<Icon aria-hidden />} onClick={() => navigate(placeOf(toDo))}>
        {text(toDo.isReading ? 'doRead' : toDo.questionnaire ? 'doAnswer' : 'doMeasure')}
      </Button>
    </section>
  )
}

type NothingProps = { day: readonly ToDo[]; later: ToDo | undefined; isPressing: boolean }

function NothingNow({ day, later, isPressing }: NothingProps) {
  const text = useTexts(TODAY_TEXTS)
  return (
    <section className="card next" aria-labelledby="next">
      {later ? (
        <>
          <p className="eyebrow">{text('next')}</p>
          <Heading size="medium" level="2" id="next">
            {later.title}
          </Heading>
          <p className="quiet">
            <When toDo={later} />
          </p>
        </>
      ) : (
        <>
          <Heading size="medium" level="2" id="next">
            {text(day.length > 0 ? 'allDone' : 'nothing')}
          </Heading>
          {/* Nobody is praised below a red card. */}
          {!isPressing && <p>{text(day.length > 0 ? 'allDoneHelp' : 'nothingHelp')}</p>}
        </>
      )}
      <Button variant="secondary" onClick={() => navigate('measure')}>
        {text('measureMore')}
      </Button>
    </section>
  )
}

const DAY_HOURS = 23
const LONG_HOURS = 6
/** A window as long as the day has no hours that are worth telling; of a long one, when it is best done. */
function When({ toDo: { opensAt, closesAt, dueAt } }: { toDo: ToDo }) {
  const text = useTexts(TODAY_TEXTS)
  const language = useLanguage()
  const hours = (closesAt.getTime() - opensAt.getTime()) / 3_600_000
  if (hours >= DAY_HOURS) return text('anyTime')
  if (hours > LONG_HOURS) return text('dueAt', { at: clock(dueAt, language) })
  return text('between', { from: clock(opensAt, language), to: clock(closesAt, language) })
}

const STATE_ICONS = {
  ...{ done: CheckmarkCircleFillIcon, late: CheckmarkCircleFillIcon, due: ClockIcon, open: CircleIcon },
  ...{ planned: CircleIcon, missing: MinusCircleIcon, skipped: MinusCircleIcon },
}

function DayLine({ toDo }: { toDo: ToDo }) {
  const text = useTexts(TODAY_TEXTS)
  const { state, title } = toDo
  const Icon = STATE_ICONS[state]
  const mayDo = state === 'due' || state === 'open'
  return (
    <li data-state={state}>
      <Icon aria-hidden fontSize="1.5rem" />
      <div>
        <p className="what">{title}</p>
        <p className="quiet">
          {text(state)}
          {(mayDo || state === 'planned') && (
            <>
              {' · '}
              <When toDo={toDo} />
            </>
          )}
        </p>
      </div>
      {mayDo && (
        <Button
          size="small"
          variant="secondary"
          onClick={() => navigate(placeOf(toDo))}
          aria-label={`${text('doOpen')}: ${title}`}
        >
          {text('doOpen')}
        </Button>
      )}
    </li>
  )
}
