# graphql-ruby over Action Cable, as its guide has it, for puma: what Debian packages, and no `rails new`.
require "action_cable"
require "graphql"
require_relative "schema"

# It ends with whoever holds the other end of its standard input, and says so to who is connected.
Thread.new do
  $stdin.read
  ActionCable.server.restart
  exit!
end

AUTH = ENV["FIBERLINE_AUTH"] == "true"
CREDENTIALS = ENV.fetch("FIBERLINE_CREDENTIALS")

class Connection < ActionCable::Connection::Base
  # What is wrong here refuses the connection; what is missing is for the channel to ask for.
  def connect
    given = request.headers["Authorization"] || request.params["authorization"]
    reject_unauthorized_connection if AUTH && given && given != CREDENTIALS
  end
end

class GraphqlChannel < ActionCable::Channel::Base
  def subscribed
    reject if AUTH && params["authorization"] != CREDENTIALS
    @subscription_ids = []
    @feeds = []
  end

  def execute(data)
    context = { channel: self, subscriber: SecureRandom.uuid, feeds: [] }
    result = Schema.answer(data, context)
    @subscription_ids << result.context[:subscription_id] if result.context[:subscription_id]
    transmit({ result: result.to_h, more: result.subscription? })
    @feeds += context[:feeds].map { |feed| Thread.new { start(feed) } }
  end

  def unsubscribed
    @feeds.each(&:kill)
    @subscription_ids.each { |id| Schema.subscriptions.delete_subscription(id) }
  end

  private

  # Rails listens to a new stream in a thread of its own, and loses what is published before it does.
  def start(feed)
    sleep 0.001 while defer_subscription_confirmation?
    feed.call
  end
end

cable = ActionCable.server.config
# With its usual four threads results may overtake each other, as in any application of Rails.
cable.cable = { "adapter" => "inline" }
cable.worker_pool_size = 1
cable.connection_class = -> { Connection }
cable.logger = Logger.new(File::NULL)
# No browser comes here.
cable.disable_request_forgery_protection = true

json = { "Content-Type" => "application/json" }

post = lambda do |env|
  authorization = env["HTTP_AUTHORIZATION"]
  next [401, json, ["{}"]] if AUTH && authorization != CREDENTIALS
  [200, json, [Schema.answer(JSON.parse(env["rack.input"].read)).to_json]]
end

map "/graphql" do
  run ->(env) { (env["REQUEST_METHOD"] == "POST" ? post : ActionCable.server).call(env) }
end
