# frozen_string_literal: true

require "zlib"

module Hanse
  # Bytes that are no external term, or a value that Erlang does not have.
  class TermError < StandardError; end

  # A tuple; lists are arrays.
  class Tuple < Array
    def self.of(*elements) = new(elements)

    def inspect = "{#{map(&:inspect).join(', ')}}"
  end

  # [a, b | tail]
  ImproperList = Struct.new(:elements, :tail)

  # A binary whose last byte has only `last` bits, the high ones.
  Bits = Struct.new(:data, :last)

  # A pid, port, reference or fun as it came: it can be sent back, nothing else.
  Opaque = Struct.new(:data)

  # Erlang's external term format (the chapter of that name in the documentation of erts).
  #
  #   integer, float, list, map   Integer, Float, Array, Hash
  #   atom                        Symbol; true, false, nil (undefined)
  #   binary                      String, as bytes; a String of any encoding is encoded as one
  #   tuple                       Tuple
  #
  # Decoding builds these values and nothing else; it answers or raises TermError. Sizes are checked before memory is taken for them.
  module Terms
    MAX_DEPTH = 200
    MAX_INFLATED_BYTES = 256 << 20
    SINGULAR = { true: true, false: false, undefined: nil }.freeze

    module_function

    # The value of a whole external term, with its version byte (131).
    def decode(bytes)
      raise TermError, "an external term starts with 131" unless bytes.getbyte(0) == 131

      bytes = inflate(bytes) if bytes.getbyte(1) == 80
      reader = Reader.new(bytes, 1)
      value = reader.term(0)
      raise TermError, "#{bytes.bytesize - reader.at} bytes behind the term" unless reader.at == bytes.bytesize

      value
    end

    # A whole external term, with its version byte.
    def encode(value) = encode_into(value, String.new("\x83", encoding: Encoding::BINARY))

    # Appends the term, without the version byte.
    def encode_into(value, out)
      case value
      when Integer then integer(value, out)
      when String then out << [109, value.bytesize].pack("CN") << value.b
      when Symbol then atom(value.name, out)
      when nil then atom("undefined", out)
      when true then atom("true", out)
      when false then atom("false", out)
      when Float
        raise TermError, "Erlang has no #{value}" unless value.finite?

        out << [70, value].pack("CG")
      when Tuple
        out << (value.size < 256 ? [104, value.size].pack("CC") : [105, value.size].pack("CN"))
        value.each { |element| encode_into(element, out) }
      when Array
        list(value, out)
        out << "j"
      when Hash
        out << [116, value.size].pack("CN")
        value.each { |key, content| encode_into(content, encode_into(key, out)) }
      when ImproperList
        list(value.elements, out)
        encode_into(value.tail, out)
      when Bits then out << [77, value.data.bytesize, value.last].pack("CNC") << value.data.b
      when Opaque then out << value.data
      else raise TermError, "a value of class #{value.class} has no counterpart in Erlang"
      end
      out
    rescue SystemStackError
      raise TermError, "nested too deeply"
    end

    def integer(value, out)
      if value >= 0 && value < 256
        out << [97, value].pack("CC")
      elsif value.bit_length < 32
        out << [98, value].pack("Cl>")
      else
        digits = value.abs.digits(256).pack("C*")
        head = digits.bytesize < 256 ? [110, digits.bytesize].pack("CC") : [111, digits.bytesize].pack("CN")
        out << head << (value.negative? ? 1 : 0) << digits
      end
    end

    def atom(name, out)
      raise TermError, "an atom of #{name.length} characters; 255 are the limit" if name.length > 255

      name = name.b
      out << (name.bytesize < 256 ? [119, name.bytesize].pack("CC") : [118, name.bytesize].pack("Cn")) << name
    end

    def list(elements, out)
      return if elements.empty?

      out << [108, elements.size].pack("CN")
      elements.each { |element| encode_into(element, out) }
    end

    def inflate(bytes)
      size = bytes.byteslice(2, 4).unpack1("N")
      raise TermError, "the term ends too early" unless size
      raise TermError, "a compressed term of #{size} bytes" if size > MAX_INFLATED_BYTES

      inflater = Zlib::Inflate.new
      inflated = String.new("\x83", encoding: Encoding::BINARY)
      inflater.inflate(bytes.byteslice(6..)) do |part|
        inflated << part
        raise TermError, "a compressed term larger than it says" if inflated.bytesize > size + 1
      end
      raise TermError, "a compressed term of another size than it says" unless inflated.bytesize == size + 1

      inflated
    rescue Zlib::Error => e
      raise TermError, e.message
    end

    # Reads one term after the other.
    class Reader
      attr_reader :at

      def initialize(bytes, position)
        @bytes = bytes
        @at = position
      end

      def term(depth)
        raise TermError, "nested deeper than #{MAX_DEPTH}" if depth > MAX_DEPTH

        tag = byte
        case tag
        when 97 then byte
        when 98 then number(4, "l>")
        when 109 then take(number(4, "N"))
        when 100, 118 then symbol(take(number(2, "n")), tag)
        when 115, 119 then symbol(take(byte), tag)
        when 104 then Tuple.new(elements(byte, depth))
        when 105 then Tuple.new(elements(number(4, "N"), depth))
        when 106 then []
        when 107 then take(number(2, "n")).bytes
        when 108 then list(depth)
        when 116 then Hash[*elements(2 * number(4, "N"), depth)]
        when 70 then number(8, "G")
        when 99 then Float(take(31).delete("\0"))
        when 110 then big(byte)
        when 111 then big(number(4, "N"))
        when 77
          size = number(4, "N")
          last = byte
          Bits.new(take(size), last)
        else opaque(tag, depth)
        end
      rescue ArgumentError => e
        raise TermError, e.message
      end

      private

      def byte
        value = @bytes.getbyte(@at)
        raise TermError, "the term ends too early" unless value

        @at += 1
        value
      end

      def take(size)
        raise TermError, "expected #{size} bytes, there are #{@bytes.bytesize - @at}" if size > @bytes.bytesize - @at

        @at += size
        @bytes.byteslice(@at - size, size)
      end

      def number(size, format) = take(size).unpack1(format)

      def symbol(name, tag)
        name = tag >= 118 ? name.force_encoding(Encoding::UTF_8) : name.force_encoding(Encoding::ISO_8859_1).encode(Encoding::UTF_8)
        raise TermError, "a name that is not UTF-8" unless name.valid_encoding?

        found = name.to_sym
        SINGULAR.fetch(found, found)
      end

      def elements(count, depth)
        raise TermError, "#{count} elements in #{@bytes.bytesize - @at} bytes" if count > @bytes.bytesize - @at

        Array.new(count) { term(depth + 1) }
      end

      def list(depth)
        taken = elements(number(4, "N"), depth)
        tail = term(depth + 1)
        tail == [] ? taken : ImproperList.new(taken, tail)
      end

      def big(size)
        negative = byte == 1
        value = take(size).reverse.unpack1("H*").to_i(16)
        negative ? -value : value
      end

      # What can only be sent back: how long it is, by its tag.
      def opaque(tag, depth)
        start = @at - 1
        case tag
        when 88, 120 then skip_behind_atom(12, depth)
        when 89 then skip_behind_atom(8, depth)
        when 102 then skip_behind_atom(5, depth)
        when 103 then skip_behind_atom(9, depth)
        when 90, 114
          words = number(2, "n")
          skip_behind_atom((tag == 90 ? 4 : 1) + 4 * words, depth)
        when 112 then take(number(4, "N") - 4)
        when 113 then 3.times { term(depth + 1) }
        else raise TermError, "unknown tag #{tag}"
        end
        Opaque.new(@bytes.byteslice(start, @at - start))
      end

      def skip_behind_atom(size, depth)
        term(depth + 1)
        take(size)
      end
    end
  end
end
