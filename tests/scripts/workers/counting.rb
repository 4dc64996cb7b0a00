# frozen_string_literal: true

# Counts on where the worker before it stopped.
require "hanse"

counted = 0
Hanse.init { |state| counted = state || 0 }
Hanse.checkpoint { counted }
Hanse.function(:count) { counted += 1 }

Hanse.run
