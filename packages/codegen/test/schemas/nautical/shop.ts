/** Documents in tagged templates. */
const gql = (strings: TemplateStringsArray): string => strings.join("")

export const money = gql`
  fragment MoneyParts on Money {
    currency
    amount
    baseAmount
  }
`

export const products = /* GraphQL */ `
  query Products($filter: ProductFilterInput, $first: Int = 10) {
    products(filter: $filter, first: $first) {
      totalCount
      edges {
        node {
          id
          name
        }
      }
    }
  }
`

export const refund = gql`
  query Refund($id: ID!) {
    refund(id: $id) {
      id
      lines(first: 5) {
        edges {
          node {
            total {
              gross {
                ...MoneyParts
              }
            }
            refundScope {
              ... on NauticalOrder {
                id
              }
              ... on Order {
                id
                number
              }
            }
          }
        }
      }
      payments(first: 5) {
        edges {
          node {
            refundMethod {
              ... on Transaction {
                id
              }
              ... on Voucher {
                id
                code
              }
            }
          }
        }
      }
    }
  }
`

export const checkout = gql`
  mutation CreateCheckout($input: CheckoutCreateInput!) {
    checkoutCreate(input: $input) {
      checkout {
        token
        totalPrice {
          gross {
            ...MoneyParts
          }
          net {
            ...MoneyParts
            amount
          }
        }
      }
    }
  }
`

export const session = gql`
  mutation SignIn($email: String!, $password: String!) {
    tokenCreate(email: $email, password: $password) {
      token
      user {
        email
        dateJoined
        metadata {
          key
          value
        }
      }
    }
  }
`
