import type { ElementDefinition, Extension, StructureDefinition } from '@medplum/fhirtypes'

/** An element of a profile: what validation asks of it, without texts for people, mappings and examples. */
export type ProfileElement = Pick<ElementDefinition, 'path' | 'id' | 'sliceName' | 'slicing' | 'min' | 'max'> &
  Pick<ElementDefinition, 'type' | 'maxLength' | 'binding' | 'constraint' | 'contentReference' | 'isModifier'> & {
    /** The value of `fixed[x]`, `pattern[x]`, `minValue[x]`, `maxValue[x]`, whatever its type. */
    fixed?: unknown
    pattern?: unknown
    minValue?: unknown
    maxValue?: unknown
    /** Extensions cannot stand for the value, or only these can. R5's elements, which R4 has as extensions. */
    mustHaveValue?: boolean
    valueAlternatives?: string[]
  }

/** A StructureDefinition that constrains another one, cut down to what validation asks of it. */
export type Profile = Pick<StructureDefinition, 'url' | 'version' | 'name' | 'status' | 'kind' | 'type'> &
  Pick<StructureDefinition, 'baseDefinition' | 'derivation' | 'context' | 'contextInvariant'> & {
    differential: ProfileElement[]
    snapshot: ProfileElement[]
  }

/** A twentieth of the resource as it is published: profiles are kept in memory, by the hundred. */
export function cutProfile(structure: StructureDefinition): Profile {
  const { url, version, name, status, kind, type, baseDefinition, derivation, context, contextInvariant } = structure
  return {
    ...defined({ url, version, name, status, kind, type, baseDefinition, derivation, context, contextInvariant }),
    differential: elementsIn(structure.differential?.element),
    snapshot: elementsIn(structure.snapshot?.element),
  }
}

/** Not validated here: a draft may be stored that is no StructureDefinition yet, and what is wrong in it must not end the process. */
const elementsIn = (elements: ElementDefinition[] | undefined) =>
  Array.isArray(elements) ? elements.filter(({ path }) => typeof path === 'string').map(cutElement) : []

function cutElement(element: ElementDefinition): ProfileElement {
  const { path, id, sliceName, min, max, type, maxLength, binding, constraint, contentReference, isModifier } = element
  return defined({
    ...{ path, id, sliceName, min, max, maxLength, contentReference, isModifier },
    slicing: element.slicing && {
      discriminator: element.slicing.discriminator,
      rules: element.slicing.rules,
      ordered: element.slicing.ordered,
    },
    type: type?.map(cutType),
    binding: binding && { strength: binding.strength, valueSet: binding.valueSet },
    constraint: constraint?.map(({ key, severity, human, expression }) => ({ key, severity, human, expression })),
    fixed: choiceOf(element, 'fixed'),
    pattern: choiceOf(element, 'pattern'),
    minValue: choiceOf(element, 'minValue'),
    maxValue: choiceOf(element, 'maxValue'),
    mustHaveValue: extensionsOf(element, `${R5}ElementDefinition.mustHaveValue`)[0]?.valueBoolean,
    valueAlternatives: listOf(
      extensionsOf(element, `${R5}ElementDefinition.valueAlternatives`).flatMap(
        ({ valueCanonical }) => valueCanonical ?? [],
      ),
    ),
  }) as ProfileElement
}

const R5 = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-'
const PROFILE_ELEMENT = 'http://hl7.org/fhir/StructureDefinition/elementdefinition-profile-element'

type ElementType = NonNullable<ElementDefinition['type']>[number]
/** JSON has what stands beside a primitive in `_name`; our types do not. */
type Beside = { _profile?: ({ extension?: Extension[] } | null)[] }

/** A profile of one element of a profile has the element's id as its fragment: `http://…/sections#Composition.section:a`. */
function cutType(type: ElementType & Beside): ElementType {
  const { code, targetProfile, _profile } = type
  const profile = type.profile?.map((canonical, i) => {
    const element = extensionsOf(_profile?.[i] ?? {}, PROFILE_ELEMENT)[0]?.valueString
    return element === undefined ? canonical : `${canonical}#${element}`
  })
  return defined({ code, profile, targetProfile })
}

const extensionsOf = ({ extension }: { extension?: Extension[] }, url: string) =>
  Array.isArray(extension) ? extension.filter((one) => one.url === url) : []
const listOf = <T>(items: T[]): T[] | undefined => (items.length > 0 ? items : undefined)

/** The value of `fixedString`, `fixedCode` …: their names differ, at most one is there. */
function choiceOf(element: ElementDefinition, stem: string): unknown {
  const name = Object.keys(element).find((key) => key.startsWith(stem) && /^[A-Z]/.test(key.slice(stem.length)))
  return name && (element as unknown as Record<string, unknown>)[name]
}

const defined = <T extends object>(fields: T): T =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T
