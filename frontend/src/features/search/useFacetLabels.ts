import { watch } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Facets } from '@/api'
import { humanise } from '@/lib/text'

const GROUPS = ['amenities', 'district', 'kind'] as const
type Group = (typeof GROUPS)[number]
/** Labels that lists have named, by language, group and value. */
const seen = new Map<string, string>()

/**
 * The labels of what can be filtered by: the list names them. One that it counts no more keeps its label; before the
 * first list `otherwise` is said.
 */
export function useFacetLabels(facets: () => Facets) {
  const { locale } = useI18n()
  const key = (group: Group, value: string) => `${locale.value} ${group} ${value}`
  watch(
    facets,
    (found) => {
      for (const group of GROUPS) for (const { value, label } of found[group] ?? []) seen.set(key(group, value), label)
    },
    { immediate: true },
  )
  return (group: Group, value: string, otherwise = humanise(value)): string =>
    facets()[group]?.find((item) => item.value === value)?.label ?? seen.get(key(group, value)) ?? otherwise
}
