#!/bin/sh
# What users do on an ordinary day; trace.py runs it and looks which methods are called.
set -eu
exec >&2
zd=$1
cd "$(mktemp -d)"
trap '"$zd" kill; rm -rf "$PWD"' EXIT
cat > server.js <<'JS'
require('http').createServer((request, response) => { console.log(request.url); response.end('hello') }).listen(+process.env.PORT, '127.0.0.1')
JS
cat > inherits.js <<'JS'
require('http').createServer((request, response) => response.end('hello')).listen({ fd: 3 })
JS
cat > ecosystem.yaml <<YAML
apps:
  - name: web
    script: ./server.js
    exec_mode: cluster
    instances: 2
    env: { PORT: 18961 }
  - name: job
    script: /bin/sleep
    args: [1000]
    interpreter: none
  - name: own
    script: ./inherits.js
    listen: 127.0.0.1:18962
YAML
"$zd" start ecosystem.yaml
"$zd" list
sleep 7 # memory is looked at now and then
"$zd" reload web
"$zd" logs --nostream
"$zd" jlist > /dev/null
"$zd" describe web
kill -9 "$("$zd" pid job)"
"$zd" scale web 3
"$zd" restart all
"$zd" stop job
"$zd" start job
"$zd" delete job
