/**
 * Whether a patient is among the share for whom a staged version is in force. By a hash of plan and patient, so that it is the same
 * on every server and every day, other patients go first in another plan, and whoever is among 5 % is among 20 % too.
 * @param share percent
 */
export function isInStage(planUrl: string, patient: string, share: number): boolean {
  return share >= 100 || scatter(`${planUrl} ${patient}`) < share * 100
}

/** 0–9999, evenly (FNV-1a, mixed once more since its last characters weigh little). */
function scatter(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) % 10_000
}
