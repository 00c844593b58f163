/** Apollo Server 5 with graphql 17.0.0-alpha.9: the format `incrementalSpec=v0.2`. */
import { withGraphql } from "./alpha.js"

export const start = withGraphql("graphql-alpha-9", "./apollo5.js")
