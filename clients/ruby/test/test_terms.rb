# frozen_string_literal: true

require "minitest/autorun"
require "hanse"

class TestTerms < Minitest::Test
  include Hanse

  VALUES = [0, 255, 256, -1, 2**31 - 1, 2**31, -2**31, -2**31 - 1, 2**64, -2**2100, 1.5, -0.25, "", "text".b, "\xff" * 70_000, :atom, :"ä",
            true, false, nil, [], [1, [2]], [1, 2, 3], Tuple.of, Tuple.of(1, Tuple.of(2)), Tuple.new((0..300).to_a), {}, { a: 1, 2 => ["x".b] },
            ImproperList.new([1], 2), Bits.new("\xe0".b, 3)].freeze

  def test_round_trip
    VALUES.each do |value|
      decoded = Terms.decode(Terms.encode(value))
      expected = value.is_a?(String) ? value.b : value
      assert_equal [expected], [decoded]
      assert_equal expected.class, decoded.class
    end
  end

  def test_known_bytes
    { "\x83a\x05" => 5, "\x83b\xff\xff\xff\xfe" => -2, "\x83d\x00\x02ok" => :ok, "\x83k\x00\x02AB" => [65, 66], "\x83h\x01j" => Tuple.of([]),
      "\x83c1.50000000000000000000e+00\0\0\0\0\0" => 1.5, "\x83m\0\0\0\1x" => "x", "\x83n\x01\x01\x07" => -7 }.each do |bytes, value|
      assert_equal value, Terms.decode(bytes.b)
    end
  end

  def test_compressed
    term = Terms.encode("a" * 1000)
    compressed = [131, 80, term.bytesize - 1].pack("CCN") + Zlib.deflate(term.byteslice(1..))
    assert_equal "a" * 1000, Terms.decode(compressed)
    bomb = [131, 80, 10].pack("CCN") + Zlib.deflate("x" * 1_000_000)
    assert_raises(TermError) { Terms.decode(bomb) }
  end

  def test_every_cut_is_an_error
    VALUES.reject { |value| value.is_a?(String) && value.size > 100 }.each do |value|
      bytes = Terms.encode(value)
      (0...bytes.bytesize).each { |size| assert_raises(TermError) { Terms.decode(bytes.byteslice(0, size)) } }
      assert_raises(TermError) { Terms.decode("#{bytes}x") }
    end
  end

  def test_sizes_are_checked
    ["\x83l\xff\xff\xff\xff", "\x83i\xff\xff\xff\xff", "\x83m\xff\xff\xff\xff", "\x83t\xff\xff\xff\xff", "\x83o\xff\xff\xff\xff\0",
     "\x83#{"l\0\0\0\1" * 100_000}", "\x83\xff", "\x82a\1", ""].each { |bytes| assert_raises(TermError) { Terms.decode(bytes.b) } }
  end

  def test_random_bytes
    random = Random.new(1)
    5000.times do
      bytes = "\x83".b + random.bytes(random.rand(40))
      begin
        Terms.decode(bytes)
      rescue TermError
        next
      end
    end
  end

  def test_values_that_erlang_does_not_have
    [Float::NAN, Float::INFINITY, Object.new, ("a" * 256).to_sym].each { |value| assert_raises(TermError) { Terms.encode(value) } }
  end
end
