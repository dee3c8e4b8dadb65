export { routes as searchRoutes } from './routes'
export { useCities, useCityLayers } from './useCities'
