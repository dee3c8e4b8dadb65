import type { StyleSpecification } from 'maplibre-gl'

export interface MapColours {
  paper: string
  land: string
  line: string
  primary: string
}

export const LIGHT: MapColours = { paper: '#F3EEE6', land: '#FBF9F6', line: '#D8CFC2', primary: '#1E5B4F' }
export const DARK: MapColours = { paper: '#141816', land: '#1C211F', line: '#38403B', primary: '#6FBFA9' }

const EMPTY = { type: 'FeatureCollection' as const, features: [] }

/** Paper, districts, stops; the places themselves are buttons in the page, so that a keyboard reaches them. */
export function mapStyle(colour: MapColours): StyleSpecification {
  return {
    version: 8,
    sources: {
      districts: { type: 'geojson', data: EMPTY },
      stops: { type: 'geojson', data: EMPTY },
      spaces: { type: 'geojson', data: EMPTY, cluster: true, clusterRadius: 46, clusterMaxZoom: 15 },
    },
    layers: [
      { id: 'paper', type: 'background', paint: { 'background-color': colour.paper } },
      { id: 'land', type: 'fill', source: 'districts', paint: { 'fill-color': colour.land } },
      {
        id: 'chosen',
        type: 'fill',
        source: 'districts',
        filter: ['==', ['get', 'slug'], ''],
        paint: { 'fill-color': colour.primary, 'fill-opacity': 0.12 },
      },
      {
        id: 'borders',
        type: 'line',
        source: 'districts',
        paint: { 'line-color': colour.line, 'line-width': ['interpolate', ['linear'], ['zoom'], 9, 0.6, 14, 1.6] },
      },
      {
        id: 'chosen-border',
        type: 'line',
        source: 'districts',
        filter: ['==', ['get', 'slug'], ''],
        paint: { 'line-color': colour.primary, 'line-width': 2 },
      },
      {
        id: 'stops',
        type: 'circle',
        source: 'stops',
        paint: {
          'circle-radius': ['interpolate', ['linear'], ['zoom'], 9, 1.6, 12, 3.5, 15, 7],
          'circle-color': colour.land,
          'circle-stroke-color': ['coalesce', ['get', 'color'], colour.primary],
          'circle-stroke-width': ['interpolate', ['linear'], ['zoom'], 9, 1.2, 15, 3.5],
        },
      },
      // Drawn invisibly: features of a source are only loaded when some layer uses it.
      { id: 'spaces', type: 'circle', source: 'spaces', paint: { 'circle-radius': 1, 'circle-opacity': 0 } },
    ],
  }
}
