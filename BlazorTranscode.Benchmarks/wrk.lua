-- Sends each line of a file once as a body, then begins again. Prints what was answered: count, errors, microseconds.
local requests = {}
local sent = 0

function init(arguments)
  local head = { ["Content-Type"] = "text/plain; charset=UTF-8" }
  for body in io.lines(arguments[1]) do
    requests[#requests + 1] = wrk.format("POST", nil, head, body)
  end
end

function request()
  sent = sent % #requests + 1
  return requests[sent]
end

function done(summary)
  local errors = summary.errors
  print("answers", summary.requests, errors.connect + errors.read + errors.write + errors.status + errors.timeout, summary.duration)
end
