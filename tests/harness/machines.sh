# Sourced by tests of machines: `run NAME` compiles tests/machines/NAME.erl and runs its tests on Hanse; stock has no machines.
set -u
run() {
  erlc -o "$SCRATCH" "$ROOT/tests/scripts/lib/pool_test.erl" && erlc -pa "$SCRATCH" -o "$SCRATCH" "$ROOT/tests/machines/$1.erl" || exit 1
  "$HANSE" -noshell -pa "$SCRATCH" -eval "pool_test:run($1)." || exit 1
}
