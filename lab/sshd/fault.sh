#!/bin/sh
# In the place of chpasswd and mv: runs the real one, unless faults/ACCOUNT says to lose the request, to hold back the answer, or to be slow.
tool=$(basename "$0")
if [ "$tool" = chpasswd ]; then
  input=$(cat)
  account=${input%%:*}
else
  for last in "$@"; do :; done
  account=${last#/home/}
  account=${account%%/*}
fi
order=@DIR@/faults/$account
fault=
[ -n "$account" ] && [ -f "$order" ] && fault=$(cat "$order")
met() { : >"$order.met"; }
case $fault in
slow) met; sleep 20; exit 1 ;;
lose) met; sleep 2; exit 1 ;;
esac
if [ "$tool" = chpasswd ]; then
  if [ -z "$input" ]; then "@DIR@/real/$tool" "$@" </dev/null; else printf '%s\n' "$input" | "@DIR@/real/$tool" "$@"; fi
else
  "@DIR@/real/$tool" "$@"
fi
status=$?
if [ "$fault" = swallow ]; then met; sleep 2; fi
exit $status
