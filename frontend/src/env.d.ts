/// <reference types="vite/client" />
declare module '@fontsource-variable/golos-text'
declare module '*?worker&url' {
  const url: string
  export default url
}
