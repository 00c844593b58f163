# What ../src/schema.ts serves, as far as Action Cable asks for it.
TICK_SECONDS = 0.05

# Publishes each value to one subscriber, until there are no more or nobody is subscribed.
class Feed < GraphQL::Schema::Subscription
  subscription_scope :subscriber

  def feed(arguments, values, every)
    subscriber = context[:subscriber]
    subscriptions = context.schema.subscriptions
    name = field.name
    context[:feeds] << lambda do
      values.each do |value|
        sleep every
        subscriptions.trigger(name, arguments, { value: value }, scope: subscriber)
      end
      sleep every
      subscriptions.trigger(name, arguments, {}, scope: subscriber)
    end
    :no_response
  end

  def update(**)
    object.key?(:value) ? object[:value] : unsubscribe
  end
end

class Count < Feed
  argument :to, Integer
  argument :every_millis, Integer, required: false, default_value: 10
  payload_type Integer
  null false

  def subscribe(to:, every_millis:)
    feed({ to: to, every_millis: every_millis }, 1..to, every_millis / 1000.0)
  end
end

class Ticks < Feed
  payload_type Integer
  null false

  def subscribe
    feed({}, 1.., TICK_SECONDS)
  end
end

class SubscriptionType < GraphQL::Schema::Object
  graphql_name "Subscription"
  field :count, subscription: Count
  field :ticks, subscription: Ticks
end

class QueryType < GraphQL::Schema::Object
  graphql_name "Query"
  field :hello, String, null: false do
    argument :name, String
  end
  field :fails, String

  def hello(name:)
    "Hello, #{name}!"
  end

  def fails
    raise GraphQL::ExecutionError.new("failed on purpose", extensions: { code: "ON_PURPOSE" })
  end
end

class MutationType < GraphQL::Schema::Object
  graphql_name "Mutation"
  field :bump, Integer, null: false do
    argument :by, Integer
  end

  class << self
    attr_accessor :bumped
  end
  self.bumped = 0

  def bump(by:)
    MutationType.bumped += by
  end
end

class Schema < GraphQL::Schema
  use GraphQL::Subscriptions::ActionCableSubscriptions
  query QueryType
  mutation MutationType
  subscription SubscriptionType

  # Some clients send the variables as a string.
  def self.answer(request, context = {})
    variables = request["variables"]
    execute(
      request["query"],
      variables: (variables.is_a?(String) ? JSON.parse(variables) : variables) || {},
      operation_name: request["operationName"],
      context: context
    )
  end
end
