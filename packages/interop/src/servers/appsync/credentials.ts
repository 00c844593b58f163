/** Who is served: those with the key, the token, or the secret that signs. */
import { credentials, isAuthorized, type Options } from "../server.js"
import {
  claimsSignature,
  type Headers,
  type Identity,
  isSigned,
  type Signable
} from "./signature.js"

/** Of IAM, for as long as somebody has them. */
export const permanent: Identity = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
}

/** Of IAM, as a role or an identity pool gives them. */
export const temporary: Identity = {
  accessKeyId: "ASIAEXAMPLE",
  secretAccessKey: "je7MtGbClwBF/2Zp9Utk+h3yCo8nvbEXAMPLEKEY",
  sessionToken: "AQoEXAMPLEH4aoAH0gNCAPyJxz4BlCFFxWNE1OPTgk5TthT"
}

/**
 * A key or a token that nobody serves, not even who asks for none: so that one subscription can be
 * refused on a connection that is well.
 */
export const refused = "Bearer refused"

/** An API key counts before a token, as it does in AppSync. */
export const isServed = async (
  options: Options,
  headers: Headers,
  signable: Signable
): Promise<boolean> => {
  const { authorization, "x-api-key": key } = headers
  if (key === refused || authorization === refused) return false
  if (!options.auth) return true
  if (key !== undefined) return key === credentials
  return authorization !== undefined && claimsSignature(authorization)
    ? isSigned([permanent, temporary], headers, signable)
    : isAuthorized(options, authorization)
}

/** What AppSync calls it on either channel. */
export const unauthorized = "UnauthorizedException"
