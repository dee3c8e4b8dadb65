import { computed, onActivated } from 'vue'
import { useI18n } from 'vue-i18n'
import { useQuery } from '@pinia/colada'
import type { City } from '@/api'
import { lastAnswer } from '@/lib/queries'
import { citiesQuery, districtsQuery, stopsQuery } from './search.queries'

/** The cities. Nothing of geo is needed to search: when it is away, the list still works. */
export function useCities() {
  const { locale } = useI18n()
  const query = useQuery(() => citiesQuery(locale.value))
  // The search is kept while a place is looked at: coming back to it asks again for what did not come.
  onActivated(() => void query.refresh())
  const answer = lastAnswer(query)
  const cities = computed<City[]>(() => answer.value ?? [])
  /** Whether there is nothing more to wait for: they are known, or cannot be. */
  const loaded = computed<boolean>((before) => before || query.status.value !== 'pending')
  const cityOf = (slug: string | undefined) => cities.value.find((city) => city.slug === slug)
  return { cities, loaded, cityOf }
}

/** What the map draws of a city; asked for once it is named. */
export function useCityLayers(city: () => string | undefined) {
  const { locale } = useI18n()
  const layer = () => ({ locale: locale.value, city: city() })
  const districts = useQuery(() => districtsQuery(layer()))
  const stops = useQuery(() => stopsQuery(layer()))
  return { districts: lastAnswer(districts), stops: lastAnswer(stops) }
}
