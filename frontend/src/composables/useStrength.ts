import { ref, watch } from 'vue'
import type { ZxcvbnFactory } from '@zxcvbn-ts/core'

let estimator: Promise<ZxcvbnFactory> | null = null

/** The dictionaries weigh half a megabyte, so they come when a password is first typed. */
function load(): Promise<ZxcvbnFactory> {
  return (estimator ??= Promise.all([import('@zxcvbn-ts/core'), import('@zxcvbn-ts/language-common')]).then(
    ([core, common]) => new core.ZxcvbnFactory({ dictionary: common.dictionary, graphs: common.adjacencyGraphs }),
  ))
}

export type Score = 0 | 1 | 2 | 3 | 4

/** How hard a password is to guess, 0 to 4; `known` are words an attacker would try (name, e-mail). */
export async function passwordScore(password: string, known: string[] = []): Promise<Score> {
  const words = known.flatMap((word) => [word, ...word.split(/[\s@._-]+/)]).filter((word) => word.length > 2)
  return (await load()).check(password.slice(0, 100), words).score
}

/** Follows a password as it is typed. Null while there is nothing to judge, or when the dictionaries did not load. */
export function useStrength(password: () => string, known: () => string[]) {
  const score = ref<Score | null>(null)
  watch(() => [password(), ...known()], async () => {
    const asked = password()
    if (!asked) {
      score.value = null
      return
    }
    try {
      const next = await passwordScore(asked, known())
      if (asked === password()) score.value = next
    } catch {
      score.value = null
      estimator = null
    }
  })
  return score
}
