declare module '*.css'

// For tools that cannot look inside; vue-tsc reads the files themselves.
declare module '*.vue' {
  import type { Component } from 'vue'
  const component: Component
  export default component
}
