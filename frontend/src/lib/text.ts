import type { Text } from '@/api'

/** A text in `locale`, else in the other language, else empty. */
export function textOf(value: Text | null | undefined, locale: string): string {
  if (!value) return ''
  if (typeof value === 'string') return value
  return (locale === 'ru' ? (value.ru ?? value.en) : (value.en ?? value.ru)) ?? ''
}

/** `standing-desk` → `Standing desk`, for slugs that have no translation yet. */
export function humanise(slug: string): string {
  const words = slug.replace(/[-_]+/g, ' ').trim()
  return words.charAt(0).toUpperCase() + words.slice(1)
}
