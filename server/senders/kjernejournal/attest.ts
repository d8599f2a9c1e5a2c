import type { Identifier } from '@medplum/fhirtypes'
import { TRUST_FRAMEWORK } from '../../authorization-server/federation/trust-framework.ts'
import type { Look } from '../../exchange.ts'
import { ORGANIZATION_NUMBER } from '../../national-numbers/systems.ts'
import { PURPOSE_OF_USE, VOLVEN_8666, VOLVEN_9060 } from './national-terms.ts'

export type Attesting = Pick<Look, 'authorization' | 'purpose' | 'decision'> & {
  /** Organisation numbers: the legal entity that the person signed in for, and its unit. */
  legalEntity: string
  pointOfCare?: string | undefined
  /** Of Volven 8666. */
  healthcareService: string
  /** National number. */
  patient: Identifier
}

/**
 * What the Norwegian trust framework wants to know of each look at what others have written: as what and for whom somebody acts, for which service and
 * purpose, by which decision, about whom. HelseID adds who the person is. Pure; no time is in it, so that one attest serves as long as its token.
 * @see https://github.com/NorskHelsenett/Tillitsrammeverk specs/informasjons_og_datamodell.md
 */
export function attestOf(asked: Attesting): object {
  const { authorization, legalEntity, pointOfCare = legalEntity, healthcareService, purpose, decision, patient } = asked
  const organization = (id: string) => ({ id, system: ORGANIZATION_NUMBER })
  return {
    type: TRUST_FRAMEWORK,
    practitioner: {
      ...(authorization ? { authorization: { code: authorization, system: VOLVEN_9060 } } : {}),
      legal_entity: organization(legalEntity),
      point_of_care: organization(pointOfCare),
    },
    care_relationship: {
      healthcare_service: { code: healthcareService, system: VOLVEN_8666 },
      purpose_of_use: { code: purpose, system: PURPOSE_OF_USE },
      decision_ref: { id: decision.id, user_selected: decision.isUserSelected },
    },
    patients: [
      {
        identifier: { id: patient.value, system: patient.system },
        point_of_care: organization(pointOfCare),
      },
    ],
  }
}
