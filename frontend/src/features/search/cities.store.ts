import { ref } from 'vue'
import { defineStore } from 'pinia'
import { geo, type Districts, type Stops, type City } from '@/api'

interface Layers {
  districts: Districts | null
  stops: Stops | null
}

/** Cities and what the map draws of them. Nothing here is needed to search: when geo is away, the list still works. */
export const useCities = defineStore('cities', () => {
  const items = ref<City[]>([])
  const loaded = ref(false)
  const layersOf = new Map<string, Promise<Layers>>()
  let locale = ''
  let loading: Promise<void> | null = null

  /** Load once per language: names come translated. */
  function load(language: string): Promise<void> {
    if (loading && locale === language) return loading
    locale = language
    layersOf.clear()
    loading = geo
      .cities()
      .then((cities) => {
        items.value = cities
      })
      .catch(() => {
        loading = null
      })
      .finally(() => {
        loaded.value = true
      })
    return loading
  }

  function bySlug(slug: string | undefined): City | undefined {
    return items.value.find((city) => city.slug === slug)
  }

  function layers(city: string): Promise<Layers> {
    const known = layersOf.get(city)
    if (known) return known
    const found = Promise.allSettled([geo.districts(city), geo.stops(city)]).then(([districts, stops]) => {
      if (districts.status === 'rejected' || stops.status === 'rejected') layersOf.delete(city)
      return {
        districts: districts.status === 'fulfilled' ? districts.value : null,
        stops: stops.status === 'fulfilled' ? stops.value : null,
      }
    })
    layersOf.set(city, found)
    return found
  }

  return { items, loaded, load, bySlug, layers }
})
