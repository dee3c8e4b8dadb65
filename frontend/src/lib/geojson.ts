import type { Districts, Stops } from '@/api'

type Drawn = GeoJSON.Point | GeoJSON.Polygon | GeoJSON.MultiPolygon

function isDrawn(geometry: { type: string; coordinates: unknown[] }): geometry is Drawn {
  return ['Point', 'Polygon', 'MultiPolygon'].includes(geometry.type)
}

/** Return a service's areas or stops as GeoJSON that a map draws; shapes of other kinds are left out. */
export function toFeatures(collection: Districts | Stops | null | undefined): GeoJSON.FeatureCollection<Drawn> {
  const features: GeoJSON.Feature<Drawn>[] = []
  for (const { geometry, properties } of collection?.features ?? []) {
    if (isDrawn(geometry)) features.push({ type: 'Feature', geometry, properties })
  }
  return { type: 'FeatureCollection', features }
}
