# frozen_string_literal: true

module Hanse
  # A call back into Erlang failed; `reason` is the term that tells why.
  class CallError < StandardError
    attr_reader :reason

    def initialize(reason)
      super(reason.inspect)
      @reason = reason
    end
  end

  # The worker does not offer it.
  class NoSuchFunction < StandardError; end

  # Frames of {packet,4} over a pair of descriptors.
  class Channel
    READ_BYTES = 1 << 17

    # The pool says where its data goes (HANSE_CHANNEL); else it is standard input and output, which are then closed to everybody else:
    # what is printed goes to standard error.
    def self.descriptors
      $stdout.sync = true
      named = ENV["HANSE_CHANNEL"]
      return named.split(",").map { |word| IO.for_fd(word.to_i, autoclose: false).binmode } if named

      pair = [IO.for_fd($stdin.fcntl(0, 3)).binmode, IO.for_fd($stdout.fcntl(0, 3)).binmode]
      $stdin.reopen(File::NULL)
      $stdout.reopen($stderr)
      pair
    end

    def initialize(source, target)
      @source = source
      @target = target
      @target.sync = true
      @data = String.new(encoding: Encoding::BINARY)
      @at = 0
    end

    # The next frame; nil at the end of input.
    def read
      fill(4) or return nil
      size = @data.byteslice(@at, 4).unpack1("N")
      fill(4 + size) or return nil
      @at += 4 + size
      @data.byteslice(@at - size, size)
    end

    def write(frame)
      @target.write([frame.bytesize].pack("N"), frame)
    end

    private

    def fill(wanted)
      while @data.bytesize - @at < wanted
        @data = @data.byteslice(@at..) if @at.positive?
        @at = 0
        @data << @source.readpartial([READ_BYTES, wanted - @data.bytesize].max)
      end
      true
    rescue EOFError
      nil
    end
  end

  # Takes calls from the pool, one after the other. The messages are told in the client for Python and in docs/scripts.md.
  class Worker
    STREAM_CREDIT = 16

    def initialize(channel, functions, hooks)
      @channel = channel
      @functions = functions
      @hooks = hooks
      @backlog = []
      @answers = {}
      @credit = {}
      @last_id = 0
    end

    def serve
      while (message = @backlog.shift || receive)
        message[0] == :C ? answer(*message[1..]) : take(message)
      end
    rescue Errno::EPIPE, Interrupt
      nil
    end

    def call(mod, function, arguments)
      @last_id = id = (@last_id + 1) & 0x7fffffff
      tell(:C, id, mod, function, arguments)
      take(receive || raise(Errno::EPIPE)) until @answers.key?(id)
      kind, value = @answers.delete(id)
      raise CallError, value if kind == :e

      value
    end

    private

    def receive
      frame = @channel.read
      frame && Terms.decode(frame)
    end

    # Answers carry their number as INTEGER_EXT, which the pool's fast path knows.
    def tell(kind, id, *rest)
      out = String.new("\x83", encoding: Encoding::BINARY)
      out << [104, 2 + rest.size, 119, 1].pack("CCCC") << kind.name << [98, id].pack("CN")
      rest.each { |value| Terms.encode_into(value, out) }
      @channel.write(out)
    end

    def answer(id, mod, function, arguments)
      value = target(mod, function).call(*arguments)
      value = stream(id, value) if value.is_a?(Enumerator)
      tell(:r, id, value)
    rescue Errno::EPIPE
      raise
    rescue StandardError, NotImplementedError, SystemStackError, NoMemoryError => e
      stack = (e.backtrace || []).first(50)
      tell(:e, id, Tuple.of(:exception, e.class.name.to_s, e.message.to_s, stack))
    end

    def target(mod, function)
      found = mod == :"$hanse" ? own(function) : (mod == :"" && @functions[function])
      found || raise(NoSuchFunction, "#{function}; this worker offers #{@functions.keys.sort.join(', ')}")
    end

    # The pool's own calls.
    def own(function)
      case function
      when :init
        lambda do |state|
          @hooks[:init]&.call(state)
          { checkpoint: @hooks.key?(:checkpoint), "language" => "ruby", "pid" => Process.pid }
        end
      when :checkpoint then -> { @hooks[:checkpoint]&.call }
      when :self_test then -> { @hooks[:self_test]&.call && :ok || :ok }
      when :heartbeat then -> { :ok }
      end
    end

    def stream(id, items)
      @credit[id] = STREAM_CREDIT
      items.each do |item|
        take(receive || raise(Errno::EPIPE)) while @credit[id]&.zero?
        break if @credit[id].nil?

        @credit[id] -= 1
        tell(:s, id, item)
      end
      :done
    ensure
      @credit.delete(id)
    end

    # Anything but the call that is served next.
    def take(message)
      kind, id, value = message
      case kind
      when :C then @backlog << message
      when :r, :e then @answers[id] = [kind, value]
      when :k then @credit[id] += value if @credit[id]
      when :x then @credit.delete(id)
      end
    end
  end
end
