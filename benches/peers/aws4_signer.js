// aws4, a signer for Node. It caches the derived key. Takes turns as turns.py tells.
const aws4 = require('aws4')
const lines = require('readline').createInterface({ input: process.stdin })

let given
let requests

function sign(request) {
  const { method, host, target, headers, body } = request
  const options = { method, host, path: target, headers: { ...headers }, body, service: given.service, region: given.region }
  return aws4.sign(options, request.credentials)
}

function start(line) {
  given = JSON.parse(line)
  requests = Object.fromEntries(given.requests.map((request) => [request.name, request]))
  const signed = {}
  for (const request of given.requests) {
    request.headers = Object.fromEntries(request.headers)
    request.credentials = {
      accessKeyId: given.access_key_id,
      secretAccessKey: given.secret_access_key,
      sessionToken: request.token ?? undefined,
    }
    signed[request.name] = Object.entries(sign(request).headers).map(([name, value]) => [name, String(value)])
    // Until it is compiled.
    for (let turn = 0; turn < 3000; turn++) sign(request)
  }
  console.log(JSON.stringify(signed))
}

function turn(line) {
  const [name, times] = line.split(' ')
  const request = requests[name]
  sign(request) // the caches of the processor are somebody else's by now
  const start = process.hrtime.bigint()
  for (let turn = 0; turn < times; turn++) sign(request)
  console.log(String(process.hrtime.bigint() - start))
}

lines.on('line', (line) => (given ? turn(line) : start(line)))
