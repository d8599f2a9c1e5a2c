import { translated } from './language.js'

// What the engine says a Task is about, as the page needs it: Tasks in, rows out.

export const COLOURS = ['red', 'yellow', 'grey', 'green']

const OPEN = ['draft', 'requested', 'received', 'accepted', 'ready', 'in-progress', 'on-hold']
const PRIORITY_COLOUR = { stat: 'red', asap: 'red', urgent: 'yellow', routine: 'grey' }

const IN_LIST = '_sort=-_lastUpdated&_count=200&_include=Task:patient'
const open = (priorities) => `Task?status=${OPEN.join(',')}&priority=${priorities}&${IN_LIST}`

/** Everything open. The urgent ones are asked for by themselves, so that no flood of others can hide them. */
export const OPEN_TASKS = [open('stat,asap'), open('urgent,routine')]

/** Everything that changed since then, whatever it became, so that closed Tasks leave the list. */
export const tasksSince = (instant) => `Task?_lastUpdated=ge${encodeURIComponent(instant)}&${IN_LIST}`

/**
 * A Task as a row.
 * @param patients by `Patient/…`
 */
export function toRow(task, patients) {
  const patient = patients.get(task.for?.reference)
  const colour = colourOf(task)
  return {
    id: task.id,
    versionId: task.meta?.versionId,
    lastUpdated: task.meta?.lastUpdated ?? '',
    colour,
    patient: nameOf(patient) ?? task.for?.display ?? task.for?.reference ?? '',
    patientId: task.for?.reference?.split('/')[1],
    birthDate: patient?.birthDate,
    /** Why it is there, in the language of the page, and in which language that is. */
    get reason() {
      const { text, lang } = reasonOf(task)
      return { text: unbroken(text ?? ''), lang }
    },
    authoredOn: new Date(task.authoredOn ?? task.meta?.lastUpdated ?? 0),
    deadline: task.restriction?.period?.end ? new Date(task.restriction.period.end) : undefined,
    task,
  }
}

const reasonOf = ({ reasonCode, description, code, ...rest }) =>
  reasonCode?.text
    ? translated(reasonCode, 'text')
    : description
      ? translated({ description, ...rest }, 'description')
      : { text: code?.text, lang: 'nb' }

/** Whether somebody still has something to do. */
export const isOpen = ({ status }) => OPEN.includes(status)

/** Red first, then what is due first, then the oldest. */
export function byUrgency(one, other) {
  return (
    COLOURS.indexOf(one.colour) - COLOURS.indexOf(other.colour) ||
    (one.deadline ?? Infinity) - (other.deadline ?? Infinity) ||
    one.authoredOn - other.authoredOn ||
    one.id.localeCompare(other.id)
  )
}

function colourOf(task) {
  const code = task.businessStatus?.coding?.find((coding) => COLOURS.includes(coding.code))?.code
  return code ?? PRIORITY_COLOUR[task.priority] ?? 'grey'
}

function nameOf(patient) {
  const name = patient?.name?.find(({ use }) => use === 'official') ?? patient?.name?.[0]
  return name && [...(name.given ?? []), name.family].filter(Boolean).join(' ')
}

/** A number and its unit stay on one line. */
export const unbroken = (words) => words.replace(/(\d) (?=%|°C|kg|\/min|slag)/g, '$1\u00a0')
