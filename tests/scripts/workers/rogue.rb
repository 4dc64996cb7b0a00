# frozen_string_literal: true

# A worker for bad days, in Ruby.
require "hanse"

Hanse.function(:double) { |number| 2 * number }
Hanse.function(:echo) { |value| value }
Hanse.function(:fail) { |text| raise ArgumentError, text }
Hanse.function(:never) { sleep }
Hanse.function(:leave) { |status| exit!(status) }
Hanse.function(:count) { |number| (0...number).each }
Hanse.function(:back) { |mod, function, *arguments| Hanse.call(mod, function, *arguments) }
Hanse.function(:say) do |text|
  puts text
  :ok
end

Hanse.run
