import type { Task } from '@medplum/fhirtypes'
import { ACCESS_ROLE } from '../access/vocabulary.ts'
import { type AskedOf, engineTask } from '../core/decide/task/engine-task.ts'

type Asked = Pick<AskedOf, 'name' | 'told' | 'reason' | 'about' | 'now'>

/** A Task for whoever runs the server, of no patient: something does not arrive where it should, and stays so until somebody has looked. */
export const operatorTask = (asked: Asked): Task =>
  engineTask({
    ...asked,
    ...{ code: 'sending-failed', colour: 'yellow' },
    performerType: [{ coding: [{ system: ACCESS_ROLE, code: 'administrator' }] }],
  })
