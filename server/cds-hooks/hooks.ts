/** What a hook's context holds that a service may ask by, and whose chart it is about. https://cds-hooks.org/hooks/ */
export type Hook = {
  name: string
  /** The field of the context that is the patient's id; every hook that concerns a patient has it. */
  patient: 'patientId'
  /** The field that is the id of the encounter, where the hook may have one. */
  encounter: 'encounterId'
  /** Fields that hold resources which are not stored yet: what somebody is about to order or book. */
  drafts: string[]
}

const hook = (name: string, ...drafts: string[]): Hook => ({
  ...{ name, patient: 'patientId', encounter: 'encounterId', drafts },
})

/** The hooks of CDS Hooks 2.0 and their published library. Any other name of a trigger is an event of this server alone. */
const HOOKS: readonly Hook[] = [
  hook('patient-view'),
  hook('order-select', 'draftOrders'),
  hook('order-sign', 'draftOrders'),
  hook('order-dispatch'),
  hook('appointment-book', 'appointments'),
  hook('encounter-start'),
  hook('encounter-discharge'),
  hook('medication-prescribe', 'medications'),
]

export const findHook = (name: string | undefined): Hook | undefined => HOOKS.find((one) => one.name === name)
