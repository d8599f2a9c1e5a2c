import type { Parameter } from './operation.ts'

const integer = (name: string, documentation: string): Parameter => ({
  ...{ name, type: 'integer', min: 0, max: '1', documentation },
})

/** What every simulation may be asked. */
export const SIMULATION_ASKED: Parameter[] = [
  {
    ...{ name: 'start', type: 'instant', min: 0, max: '1' },
    documentation: 'From when; else 30 days before the end. The two weeks before are played too, but not counted.',
  },
  { name: 'end', type: 'instant', min: 0, max: '1', documentation: 'Until when; else now.' },
  {
    ...{ name: 'clock', type: 'code', min: 0, max: '1' },
    documentation:
      'When something counts as having come: when it was stored, or measured. Left out: stored, unless that was more than a week after.',
  },
  {
    ...{ name: 'minutesToDecision', type: 'integer', min: 0, max: '1' },
    documentation:
      'How long a Task lies that nobody really had; else the median of what people really took for its colour.',
  },
  {
    ...{ name: 'deterioration', type: 'code', min: 0, max: '*' },
    documentation:
      'What shows that somebody did become worse: admission (Encounter), antibiotic (MedicationRequest, ATC J01 or H02AB), confirmed (Task.output). Lead times are told then.',
  },
  {
    ...{ name: 'minutesPerTask', type: 'integer', min: 0, max: '1' },
    documentation: 'What a Task takes: how many people each shift needs is told then.',
  },
  {
    ...{ name: 'forPatients', type: 'integer', min: 0, max: '1' },
    documentation: 'How many patients there will be: the load of each shift is told for these too.',
  },
]

const COUNTS: Parameter[] = [integer('simulated', 'Would have been made.'), integer('actual', 'Were made.')]
const BY_COLOUR: Parameter[] = ['red', 'yellow', 'grey', 'green'].map((name) => ({
  ...{ name, min: 0, max: '1' as const, documentation: `Of the colour ${name}.`, part: COUNTS },
}))
const OUTCOMES: Parameter[] = [
  integer('same', 'Of the very same finding.'),
  integer('covered', 'Another Task of the same cause was open meanwhile, or rests on the same measurement.'),
  integer('missed', 'Were made, and would not have been.'),
  integer('missedActedOn', 'Of those missed: had led to something.'),
  integer('new', 'Would have been made, and nothing of the kind was there.'),
]
const DIFFERENCE: Parameter[] = [
  { name: 'patient', type: 'Reference', min: 1, max: '1', documentation: 'Whose.' },
  { name: 'at', type: 'instant', min: 1, max: '1', documentation: 'When the Task was, or would have been, made.' },
  { name: 'rule', type: 'string', min: 1, max: '1', documentation: 'id of the action.' },
  { name: 'colour', type: 'code', min: 1, max: '1', documentation: 'Its colour.' },
  { name: 'reason', type: 'string', min: 0, max: '1', documentation: 'In words.' },
  {
    ...{ name: 'condition', min: 0, max: '*', documentation: 'What the rule asked in the version that is tried.' },
    part: [
      { name: 'expression', type: 'string', min: 1, max: '1', documentation: 'The condition.' },
      { name: 'outcome', type: 'code', min: 1, max: '1', documentation: 'true, false or unevaluable.' },
      { name: 'problem', type: 'string', min: 0, max: '1', documentation: 'Why it could not be evaluated.' },
    ],
  },
  { name: 'focus', type: 'Reference', min: 0, max: '1', documentation: 'The measurement or answer that it is about.' },
  { name: 'task', type: 'Reference', min: 0, max: '1', documentation: 'The Task that was made.' },
  { name: 'status', type: 'code', min: 0, max: '1', documentation: 'How that one stands now.' },
  {
    ...{ name: 'instead', min: 0, max: '1', documentation: 'What would have stood in its place.' },
    part: [
      { name: 'colour', type: 'code', min: 1, max: '1', documentation: 'Its colour.' },
      { name: 'at', type: 'instant', min: 1, max: '1', documentation: 'When.' },
      { name: 'rule', type: 'string', min: 1, max: '1', documentation: 'By which rule.' },
    ],
  },
]

