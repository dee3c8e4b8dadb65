export { routes as spaceRoutes } from './routes'
export { spaceQuery } from './space.queries'
