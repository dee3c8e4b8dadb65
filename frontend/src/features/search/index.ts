export { routes as searchRoutes } from './routes'
export { useCities } from './cities.store'
