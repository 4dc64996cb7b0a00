# frozen_string_literal: true

require "hanse/terms"
require "hanse/worker"

# Functions that Erlang calls: a worker of one of Hanse's script pools.
#
#   require "hanse"
#   Hanse.function(:double) { |number| 2 * number }
#   Hanse.run
module Hanse
  @functions = {}
  @hooks = {}

  class << self
    # What the worker offers: name => callable.
    attr_reader :functions

    # init, checkpoint, self_test, where the script has them.
    attr_reader :hooks

    # Offers a block under a name.
    def function(name, &block)
      raise ArgumentError, "a function needs a block" unless block

      functions[name.to_sym] = block
    end

    # Offers the public methods of an object, or the module functions of a module.
    def offer(object)
      (object.public_methods(false) | object.singleton_methods(false)).each { |name| functions[name] = object.method(name) }
    end

    # Called before the first call, with the state of the worker before (nil: there was none).
    def init(&block) = hooks[:init] = block

    # Called from time to time and before an orderly end; answers the state for the next incarnation.
    def checkpoint(&block) = hooks[:checkpoint] = block

    # Called before a new version of the script replaces an old one; an exception keeps the old one.
    def self_test(&block) = hooks[:self_test] = block

    # Calls a function in Erlang, if the pool allows it.
    def call(mod, function, *arguments)
      raise "Hanse.call before Hanse.run" unless @worker

      @worker.call(mod.to_sym, function.to_sym, arguments)
    end

    # Hands a state for the next incarnation to the pool now.
    def save(state) = call(:"$hanse", :save, state)

    # Serves calls until the pool closes the channel.
    def run
      @worker = Worker.new(Channel.new(*Channel.descriptors), functions, hooks)
      @worker.serve
    end
  end
end
