import type { Feature, FeatureCollection, MultiPolygon, Point, Polygon } from 'geojson'
import type { Districts, Stops } from '@/api'

type Drawn = Point | Polygon | MultiPolygon

function isDrawn(geometry: { type: string; coordinates: unknown[] }): geometry is Drawn {
  return ['Point', 'Polygon', 'MultiPolygon'].includes(geometry.type)
}

/** Return a service's areas or stops as GeoJSON that a map draws; shapes of other kinds are left out. */
export function toFeatures(collection: Districts | Stops | null | undefined): FeatureCollection<Drawn> {
  const features: Feature<Drawn>[] = []
  for (const { geometry, properties } of collection?.features ?? []) {
    if (isDrawn(geometry)) features.push({ type: 'Feature', geometry, properties })
  }
  return { type: 'FeatureCollection', features }
}
