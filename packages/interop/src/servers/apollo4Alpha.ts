/** Apollo Server 4 with graphql 17.0.0-alpha.2: the format `deferSpec=20220824`. */
import { withGraphql } from "./alpha.js"

export const start = withGraphql("graphql-alpha-2", "./apollo4.js")
