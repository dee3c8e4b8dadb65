export { PATHS as TEXT_PATHS, routes as textsRoutes } from './routes'
export { useTextList } from './texts.queries'