const SPREAD: Parameter[] = [
  { name: 'mean', type: 'decimal', min: 1, max: '1', documentation: 'On average.' },
  integer('p95', 'In 19 of 20 at most.'),
  integer('max', 'In the worst.'),
]
const LEAD: Parameter[] = [
  integer('warned', 'Of so many deteriorations it warned.'),
  integer('tasks', 'It made so many Tasks in all.'),
  { name: 'daysMedian', type: 'decimal', min: 0, max: '1', documentation: 'So many days before, in the median.' },
  { name: 'tasksPerWarned', type: 'decimal', min: 0, max: '1', documentation: 'What each of these cost.' },
]

/** What a simulation answers; lifecycle/simulation-parameters.ts writes it. */
export const SIMULATED: Parameter[] = [
  { name: 'plan', type: 'canonical', min: 1, max: '1', documentation: 'The version that was tried.' },
  { name: 'insteadOf', type: 'canonical', min: 0, max: '1', documentation: 'The plan in whose place.' },
  { name: 'period', type: 'Period', min: 1, max: '1', documentation: 'Which Tasks are counted: those made in it.' },
  integer('patients', 'How many were looked at.'),
  integer('enrolments', 'How many enrolments they have.'),
  { name: 'patientDays', type: 'decimal', min: 1, max: '1', documentation: 'For how many days they were followed.' },
  {
    ...{ name: 'recordedDays', type: 'decimal', min: 1, max: '1' },
    documentation:
      'Of patientDays, those since a decision for the enrolment was first recorded. A history that was loaded, or seeded for a demo, has no decisions and no Tasks before that: what would have come then counts as new.',
  },
  integer('happened', 'Measurements, answers and changes that were played.'),
  integer('decisions', 'How often the plan decided.'),
  { name: 'tasks', min: 1, max: '1', documentation: 'Tasks in all.', part: COUNTS },
  {
    ...{ name: 'tasksPer100PatientDays', min: 0, max: '1', documentation: 'The number that an alarm budget is about.' },
    part: [
      { name: 'simulated', type: 'decimal', min: 1, max: '1', documentation: 'As it would have been.' },
      { name: 'actual', type: 'decimal', min: 1, max: '1', documentation: 'As it was.' },
    ],
  },
  {
    ...{ name: 'actedOnPercent', type: 'decimal', min: 0, max: '1' },
    documentation: 'Of the simulated Tasks that people really had and closed: how many led to something.',
  },
  { name: 'compared', min: 1, max: '1', documentation: 'The real Tasks, and the new ones.', part: OUTCOMES },
  { name: 'comparedRed', min: 1, max: '1', documentation: 'The same of red ones alone.', part: OUTCOMES },
  {
    ...{ name: 'day', min: 0, max: '*', documentation: 'One for each day on which there was something.' },
    part: [{ name: 'date', type: 'date', min: 1, max: '1', documentation: 'By Norwegian clocks.' }, ...BY_COLOUR],
  },
  {
    ...{ name: 'team', min: 0, max: '*', documentation: 'One for each queue and role that Tasks went to.' },
    part: [
      { name: 'owner', type: 'Reference', min: 0, max: '1', documentation: 'Whose queue, or who.' },
      { name: 'role', type: 'string', min: 0, max: '1', documentation: 'For which roles.' },
      ...COUNTS,
      ...BY_COLOUR,
    ],
  },
  {
    ...{ name: 'rule', min: 0, max: '*', documentation: 'One for each rule that made something.' },
    part: [
      {
        name: 'id',
        type: 'string',
        min: 1,
        max: '1',
        documentation: 'Of the action; with ! what could not be evaluated.',
      },
      { name: 'title', type: 'string', min: 0, max: '1', documentation: 'What people call it.' },
      ...COUNTS,
      ...OUTCOMES.filter(({ name }) => name !== 'covered'),
      integer('closed', 'Of the real ones.'),
      integer('actedOn', 'Of these, led to something.'),
    ],
  },
  {
    ...{ name: 'shift', min: 0, max: '*' },
    documentation:
      "One for each kind of shift of a team: by its people's Schedules, else its opening hours, else eight hours.",
    part: [
      { name: 'owner', type: 'Reference', min: 0, max: '1', documentation: 'Which team.' },
      {
        name: 'name',
        type: 'string',
        min: 1,
        max: '1',
        documentation: 'Such as weekday 07:00–15:00; holidays are sundays.',
      },
      integer('count', 'How many there were.'),
      { name: 'people', type: 'decimal', min: 0, max: '1', documentation: 'Who worked in them on average, if known.' },
      { name: 'simulated', min: 1, max: '1', documentation: 'Tasks that would have come in one.', part: SPREAD },
      { name: 'actual', min: 1, max: '1', documentation: 'Tasks that came.', part: SPREAD },
      {
        ...{ name: 'expected', min: 0, max: '1', documentation: 'For as many patients as were asked for.' },
        part: [
          { name: 'mean', type: 'decimal', min: 1, max: '1', documentation: 'On average.' },
          { name: 'p95', type: 'decimal', min: 1, max: '1', documentation: 'In 19 of 20 at most.' },
          integer('people', 'Who is needed to do that many.'),
        ],
      },
      {
        ...{ name: 'tooFew', type: 'boolean', min: 0, max: '1' },
        documentation: 'Whether fewer worked in them than are needed, where both are known.',
      },
    ],
  },
  integer('deteriorations', 'How often somebody became worse; marks within two weeks are one.'),
  {
    ...{ name: 'leadTime', min: 0, max: '*', documentation: 'How a rule warned within the two weeks before.' },
    part: [
      { name: 'rule', type: 'string', min: 1, max: '1', documentation: 'id of the action.' },
      { name: 'title', type: 'string', min: 0, max: '1', documentation: 'What people call it.' },
      { name: 'simulated', min: 1, max: '1', documentation: 'As it would have been.', part: LEAD },
      { name: 'actual', min: 1, max: '1', documentation: 'As it was.', part: LEAD },
    ],
  },
  { name: 'missedRed', min: 0, max: '*', documentation: 'A red that would have been missed.', part: DIFFERENCE },
  { name: 'newRed', min: 0, max: '*', documentation: 'A red that is new.', part: DIFFERENCE },
  {
    ...{ name: 'missedTask', min: 0, max: '*', part: DIFFERENCE },
    documentation: 'Of $shadow-report: one of another colour that would not have been made.',
  },
  {
    ...{ name: 'newTask', min: 0, max: '*', part: DIFFERENCE },
    documentation: 'Of $shadow-report: one of another colour that is new.',
  },
  {
    ...{ name: 'assumedWait', min: 0, max: '*', documentation: 'How long a Task was taken to lie that nobody had.' },
    part: [
      { name: 'colour', type: 'code', min: 1, max: '1', documentation: 'Of this colour.' },
      { name: 'minutes', type: 'decimal', min: 1, max: '1', documentation: 'In minutes.' },
    ],
  },
  {
    ...{ name: 'notSimulated', type: 'OperationOutcome', min: 0, max: '1' },
    documentation: 'What the version would do, and is not in these numbers.',
  },
  {
    ...{ name: 'failure', min: 0, max: '*', documentation: 'A patient whose history could not be played to its end.' },
    part: [
      { name: 'patient', type: 'Reference', min: 1, max: '1', documentation: 'Who.' },
      { name: 'problem', type: 'string', min: 1, max: '1', documentation: 'Why.' },
    ],
  },
]
