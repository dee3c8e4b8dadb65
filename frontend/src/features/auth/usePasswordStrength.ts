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

/** What the service asks for; it also knows more words than are worth sending to every visitor. */
export const ENOUGH: Score = 3

const KEYS = new Map(
  [...'йцукенгшщзхъфывапролджэячсмитьбюё'].map((letter, n) => [letter, "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"[n]]),
)
/** A Russian password as the keys it is typed with: the dictionaries know those. */
const keys = (password: string): string =>
  [...password.toLowerCase()].map((letter) => KEYS.get(letter) ?? letter).join('')

/** How hard a password is to guess, 0 to 4; `known` are words an attacker would try (name, e-mail). */
export async function passwordScore(password: string, known: string[] = []): Promise<Score> {
  const words = known
    .flatMap((word) => [word, word.split('@')[0] ?? '', ...word.split(/[\s@._-]+/)])
    .filter((word) => word.length > 2)
  const estimate = await load()
  const readings = new Set([password, keys(password)].map((reading) => reading.slice(0, 100)))
  return Math.min(
    ...[...readings].map((reading) => estimate.check(reading, [...words, ...words.map(keys)]).score),
  ) as Score
}

/**
 * Follows a password as it is typed. Null while there is nothing to judge, or when the dictionaries did not load.
 * A verdict takes a moment: `judged` is the password that `score` is about.
 */
export function usePasswordStrength(password: () => string, known: () => string[]) {
  const score = ref<Score | null>(null)
  const judged = ref('')
  watch(
    () => [password(), ...known()],
    async () => {
      const asked = password()
      if (!asked) {
        score.value = null
        return
      }
      try {
        const next = await passwordScore(asked, known())
        if (asked === password()) [score.value, judged.value] = [next, asked]
      } catch {
        score.value = null
        estimator = null
      }
    },
  )
  return { score, judged }
}
