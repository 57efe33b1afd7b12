#!/bin/sh
# Ends what its owner left behind: the process groups named as arguments, and those that lines "+ PGID" and "- PGID" on
# standard input add and remove. The pipe there has one writer, the owner. When it ends, however the owner died, every
# group still listed gets SIGTERM and, a second later, SIGKILL.
trap '' HUP INT TERM
listed=" $* "
while read -r sign group; do
  case $sign in
    +) listed="$listed$group " ;;
    -) listed="${listed%% "$group" *} ${listed#* "$group" }" ;;
  esac
done

alive() {
  for group in $listed; do
    if kill -s 0 -- "-$group" 2>/dev/null; then return 0; fi
  done
  return 1
}
signal_all() {
  for group in $listed; do kill -s "$1" -- "-$group" 2>/dev/null; done
}

signal_all TERM
tenths=0
while [ "$tenths" -lt 10 ] && alive; do
  sleep 0.1
  tenths=$((tenths + 1))
done
signal_all KILL
exit 0
