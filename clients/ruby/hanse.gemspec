# frozen_string_literal: true

Gem::Specification.new do |gem|
  gem.name = "hanse"
  gem.version = "0.1.0"
  gem.summary = "Workers of Hanse's script pools: functions that Erlang calls"
  gem.authors = ["Hanse"]
  gem.license = "Apache-2.0"
  gem.required_ruby_version = ">= 3.0"
  gem.files = Dir["lib/**/*.rb", "sig/**/*.rbs", "README.md"]
end
