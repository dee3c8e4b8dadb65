import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { defineQueryOptions, useQuery } from '@pinia/colada'
import { texts as api, type TextName, type TextSummary } from '@/api'
import { lastAnswer } from '@/lib/queries'

/** Which texts there are changes seldom; who agrees to one asks anew (`refetch`). */
const FRESH_MS = 60_000

export const textListQuery = defineQueryOptions((locale: string) => ({
  key: ['texts', 'list', locale],
  query: ({ signal }) => api.list(signal),
  staleTime: FRESH_MS,
}))

/** A text that counts now, or a version of its past. */
export type TextRequest = { locale: string; name: TextName; version?: string }

export const textQuery = defineQueryOptions(({ locale, name, version }: TextRequest) => ({
  key: ['texts', 'text', locale, name, version ?? ''],
  query: ({ signal }) => api.get(name, version, signal),
  staleTime: FRESH_MS,
}))

/** The texts that there are; none while they are not known, which hinders nobody. */
export function useTextList() {
  const { locale } = useI18n()
  const query = useQuery(() => textListQuery(locale.value))
  const answer = lastAnswer(query)
  const texts = computed<TextSummary[]>(() => answer.value ?? [])
  const titleOf = (name: TextName) => texts.value.find((text) => text.name === name)?.title ?? ''
  return { texts, titleOf, refetch: () => query.refetch() }
}
