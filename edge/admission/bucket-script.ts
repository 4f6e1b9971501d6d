/**
 * The global bucket: KEYS are the buckets of one request (user, address, auction); ARGV has four numbers for each:
 * rate per ms, burst, tokens needed now, tokens wanted as a lease. Either every bucket can give what is needed and each
 * grants up to what is wanted (but beyond the need never more than half of what it has, so that the first to ask do
 * not leave the others without), or none gives anything. Redis' own clock fills the buckets, so that no client's can.
 * Answers {1, granted…} or {0, which bucket, milliseconds until it can}.
 */
export const BUCKET_SCRIPT = `
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local tokens = {}
local wait, culprit = -1, 0
for i, key in ipairs(KEYS) do
  local rate, burst, need = tonumber(ARGV[i * 4 - 3]), tonumber(ARGV[i * 4 - 2]), tonumber(ARGV[i * 4 - 1])
  local stored = redis.call("HMGET", key, "tokens", "at")
  local have, at = tonumber(stored[1]) or burst, tonumber(stored[2]) or now
  have = math.min(burst, have + math.max(0, now - at) * rate)
  tokens[i] = have
  if have < need then
    local until_ms = math.ceil((need - have) / rate)
    if until_ms > wait then wait, culprit = until_ms, i end
  end
end
if culprit > 0 then return {0, culprit, wait} end
local answer = {1}
for i, key in ipairs(KEYS) do
  local rate, burst = tonumber(ARGV[i * 4 - 3]), tonumber(ARGV[i * 4 - 2])
  local need, want = tonumber(ARGV[i * 4 - 1]), tonumber(ARGV[i * 4])
  local granted = math.max(need, math.floor(math.min(tokens[i] / 2, want)))
  answer[i + 1] = granted
  redis.call("HSET", key, "tokens", tostring(tokens[i] - granted), "at", tostring(now))
  redis.call("PEXPIRE", key, math.ceil(burst / rate) + 1000)
end
return answer
`;
