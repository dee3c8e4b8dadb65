export { routes as spaceRoutes } from './routes'
