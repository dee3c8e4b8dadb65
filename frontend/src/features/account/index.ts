export { routes as accountRoutes } from './routes'
