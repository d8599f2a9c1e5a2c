/**
 * What the best national systems for home monitoring can do, as far as the engine is concerned, and what shows it here. Cases of pathways
 * and of the engine name their rows themselves (server/core/decide/cases/test-row-cases.ts); those of COPD are named here.
 */
export type NationalRow = {
  row: number
  capability: string
  /** Titles of tests, by file. */
  tests?: { [file: string]: string[] }
  /** Cases of plandefinitions/copd/cases. */
  copd?: string[]
  /** What of it nobody shows yet. */
  lacks?: string
}

const JOURNEYS = 'server/journeys'

export const NATIONAL_ROWS: NationalRow[] = [
  {
    ...{ row: 1, capability: 'Versioned plans, immutable in force' },
    tests: {
      [`${JOURNEYS}/plan-comes-into-force.test.ts`]: [
        'drafted, submitted, approved by a second person, activated: the version before is retired',
      ],
      'server/lifecycle/semver.test.ts': ['the next version is always the later one'],
    },
  },
  {
    ...{ row: 2, capability: 'Clone, lineage, signed export and import' },
    tests: {
      [`${JOURNEYS}/plan-package.test.ts`]: [
        'a plan leaves with all that it names, and comes in again as a draft whose cases pass',
        'a package of a plan in force is a draft here, to be approved here',
        'a package says who has signed it; what was changed since is refused, and so is what a stranger signs',
      ],
      'server/lifecycle/package-signing.test.ts': [
        'what is signed holds here and where its issuer is trusted, by a key that is known or fetched',
        'a copy may have another id and meta, whitespace and order; not another word',
        'a package that %s is refused',
      ],
      [`${JOURNEYS}/server-keys.test.ts`]: [
        'the key of packages stays published when another signs, and is gone when it is withdrawn',
      ],
      [`${JOURNEYS}/plan-version.test.ts`]: ['a clone is another plan that says where it comes from'],
    },
  },
  {
    ...{ row: 3, capability: 'Plans within plans' },
    tests: {
      'server/core/apply/apply-subjects-and-values.test.ts': [
        'are RequestGroups of their own, with their Goals among those of the CarePlan',
        'are actions of one RequestGroup where that is asked for',
        'that contain each other are refused',
      ],
    },
  },
  {
    ...{ row: 4, capability: '$apply: preview, edit, store' },
    tests: {
      [`${JOURNEYS}/patient-is-enrolled.test.ts`]: [
        'what is edited is what is stored; why something is left out stands in the CarePlan',
        'at once: CarePlan, Goal, RequestGroup and orders',
      ],
    },
  },
  {
    ...{ row: 5, capability: 'Triggers that start, stop, pause, change, notify' },
    tests: {
      'server/plans/effects.test.ts': [
        'an event starts an activity, another pauses it; what is heard twice is done once',
        'an event that a rule lets happen is heard in a later round, and the chain has an end',
      ],
    },
    copd: ['diary-danger', 'diary-green', 'diary-with-fever'],
  },
  {
    ...{ row: 6, capability: 'relatedAction with all relationships and offsets' },
    tests: {
      'server/core/apply/related-times.test.ts': [
        'what is over when it is done is waited for, and so is what comes after that',
        'several relations hold together: the latest counts',
        'actions that wait for each other cannot be placed',
      ],
      [`${JOURNEYS}/patient-is-enrolled.test.ts`]: ['what waits begins when what it waits for is done, two days on'],
    },
  },
  {
    ...{ row: 7, capability: 'Stages and milestones of a plan' },
    tests: {
      'server/core/decide/stages/stage.test.ts': [
        'where somebody has been stays as history, with who moved them and why',
        'notes that the goal has passed; the deadline is the team’s',
      ],
      [`${JOURNEYS}/patient-is-enrolled.test.ts`]: [
        'a patient goes through the stages of a plan: each brings its own, a clinician moves them on, and where they were is told',
      ],
    },
  },
  {
    ...{ row: 8, capability: 'Alternate paths and exceptions' },
    tests: {
      'server/core/apply/selection.test.ts': ['what must be done unless documented may be left out with a reason'],
      'server/plans/effects.test.ts': [
        'what is stored to wait for its start condition begins in the round that sees the enrolment',
      ],
    },
  },
  {
    ...{ row: 9, capability: 'Future-dated change of status and team' },
    tests: {
      [`${JOURNEYS}/enrolment-ends.test.ts`]: [
        'when its period is over, an enrolment ends by itself, with all that it has set going, and leaves a summary',
      ],
      [`${JOURNEYS}/days-pass.test.ts`]: [
        'a pause and a team come at their moments, by a durable clock; what is taken back does not',
        'a change %s is refused',
        'two changes at one moment, one that is done, one that nobody planned, and one of what has ended are refused',
      ],
      'server/core/decide/planned-change/planned-ahead.test.ts': [
        'what was carried out bears on it as long as it is still so',
        'what comes within thirty days bears on it, the end of the plan among that; what has ended awaits nothing',
      ],
      'server/core/decide/planned-change/planned-change.test.ts': [
        'a pause comes at its moment and not before, and says that it has',
        'another team has the plan from its moment on, with what waits in the queue, not with what somebody has taken',
        'however the moments fall and however late a worker comes, it ends as was planned, each change once',
      ],
    },
    copd: ['t18-paused'],
  },
  {
    ...{ row: 10, capability: 'Schedules by Timing, with summer time' },
    tests: {
      'server/plans/schedule.test.ts': ['a new time moves the clock; a change of something else does not'],
      [`${JOURNEYS}/days-pass.test.ts`]: [
        'days pass: what is asked for each day is reminded of and missed day by day, in its order',
      ],
    },
  },
  {
    ...{ row: 11, capability: 'Individual limits, with time windows' },
    tests: {
      [`${JOURNEYS}/limits-are-set.test.ts`]: [
        'limits are set with who, when and why; the last measurement is judged anew; the history of limits is there',
      ],
    },
    copd: ['own-limits', 'borderline-red', 'borderline-yellow', 'red-default', 'green'],
  },
  {
    ...{ row: 12, capability: 'Limits relative to the usual value, trend, slope' },
    copd: ['own-limits-with-baseline'],
  },
  {
    ...{ row: 13, capability: 'The range is written with the measurement' },
    tests: {
      'server/core/decide/limits/ranges.test.ts': ['a range for each colour says outside of what it is that colour'],
      [`${JOURNEYS}/limits-are-set.test.ts`]: [
        'the ranges that apply stand in each measurement, in its first version, by the limits of that moment',
      ],
    },
  },
  {
    ...{ row: 14, capability: 'The triage is a resource' },
    tests: {
      'server/plans/triage.test.ts': [
        'each measurement that a rule looks at is triaged: colour, rule, its version, inputs with versions; green too',
      ],
    },
    copd: ['t1', 't2'],
  },
  {
    ...{ row: 15, capability: 'Rules that a clinician can read' },
    tests: {
      [`${JOURNEYS}/cql-is-evaluated.test.ts`]: [
        'the engine decides by CQL: a measurement becomes a Task, and a rule that cannot be worked out one about the rule',
      ],
    },
    copd: ['pulse', 'diary-two-days'],
  },
  {
    ...{ row: 16, capability: 'What no rule can judge is a Task' },
    tests: { [`${JOURNEYS}/enrolment-ends.test.ts`]: ['what cannot be evaluated is a Task, not silence'] },
    copd: ['other-unit', 'no-value', 'preliminary'],
  },
  {
    ...{ row: 17, capability: 'A decision can be made again' },
    tests: {
      'server/plans/replay.test.ts': [
        'every decision of random histories is made again byte by byte from the versions that it names',
      ],
    },
  },
  {
    ...{ row: 18, capability: 'What is not measured is found, to the second' },
    tests: {
      'server/plans/schedule.test.ts': [
        'what did not come is missing when due and grace are over, to the second, and once',
      ],
    },
    copd: ['missing', 'missing-from-start', 'missing-then-measured', 'measured-daily', 'run-in'],
  },
  {
    ...{ row: 19, capability: 'Reminders' },
    tests: {
      'server/plans/schedule.test.ts': [
        'a reminder goes out before it is due, and another in the grace, unless it is done',
      ],
    },
  },
  {
    ...{ row: 20, capability: 'What comes unasked, or late' },
    tests: {
      [`${JOURNEYS}/schedule-is-seen.test.ts`]: [
        'a patient sees what is asked for, what is done, and what came unasked',
      ],
    },
    copd: ['late', 'late-normal', 'old-measurement'],
  },
  {
    ...{ row: 21, capability: 'Withdrawing a measurement takes back what it caused' },
    tests: {
      'server/plans/triage.test.ts': [
        'a correction is the next version of the same triage; withdrawn or deleted it is entered-in-error, with its Task',
      ],
    },
    copd: ['corrected', 'corrected-in-progress'],
  },
  {
    ...{ row: 22, capability: 'One measurement serves several plans' },
    tests: {
      'server/plans/schedule.test.ts': ['one measurement serves two requests of two plans'],
      [`${JOURNEYS}/patient-is-enrolled.test.ts`]: ['two plans that want the weight ask once'],
      'server/core/decide/limits/measurement-quality.test.ts': [
        'measured %s',
        'one measurement is a result for the request that takes it as it is, and not for the one that demands more',
      ],
      [`${JOURNEYS}/decision-is-explained.test.ts`]: [
        'one measurement of two plans: it counts for the one that takes it as it is, and the other says why not',
      ],
    },
  },
  {
    ...{ row: 23, capability: 'Answers are scored and coloured' },
    copd: ['diary-one-day', 'diary-two-days', 'diary-danger'],
    tests: {
      'server/validation/questionnaire/calculated-answers.test.ts': [
        'scores are worked out from the weights of answers, through variables and other scores, and put where they belong',
        'whatever was sent, what is stored has the right scores, and nothing is said against it',
      ],
      [`${JOURNEYS}/validate.test.ts`]: ['their scores are worked out here, and a wrong one is refused'],
    },
  },
  {
    row: 24,
    capability: 'Adaptive questionnaire',
    tests: {
      'server/adaptive/next-question.test.ts': [
        'asks on by what was answered, one question at a time, and is completed',
        'an answer that is changed closes what was asked after it, with its answers',
        'an expression may open a question, and say when enough is known',
        'the first action that applies and whose question is open says which is next',
        'whatever is answered, a form comes to its end: no question twice, none that its conditions close',
      ],
    },
  },
  { row: 25, capability: 'Pictures of wounds', lacks: 'The picture itself is not analysed.' },
  {
    ...{ row: 26, capability: 'NEWS2' },
    tests: {
      'server/core/apply/apply.test.ts': ['public case %s'],
      'server/core/news2/score.test.ts': ['without %s there is no total'],
      'server/core/news2/news2-observation.test.ts': ['a plan asks by FHIRPath'],
      'server/journeys/whole-record.test.ts': [
        'asked again it is the same; what is measured later is counted then; what is withdrawn takes its score with it',
        'the scale is the record’s: a Goal in force that aims at 88–92 %',
      ],
    },
    lacks: 'Worked out when it is asked for, not each time that a part comes; no pathway of ours has a rule over it.',
  },
  {
    ...{ row: 27, capability: 'Tasks with a category and a priority; alarms that do not tire' },
    tests: {
      'server/core/decide/task/finding-task.test.ts': [
        'a finding has at most one open Task, and each of its Tasks names each measurement once',
        'no red measurement is ever without a red Task that names it',
      ],
      'server/core/decide/limits/doubt.test.ts': ['red is said at once, and marked as doubtful'],
    },
    copd: ['t19-joined', 't17-implausible', 'closed-then-new', 'pulse-implausible'],
  },
  {
    ...{ row: 28, capability: 'Goal, deadline, passed deadline on a business calendar' },
    tests: {
      'server/core/decide/task/task-marks.test.ts': [
        'a service level of its own: goal, deadline, repeats, on opening hours',
      ],
      'server/core/decide/time/norwegian-holidays.test.ts': ['the twelve holidays of 2026'],
    },
  },
  {
    ...{ row: 29, capability: 'Escalation' },
    tests: {
      'server/core/decide/task/task-marks.test.ts': [
        'the chain: notify, raise, give to somebody else, give to another queue',
      ],
    },
  },
  {
    ...{ row: 30, capability: 'The next Task by urgency' },
    tests: {
      [`${JOURNEYS}/task-is-worked.test.ts`]: [
        'comes by urgency, then deadline; who lacks the skill is not given it; nobody is given the same',
      ],
    },
  },
  {
    ...{ row: 31, capability: 'The team’s queue and one’s own list' },
    tests: {
      'server/core/decide/task/route-task.test.ts': [
        'members of the CareTeam work its queue, by practitioner or by role',
      ],
    },
  },
  {
    ...{ row: 32, capability: 'Routing by skill and shift' },
    tests: {
      'server/core/decide/task/route-task.test.ts': [
        'whoever is chosen fits, is on shift, and nobody who fits has less to do',
      ],
      'server/plans/work.test.ts': ['a Task goes to somebody on shift with the skill and the least to do'],
    },
  },
  {
    ...{ row: 33, capability: 'Two cannot take one Task' },
    tests: {
      [`${JOURNEYS}/task-is-worked.test.ts`]: [
        'of twenty who claim it at once one has it, and the others are told who',
        'of twenty who update it with the same If-Match one has it',
      ],
    },
  },
  {
    ...{ row: 34, capability: 'Handover between teams and sectors' },
    tests: {
      'server/plans/work.test.ts': [
        'of a CarePlan moves the team and what waits for it, once it is accepted and not before',
        'that is rejected moves nothing; unanswered, whoever asked is told',
      ],
      'server/lifecycle/legal-basis/handover-basis.test.ts': [
        'a handover %s rests on what the plan demands: %j',
        'what it rests on is told: the law that was named, else the Consent that was found',
      ],
      [`${JOURNEYS}/task-is-worked.test.ts`]: [
        'is refused without one, by $handover and by hand; it keeps what it rests on, and moves',
        'waits with whoever asks until the patient consents; withdrawn before the answer, nothing moves',
      ],
    },
  },
  {
    ...{ row: 35, capability: 'Teams are suggested by geography' },
    tests: {
      'server/core/decide/task/suggest-team.test.ts': [
        'the narrowest area comes first, and one that names no area last; another municipality is not for them',
        "a skill is the service's own, or somebody's who works there; each must be there",
      ],
    },
  },
  {
    ...{ row: 36, capability: 'Enrolment with its legal basis' },
    tests: {
      [`${JOURNEYS}/patient-is-enrolled.test.ts`]: [
        'by what right, and why, is kept with who said so; what contradicts another plan is told in the answer',
        'enrols nobody without it: all that is missing is told at once, in the language of who asks',
        'nor does a CarePlan that is written by hand, or becomes active without it',
        'keeps in the CarePlan what it rests on; a Consent of the patient’s is found by itself',
        'a Consent that is withdrawn is a Task for the team; given again, it is taken back',
      ],
    },
  },
  {
    ...{ row: 37, capability: 'Eligibility questions in the referral' },
    tests: {
      'server/core/decide/referral/referral.test.ts': [
        'becomes a Task for each set of questions, part of it, of whom the plan says, each asked once',
        'with a score of %d is proposed as %s, with the version of the answer that says so',
        'with %s is undecided, and says why',
      ],
      'server/plans/handover-guard.test.ts': [
        'is answered by people of the unit that is asked and by systems for theirs; taken back by anybody',
        'that the answers call %s is accepted with a reason',
      ],
      'server/plans/work.test.ts': [
        'a question of a referral that nobody answers reminds whoever should, and then tells whoever waits',
      ],
      [`${JOURNEYS}/task-is-worked.test.ts`]: [
        'is asked about in a Task that is part of it; the answers propose yes, and a unit that says so needs no reason',
        'is taken in against the answers with a reason, which is kept',
      ],
    },
  },
  {
    ...{ row: 64, capability: 'Plans are written in production, with tests and four eyes' },
    tests: {
      [`${JOURNEYS}/plan-comes-into-force.test.ts`]: [
        'an approval is of what was read: a change afterwards needs another',
        'everything that stands against a plan is told at once, with the action',
      ],
    },
  },
  {
    ...{ row: 65, capability: 'Simulation on the live cohort' },
    tests: {
      'server/plans/simulation/simulate.test.ts': [
        'the version in force, played over what happened, makes the very Tasks that were made',
      ],
      'server/plans/alarm-watch.test.ts': [
        'on Monday the week is forecast, once; a week later what came stands beside it',
        'whenever the process is killed, a week is forecast once, what came is told once, and a team that is short has one Task',
      ],
      'server/lifecycle/forecast/understaffed.test.ts': [
        'a shift is short when its people have no time for what comes in nineteen of twenty',
        'what several plans bring is added up; their peaks are not',
      ],
    },
  },
  {
    ...{ row: 66, capability: 'Moving running patients: diff, batches, undo' },
    tests: {
      [`${JOURNEYS}/patients-are-moved.test.ts`]: [
        'a dry run tells what would change, for the plan and person by person, and writes nothing',
        'moved in batches, with progress; what is a person’s own stays; all of it is taken back in one act',
      ],
    },
  },
  {
    ...{ row: 67, capability: 'A plan ends by itself, with a report' },
    tests: {
      [`${JOURNEYS}/enrolment-ends.test.ts`]: ['the goal is achieved: the enrolment is completed'],
      'server/lifecycle/final-summary.test.ts': [
        'the summary is a valid Composition that tells measurements, work and goals',
      ],
    },
  },
]
