import { watch } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Facets } from '@/api'
import { humanise } from '@/lib/text'

/** Labels that lists have named, by language and slug. */
const seen = new Map<string, string>()

/** The labels of amenities to filter by: the list names them; one that it counts no more keeps its label. */
export function useAmenityLabels(facets: () => Facets): (slug: string) => string {
  const { locale } = useI18n()
  watch(
    facets,
    ({ amenities }) => {
      for (const { value, label } of amenities ?? []) seen.set(`${locale.value} ${value}`, label)
    },
    { immediate: true },
  )
  return (slug) =>
    facets().amenities?.find((item) => item.value === slug)?.label ??
    seen.get(`${locale.value} ${slug}`) ??
    humanise(slug)
}
