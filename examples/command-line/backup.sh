#!/usr/bin/env sh
# A backup that leaves one audit event, whether it worked or not. Started again under the same
# number it leaves no second event.
#
#   npx immutablelog emulator --port 4800
#   IMTBL_URL=http://127.0.0.1:4800 IMTBL_API_KEY=local sh examples/command-line/backup.sh 118 examples
set -eu
number="$1"
folder="$2"
archive="$(mktemp)"

if tar -cf "$archive" "$folder" 2>/dev/null; then type=success; else type=error; fi

printf '{"number":%d,"bytes":%d}' "$number" "$(wc -c <"$archive")" |
  npx immutablelog send --event-name backup.finished --type "$type" \
    --idempotency-key "backup-$number" --trail backups --payload -
rm "$archive"
