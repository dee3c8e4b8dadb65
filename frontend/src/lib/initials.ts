export const TINTS = 6

/** The first letters of a name's first and last words, of a single word its first one. */
export function initials(name: string): string {
  const words = name
    .trim()
    .split(/[\s.]+/u)
    .filter((word) => /[\p{L}\p{N}]/u.test(word))
  const ends = words.length > 1 ? [words[0], words[words.length - 1]] : words
  return ends
    .map((word) => [...(word ?? '').replace(/^[^\p{L}\p{N}]+/u, '')][0] ?? '')
    .join('')
    .toUpperCase()
}

/** Which tint, 1 to 6, belongs to a name. */
export function tintOf(name: string): number {
  let sum = 0
  for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 997
  return (sum % TINTS) + 1
}
