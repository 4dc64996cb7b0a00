# Sourced by tests of script pools: `run NAME` compiles tests/scripts/NAME.erl and runs its tests on Hanse, and on stock with --long.
set -u
SCRIPTS=$ROOT/tests/scripts/workers
export SCRIPTS
run() {
  erlc -o "$SCRATCH" "$ROOT/tests/scripts/lib/pool_test.erl" && erlc -pa "$SCRATCH" -o "$SCRATCH" "$ROOT/tests/scripts/$1.erl" || exit 1
  machines="$HANSE"
  [ -n "${LONG:-}" ] && machines="$HANSE $ERL"
  for vm in $machines; do
    "$vm" -noshell -pa "$SCRATCH" -pa "$BUILD/lib/hanse/ebin" -eval "pool_test:run($1)." || { echo "on $vm"; exit 1; }
  done
}
