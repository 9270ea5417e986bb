#!/usr/bin/env bash
# Build the portal's style sheet: npm ci, sass, sizes made relative (CS2140401C). The result is committed with checksums.
set -euo pipefail
cd "$(dirname "$0")"
npm ci --silent
npx sass --quiet-deps --no-source-map --style=compressed app.scss \
  | sed -E 's/font-size:([0-9.]+)pt/font-size:calc(\1rem \/ 12)/g; s/max\(16px,/max(1rem,/g; s/font-size:30px/font-size:1.875rem/g' \
  > ../gateway/static/portal.css
cd ../gateway/static && sha256sum portal.css portal.js desk.js quick_answers.js contact.js mark.svg > checksums.txt
