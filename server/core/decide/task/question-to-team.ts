import type { Task } from '@medplum/fhirtypes'
import { hasCode } from '../../fhir/codeable-concept.ts'
import { TASK_CODE } from '../plan/vocabulary.ts'

const QUESTIONS = ['handover', 'referral'] as const

/** Whether a team is asked something by this Task: its status is the answer, so nobody takes it as work, and it is given to nobody who happens to be free. */
export const isQuestionToTeam = ({ code }: Task): boolean => QUESTIONS.some((one) => hasCode(code, TASK_CODE, one))
