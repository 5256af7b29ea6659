-- The action `http-request lua.heare_auth`: asks heare-auth whether the request has a good key, with the scopes that
-- txn.required_scope names. Lets it through with four X-Auth headers, or answers in its place. HAProxy passes over an
-- action that fails: only where txn.heare_auth is "good" afterwards has it come to its end.

local address = "http://127.0.0.1:8080/auth/"
-- Of one try; HAProxy makes four, which is 5 seconds.
local timeout_ms = 1250

local asked_with = { "authorization", "x-api-key", "user-agent" }
local told = { "x-auth-key-id", "x-auth-key-name", "x-auth-owner", "x-auth-scopes" }
local answered_with = { "content-type", "www-authenticate", "x-auth-reason" }

-- Of each of these headers all lines.
local function pick(headers, names)
  local picked = {}
  for _, name in ipairs(names) do
    local values = {}
    for _, value in pairs(headers[name] or {}) do
      table.insert(values, value)
    end
    if #values > 0 then
      picked[name] = values
    end
  end
  return picked
end

core.register_action("heare_auth", { "http-req" }, function(txn)
  local question = pick(txn.http:req_get_headers(), asked_with)
  local required_scope = txn:get_var("txn.required_scope")
  if required_scope then
    question["x-auth-required-scope"] = { required_scope }
  end

  local answer = core.httpclient():get({ url = address, headers = question, timeout = timeout_ms })
  if answer.status == 200 then
    local identity = pick(answer.headers, told)
    for _, name in ipairs(told) do
      txn.http:req_set_header(name, identity[name][1])
    end
    txn:set_var("txn.heare_auth", "good")
  elseif answer.status == 401 or answer.status == 403 then
    txn:done({ status = answer.status, headers = pick(answer.headers, answered_with), body = answer.body })
  else
    txn:done({ status = 503 })
  end
end)
