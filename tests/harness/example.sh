# Sourced by the tests of examples. Runs an example on stock Erlang and on Hanse; both must print the same.
#   same NAME [ARG...]
set -u
same() {
  name=$1
  shift
  mkdir -p "$SCRATCH/$name"
  erlc -o "$SCRATCH/$name" "$ROOT/examples/$name"/*.erl || exit 1
  list=
  for argument in "$@"; do list="$list${list:+,}\"$argument\""; done
  for vm in "$ERL" "$HANSE"; do
    out=$SCRATCH/$name.$(basename "$vm")
    (cd "$SCRATCH" && "$vm" -noshell -pa "$SCRATCH/$name" -eval "$name:main([$list]), init:stop()." >"$out" 2>&1)
    status=$?
    if [ $status != 0 ]; then
      echo "$vm: status $status"
      tail -20 "$out"
      exit 1
    fi
  done
  diff "$SCRATCH/$name.$(basename "$ERL")" "$SCRATCH/$name.$(basename "$HANSE")" || exit 1
  output=$SCRATCH/$name.$(basename "$HANSE")
}
# expect TEXT: the output has it
expect() { grep -qF -- "$1" "$output" || { echo "not in the output: $1"; cat "$output"; exit 1; }; }
